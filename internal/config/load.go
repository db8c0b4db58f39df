package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/posflag"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"
)

// maxFileBytes is far beyond any real configuration; it keeps a wrong path from filling the memory.
const maxFileBytes = 1 << 20

// Options says where [Load] looks. Each field may be left out.
type Options struct {
	File    string         // path of the YAML file
	Environ []string       // NAME=value, as os.Environ returns it
	Flags   *pflag.FlagSet // parsed, with the flags of RegisterFlags; other flags in it are ignored
}

// Load reads all layers and validates the result, including that the TLS files can be loaded. The error is [Mistakes]
// with everything that is wrong, and then there is no Config. The warnings, one sentence each, name variables that
// begin with GREENROOM_ but set nothing; they come with or without an error.
//
// An environment variable that is empty counts as not set. A key without a value in the file keeps its default.
func Load(opts Options) (c *Config, warnings []string, err error) {
	l := loader{values: koanf.New("."), origins: map[string]string{}}
	l.merge(confmap.Provider(defaults(configKeys), "."))
	if opts.File != "" {
		l.file(opts.File)
	}
	l.environment(opts.Environ)
	if opts.Flags != nil {
		l.flags(opts.Flags)
	}
	c, err = l.finish()
	return c, l.warnings, err
}

// CheckFile reads and validates one file as [Load] would with no environment and no flags.
func CheckFile(path string) error {
	_, _, err := Load(Options{File: path})
	return err
}

// loader puts the layers one over the other.
type loader struct {
	values   *koanf.Koanf
	origins  map[string]string // by path: where the value that holds came from
	mistakes Mistakes
	warnings []string
}

func (l *loader) merge(layer koanf.Provider) {
	if err := l.values.Load(layer, nil); err != nil {
		l.mistakes = append(l.mistakes, Mistake{Err: fmt.Errorf("merge the configuration: %w", err)})
	}
}

func (l *loader) file(path string) {
	text, err := readFile(path)
	if err != nil {
		l.mistakes = append(l.mistakes, Mistake{Origin: path, Err: err})
		return
	}
	d := readFileText(path, text)
	l.merge(confmap.Provider(d.values, "."))
	l.take(d)
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", cause(err))
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", cause(err))
	}
	if len(text) > maxFileBytes {
		return nil, fmt.Errorf("is larger than %d bytes", maxFileBytes)
	}
	return text, nil
}

// cause drops the path from a file error, for lines that name it already.
func cause(err error) error {
	var pathErr *os.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err
	}
	return err
}

func (l *loader) environment(environ []string) {
	byName, names := variables()
	l.merge(env.Provider(".", env.Opt{
		Prefix:      envPrefix,
		EnvironFunc: func() []string { return environ },
		TransformFunc: func(name, text string) (string, any) {
			k, known := byName[name]
			if !known {
				if !strings.HasPrefix(name, envCLIPrefix) {
					l.warnings = append(l.warnings, unknownVariable(name, names))
				}
				return "", nil
			}
			if text == "" {
				return "", nil
			}
			return l.override(k, name, text)
		},
	}))
	slices.Sort(l.warnings)
}

func (l *loader) flags(flags *pflag.FlagSet) {
	byFlag := map[string]key{}
	for _, k := range leaves(configKeys) {
		byFlag[k.flag()] = k
	}
	l.merge(posflag.ProviderWithFlag(flags, ".", nil, func(f *pflag.Flag) (string, any) {
		k, known := byFlag[f.Name]
		if _, ours := f.Value.(*flagText); !known || !ours || !f.Changed {
			return "", nil
		}
		return l.override(k, "--"+f.Name, f.Value.String())
	}))
}

// override gives a key the text of a variable or a flag in place of what lower layers said.
func (l *loader) override(k key, origin, text string) (string, any) {
	for path := range l.origins {
		if within(path, k.path) {
			delete(l.origins, path)
		}
	}
	l.origins[k.path] = origin
	switch k.shape {
	case items:
		d := readValueText(origin, k, []byte(text))
		l.take(d)
		if value, ok := d.values[k.path]; ok {
			return k.path, value
		}
		return "", nil
	case list:
		return k.path, splitList(text)
	default:
		return k.path, text
	}
}

// take keeps what a document knows beside its values.
func (l *loader) take(d *document) {
	for path, origin := range d.origins {
		l.origins[path] = origin
	}
	l.mistakes = append(l.mistakes, d.mistakes...)
}

// finish reads the merged texts into a Config and validates it.
func (l *loader) finish() (*Config, error) {
	values := map[string]any{}
	for _, k := range leaves(configKeys) {
		values[k.path] = l.values.Get(k.path)
	}
	var c Config
	l.report(fill(&c, configKeys, values))
	l.report(c.mistakes())
	if err := l.mistakes.err(); err != nil {
		return nil, err
	}
	return &c, nil
}

// report adds mistakes with the place that the value, or the nearest section around it, came from. It leaves out what
// only follows from a mistake in the same key that an earlier step reported.
func (l *loader) report(found Mistakes) {
	earlier := l.mistakes
	for _, m := range found {
		if slices.ContainsFunc(earlier, m.overlaps) {
			continue
		}
		for path := m.Key; path != "" && m.Origin == ""; path = parent(path) {
			m.Origin = l.origins[path]
		}
		l.mistakes = append(l.mistakes, m)
	}
}
