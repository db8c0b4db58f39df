package config

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is a text that must not be seen in a log, an error or an answer. Whatever prints or encodes it gets
// "[redacted]"; only [Secret.Reveal] gives the text.
type Secret string

// Reveal returns the secret text itself.
func (s Secret) Reveal() string { return string(s) }

// String hides the text.
func (s Secret) String() string { return redacted }

// GoString hides the text from %#v.
func (s Secret) GoString() string { return redacted }

// Format hides the text whatever the verb, also from verbs that do not suit a text.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue hides the text from structured logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText hides the text from JSON, YAML and other encoders.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
