package config

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

const (
	sampleWidth = 116
	sampleHead  = `# Configuration of Greenroom, with every key at its default. Keep the lines that you change.
#
# A value is taken from the flag (--http-idle-timeout), else from the environment (GREENROOM_HTTP_IDLE_TIMEOUT), else
# from this file (http.idle_timeout), else it is the default. Check a changed file with: greenroom config check FILE
`
	sampleApps = `# An app, to be uncommented in place of the empty list:
#
`
)

// Sample returns a configuration file in YAML that sets every key to its default and explains it.
func Sample() []byte {
	var b bytes.Buffer
	b.WriteString(sampleHead)
	for _, k := range configKeys {
		b.WriteByte('\n')
		writeSample(&b, k, "")
	}
	return b.Bytes()
}

func writeSample(b *bytes.Buffer, k key, indent string) {
	writeComment(b, k, indent)
	switch k.shape {
	case section:
		fmt.Fprintf(b, "%s%s:\n", indent, k.name)
		for _, child := range k.children {
			writeSample(b, child, indent+"  ")
		}
	case items:
		fmt.Fprintf(b, "%s%s: []\n\n%s", indent, k.name, sampleApps)
		writeCommented(b, sampleItem(k))
	default:
		fmt.Fprintf(b, "%s%s: %s\n", indent, k.name, sampleValue(k))
	}
}

func writeComment(b *bytes.Buffer, k key, indent string) {
	text := k.doc
	if bounds := k.bounds(); bounds != "" {
		text += " " + strings.ToUpper(bounds[:1]) + bounds[1:] + "."
	}
	line := indent + "#"
	for word := range strings.FieldsSeq(text) {
		if len(line)+1+len(word) > sampleWidth {
			b.WriteString(line + "\n")
			line = indent + "#"
		}
		line += " " + word
	}
	b.WriteString(line + "\n")
}

func sampleValue(k key) string {
	switch {
	case k.shape == list:
		return "[" + strings.Join(quoted(splitList(k.fallback)), ", ") + "]"
	case k.required():
		return k.example
	case k.fallback == "":
		return `""`
	default:
		return k.fallback
	}
}

// quoted puts elements of a list in quotes that YAML would not read as plain text.
func quoted(elements []string) []string {
	out := make([]string, len(elements))
	for i, e := range elements {
		if out[i] = e; strings.Contains(e, ":") {
			out[i] = strconv.Quote(e)
		}
	}
	return out
}

// sampleItem writes a list with one element that has every key.
func sampleItem(k key) []byte {
	var element bytes.Buffer
	for _, child := range k.children {
		writeSample(&element, child, "    ")
	}
	return append([]byte(k.name+":\n  -\n"), element.Bytes()...)
}

func writeCommented(b *bytes.Buffer, text []byte) {
	for line := range strings.Lines(string(text)) {
		b.WriteString("# " + line)
	}
}
