package config

import (
	"strings"
)

// Mistake is one thing that is wrong with the configuration. It never holds the value of a secret.
type Mistake struct {
	Origin string // where it was said: "greenroom.yaml:12", "GREENROOM_LISTEN", "--listen"; empty for a default
	Key    string // the key, such as apps[0].webhook.timeout; empty when the file as a whole is wrong
	Err    error  // what is wrong
}

// Error is one line: place, key and problem, as far as they are known.
func (m Mistake) Error() string {
	parts := make([]string, 0, 3)
	if m.Origin != "" {
		parts = append(parts, m.Origin)
	}
	if m.Key != "" {
		parts = append(parts, m.Key)
	}
	return strings.Join(append(parts, m.Err.Error()), ": ")
}

// Unwrap returns the cause.
func (m Mistake) Unwrap() error { return m.Err }

// Mistakes is everything that is wrong with the configuration: the error of [Load], [CheckFile] and [Config.Validate].
type Mistakes []Mistake

// Error has one line for each mistake.
func (ms Mistakes) Error() string {
	lines := make([]string, len(ms))
	for i, m := range ms {
		lines[i] = m.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.Is and errors.As look into every mistake.
func (ms Mistakes) Unwrap() []error {
	errs := make([]error, len(ms))
	for i, m := range ms {
		errs[i] = m
	}
	return errs
}

// err is nil when there is no mistake.
func (ms Mistakes) err() error {
	if len(ms) == 0 {
		return nil
	}
	return ms
}

// mistakesAt makes one mistake of each error that err joins.
func mistakesAt(path string, err error) Mistakes {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return Mistakes{{Key: path, Err: err}}
	}
	var found Mistakes
	for _, e := range joined.Unwrap() {
		found = append(found, Mistake{Key: path, Err: e})
	}
	return found
}

// overlaps tells whether the key of one mistake is, or lies in, the key of the other.
func (m Mistake) overlaps(other Mistake) bool {
	return m.Key != "" && other.Key != "" && (within(m.Key, other.Key) || within(other.Key, m.Key))
}

// within tells whether path is the key outer or lies below it.
func within(path, outer string) bool {
	rest, ok := strings.CutPrefix(path, outer)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// parent returns the key that path lies in: apps[0] of apps[0].admins, apps of apps[0], and "" of apps.
func parent(path string) string {
	return path[:max(strings.LastIndexAny(path, ".["), 0)]
}
