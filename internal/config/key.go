package config

import (
	"reflect"
	"strings"
)

// key is one key of the configuration, or a section of keys.
type key struct {
	path     string // dotted, from the root struct: http.idle_timeout, or webhook.timeout within an app
	name     string // the last part of path
	shape    shape
	typ      reflect.Type // of a value; of an element when shape is list or items
	index    []int        // of the field, from the root struct
	fallback string       // the default, as text
	min, max string
	choices  []string
	example  string
	doc      string
	children []key // of a section; of an element when shape is items
}

type shape int

const (
	single  shape = iota // one value
	list                 // a list of values
	section              // keys below this key
	items                // a list of sections, which only apps is
)

var (
	configKeys = keysOf(reflect.TypeFor[Config]())
	appKeys    = keysOf(reflect.TypeFor[App]())
)

func keysOf(root reflect.Type) []key { return keysBelow(root, "", nil) }

func keysBelow(t reflect.Type, prefix string, index []int) []key {
	keys := make([]key, 0, t.NumField())
	for i := range t.NumField() {
		keys = append(keys, keyOf(t.Field(i), prefix, append(index[:len(index):len(index)], i)))
	}
	return keys
}

func keyOf(f reflect.StructField, prefix string, index []int) key {
	name := f.Tag.Get("koanf")
	k := key{
		path:     prefix + name,
		name:     name,
		typ:      f.Type,
		index:    index,
		fallback: f.Tag.Get("default"),
		min:      f.Tag.Get("min"),
		max:      f.Tag.Get("max"),
		example:  f.Tag.Get("example"),
		doc:      f.Tag.Get("doc"),
	}
	if words := f.Tag.Get("oneof"); words != "" {
		k.choices = strings.Split(words, "|")
	}
	_, isScalar := scalars[f.Type]
	switch {
	case isScalar:
		k.shape = single
	case f.Type.Kind() == reflect.Struct:
		k.shape = section
		k.children = keysBelow(f.Type, k.path+".", index)
	default:
		k.shape, k.typ = list, f.Type.Elem()
		if _, ok := scalars[k.typ]; !ok {
			k.shape, k.children = items, keysOf(k.typ)
		}
	}
	return k
}

// leaves returns the keys that hold values, sections opened and in the order of the struct.
func leaves(keys []key) []key {
	var out []key
	for _, k := range keys {
		if k.shape == section {
			out = append(out, leaves(k.children)...)
		} else {
			out = append(out, k)
		}
	}
	return out
}

// variable is the name of the key's environment variable. Keys of an app have none.
func (k key) variable() string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(k.path, ".", "_"))
}

// flag is the name of the key's command line flag, without dashes in front. apps and its keys have none.
func (k key) flag() string {
	return strings.NewReplacer(".", "-", "_", "-").Replace(k.path)
}

// required tells that the key has no default.
func (k key) required() bool { return k.example != "" }

// typeName says in a word or two what the key takes.
func (k key) typeName() string {
	switch k.shape {
	case items:
		return "list of apps"
	case list:
		return "list of " + scalars[k.typ].plural
	default:
		return scalars[k.typ].name
	}
}

// bounds says what limits the key's value, or is empty.
func (k key) bounds() string {
	if len(k.choices) > 0 {
		return "one of " + strings.Join(k.choices, ", ")
	}
	if k.min != "" {
		return "from " + k.min + " to " + k.max
	}
	return ""
}

func defaults(keys []key) map[string]any {
	values := map[string]any{}
	for _, k := range leaves(keys) {
		switch k.shape {
		case items:
			values[k.path] = []any{}
		case list:
			values[k.path] = splitList(k.fallback)
		default:
			values[k.path] = k.fallback
		}
	}
	return values
}

// splitList reads a list as a default, an environment variable or a flag writes it: separated by commas.
func splitList(text string) []string {
	list := []string{}
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}
