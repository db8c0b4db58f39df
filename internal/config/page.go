package config

import (
	"bytes"
	"fmt"
	"strings"
)

const pageHead = `# Configuration

<!-- Made by "go generate ./internal/config" from the struct Config. Change that. -->

Greenroom runs without any configuration. What you want otherwise you say in one of three places; where several say
something, the first of these wins:

1. a **flag**: the key with dashes, ` + "`--http-idle-timeout 60s`" + `;
2. an **environment variable**: the key in capitals, ` + "`GREENROOM_HTTP_IDLE_TIMEOUT=60s`" + `;
3. the **YAML file** that ` + "`--config`" + ` names;

and otherwise the default holds. A list in a flag or a variable is separated by commas. A variable that is empty counts
as not set, and so does a key of the file without a value.

` + "`greenroom config`" + ` prints a file with every key, its default and its meaning. ` + "`greenroom config check FILE`" + ` checks a
file. Everything is checked when the server starts: it names every mistake at once, each with its place and its key, and
does not start. A key that does not exist is a mistake. A variable that begins with ` + "`GREENROOM_`" + ` and sets nothing is only
a warning, because Kubernetes makes such variables by itself; those that begin with ` + "`GREENROOM_CLI_`" + ` belong to the
command line client.

Durations are numbers with a unit: ` + "`500ms`, `30s`, `10m`, `24h`" + `. Secrets are never logged and never part of an error.
`

const pageApps = `Its keys are set for each app, in the file or in ` + "`GREENROOM_APPS`" + `; they have no flags:

` + "```sh" + `
GREENROOM_APPS="[{sdk_app_id: 1400000123, secret_key: $(openssl rand -hex 32)}]"
` + "```" + `
`

// Markdown returns the page docs/configuration.md.
func Markdown() []byte {
	var b bytes.Buffer
	b.WriteString(pageHead)
	var top []key
	for _, k := range configKeys {
		if k.shape == single || k.shape == list {
			top = append(top, k)
		}
	}
	b.WriteString("\n## Server\n\n")
	writeTable(&b, top)
	for _, k := range configKeys {
		if k.shape == section {
			fmt.Fprintf(&b, "\n## %s\n\n%s\n\n", k.name, k.doc)
			writeTable(&b, k.children)
		}
		if k.shape == items {
			fmt.Fprintf(&b, "\n## %s\n\n%s %s\n", k.name, k.doc, pageApps)
			writeItemTables(&b, k)
		}
	}
	return b.Bytes()
}

func writeTable(b *bytes.Buffer, keys []key) {
	b.WriteString("| key | default | meaning | variable and flag |\n| --- | --- | --- | --- |\n")
	for _, k := range keys {
		fmt.Fprintf(b, "| `%s` | %s | %s | `%s`<br>`--%s` |\n", k.path, pageDefault(k), pageMeaning(k), k.variable(), k.flag())
	}
}

func writeItemTables(b *bytes.Buffer, k key) {
	const head = "| key | default | meaning |\n| --- | --- | --- |\n"
	b.WriteString(head)
	var sections []key
	for _, child := range k.children {
		if child.shape == section {
			sections = append(sections, child)
			continue
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", child.path, pageDefault(child), pageMeaning(child))
	}
	for _, s := range sections {
		fmt.Fprintf(b, "\n### %s.%s\n\n%s\n\n%s", k.name, s.path, s.doc, head)
		for _, child := range s.children {
			fmt.Fprintf(b, "| `%s` | %s | %s |\n", child.path, pageDefault(child), pageMeaning(child))
		}
	}
}

func pageDefault(k key) string {
	switch {
	case k.required():
		return "required"
	case k.shape == list && k.fallback == "":
		return "empty list"
	case k.fallback == "":
		return "empty"
	default:
		return "`" + k.fallback + "`"
	}
}

// pageMeaning is the key's text with its type and bounds: `Whole number, from 1 to 9.`
func pageMeaning(k key) string {
	kind := k.typeName()
	if bounds := k.bounds(); bounds != "" {
		kind += ", " + bounds
	}
	text := k.doc + " *" + strings.ToUpper(kind[:1]) + kind[1:] + ".*"
	return strings.NewReplacer("|", `\|`, "<", "&lt;").Replace(text)
}
