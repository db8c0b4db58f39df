package config

import (
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"strconv"
	"time"
)

// scalar reads one value from its text, the same in every layer. Its errors say what is expected and never repeat the
// text: it may be a secret that slipped into the wrong key.
type scalar struct {
	name, plural string
	read         func(text string) (any, error)
}

var frequencyType = reflect.TypeFor[Frequency]()

var scalars = map[reflect.Type]scalar{
	reflect.TypeFor[string]():        {"text", "texts", func(s string) (any, error) { return s, nil }},
	reflect.TypeFor[Secret]():        {"secret text", "secret texts", func(s string) (any, error) { return Secret(s), nil }},
	reflect.TypeFor[bool]():          {"true or false", "", readBool},
	reflect.TypeFor[int]():           {"whole number", "", readInt},
	reflect.TypeFor[uint32]():        {"whole number", "", readUint32},
	reflect.TypeFor[time.Duration](): {"duration", "", readDuration},
	reflect.TypeFor[netip.Prefix]():  {"network", "networks", readPrefix},
	frequencyType:                    {"off, contract or a map", "", func(s string) (any, error) { return ParseFrequency(s) }},
}

func readBool(text string) (any, error) {
	b, err := strconv.ParseBool(text)
	if err != nil {
		return nil, errors.New("must be true or false")
	}
	return b, nil
}

func readInt(text string) (any, error) {
	n, err := strconv.Atoi(text)
	if errors.Is(err, strconv.ErrRange) {
		return nil, errors.New("is a number too large or too small to hold")
	}
	if err != nil {
		return nil, errors.New("must be a whole number in digits")
	}
	return n, nil
}

func readUint32(text string) (any, error) {
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return nil, errors.New("must be a whole number from 0 to 4294967295 in digits")
	}
	return uint32(n), nil
}

func readDuration(text string) (any, error) {
	d, err := time.ParseDuration(text)
	if err != nil {
		return nil, errors.New("must be a duration with its unit, such as 500ms, 30s, 10m or 24h")
	}
	return d, nil
}

func readPrefix(text string) (any, error) {
	if p, err := netip.ParsePrefix(text); err == nil {
		return p, nil
	}
	if a, err := netip.ParseAddr(text); err == nil && a.Zone() == "" {
		return nil, fmt.Errorf("must be a network in CIDR form: write %s/%d for this one address", a, a.BitLen())
	}
	return nil, errors.New("must be a network in CIDR form, such as 10.0.0.0/8")
}

// fill reads values, which hold what [defaults] and the layers put there, into the struct that dst points to.
// A value that cannot be read leaves its field as it is.
func fill(dst any, keys []key, values map[string]any) Mistakes {
	var found Mistakes
	root := reflect.ValueOf(dst).Elem()
	for _, k := range leaves(keys) {
		field := root.FieldByIndex(k.index)
		switch k.shape {
		case items:
			found = append(found, fillItems(field, k, values[k.path])...)
		case list:
			found = append(found, fillList(field, k, values[k.path])...)
		default:
			text, _ := values[k.path].(string)
			found = append(found, fillOne(field, k.typ, k.path, text)...)
		}
	}
	return found
}

func fillOne(field reflect.Value, typ reflect.Type, path, text string) Mistakes {
	value, err := scalars[typ].read(text)
	if err != nil {
		return mistakesAt(path, err)
	}
	field.Set(reflect.ValueOf(value))
	return nil
}

func fillList(field reflect.Value, k key, value any) Mistakes {
	var found Mistakes
	texts, _ := value.([]string)
	for i, text := range texts {
		element := reflect.New(k.typ).Elem()
		found = append(found, fillOne(element, k.typ, fmt.Sprintf("%s[%d]", k.path, i), text)...)
		field.Set(reflect.Append(field, element)) // a wrong one too, so that the others keep their numbers
	}
	return found
}

func fillItems(field reflect.Value, k key, value any) Mistakes {
	var found Mistakes
	elements, _ := value.([]any)
	for i, e := range elements {
		values := defaults(k.children)
		given, _ := e.(map[string]any)
		for path, v := range given {
			values[path] = v
		}
		element := reflect.New(k.typ)
		for _, m := range fill(element.Interface(), k.children, values) {
			m.Key = fmt.Sprintf("%s[%d].%s", k.path, i, m.Key)
			found = append(found, m)
		}
		field.Set(reflect.Append(field, element.Elem()))
	}
	return found
}
