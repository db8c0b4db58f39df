package config

import (
	"strings"

	"github.com/spf13/pflag"
)

// RegisterFlags adds a flag for each key outside apps: --listen, --tls-cert-file, --http-idle-timeout. A list is given
// with commas. The flags keep their texts; [Load] reads them, so that a wrong one is named together with every other
// mistake. It does not add --config.
func RegisterFlags(flags *pflag.FlagSet) {
	for _, k := range leaves(configKeys) {
		if k.shape == items {
			continue
		}
		flags.Var(&flagText{text: k.fallback, kind: flagKind(k)}, k.flag(), flagUsage(k))
	}
}

// flagText is the value of a flag as it was given.
type flagText struct{ text, kind string }

func (f *flagText) Set(text string) error { f.text = text; return nil }
func (f *flagText) String() string        { return f.text }
func (f *flagText) Type() string          { return f.kind }

// flagKind is the one word that stands behind the flag in the help.
func flagKind(k key) string {
	if k.shape == list {
		return "list"
	}
	switch k.typeName() {
	case "whole number":
		return "number"
	case "duration":
		return "duration"
	default:
		return "text"
	}
}

// flagUsage is the first sentence of the key's text, and its choices.
func flagUsage(k key) string {
	usage, _, _ := strings.Cut(strings.TrimSuffix(k.doc, "."), ". ")
	if len(k.choices) > 0 {
		usage += " (" + strings.Join(k.choices, ", ") + ")"
	}
	return usage
}
