package apidoc

import (
	"encoding"
	"reflect"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The kinds of a [Type], as JSON Schema names them; any is a value of whatever type.
const (
	object  = "object"
	array   = "array"
	text    = "string"
	integer = "integer"
	number  = "number"
	boolean = "boolean"
	any_    = "any"
)

// Type is the shape of a JSON value.
type Type struct {
	Kind   string
	Loose  bool   // a text that says the same is taken too
	Name   string // of an object that has one
	Doc    string // what is said of the type as a whole
	Fields []Field
	Elem   *Type // of an array, and of an object with any names
}

// Field is one field of an object.
type Field struct {
	Name     string
	Required bool // a request must have it; a reply or a webhook always has it
	Optional bool // the other way round
	Doc      string
	Values   []Value // those that mean something, where they are listed
	Type     *Type
}

// Value is a value with its meaning.
type Value struct{ Value, Meaning string }

// rawType is JSON of any shape, passed on as it is.
var rawType = reflect.TypeFor[jsontext.Value]()

// ownForm are the interfaces of types that read themselves from JSON.
var ownForm = []reflect.Type{
	reflect.TypeFor[json.Unmarshaler](), reflect.TypeFor[json.UnmarshalerFrom](),
}

// typeOf returns the shape of a Go type; where says in whose body it is, for what is missing.
func (b *builder) typeOf(where string, t reflect.Type) *Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == rawType {
		return &Type{Kind: any_}
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
		return &Type{Kind: text}
	}
	if kind, ok := scalars[t.Kind()]; ok {
		return &Type{Kind: kind, Loose: kind != text && hasOwnForm(t)}
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Array:
		return &Type{Kind: array, Elem: b.typeOf(where+"[]", t.Elem())}
	case reflect.Map:
		return &Type{Kind: object, Elem: b.typeOf(where+".*", t.Elem())}
	case reflect.Struct:
		if hasOwnForm(t) {
			return &Type{Kind: object, Elem: &Type{Kind: any_}} // whatever its fields
		}
		return &Type{Kind: object, Name: t.Name(), Doc: b.source.typeDoc(t), Fields: b.fieldsOf(where, t)}
	}
	return &Type{Kind: any_}
}

func hasOwnForm(t reflect.Type) bool {
	return slices.ContainsFunc(ownForm, reflect.PointerTo(t).Implements)
}

var scalars = map[reflect.Kind]string{
	reflect.String: text, reflect.Bool: boolean, reflect.Float32: number, reflect.Float64: number,
	reflect.Int: integer, reflect.Int8: integer, reflect.Int16: integer, reflect.Int32: integer, reflect.Int64: integer,
	reflect.Uint: integer, reflect.Uint8: integer, reflect.Uint16: integer, reflect.Uint32: integer, reflect.Uint64: integer,
}

func (b *builder) fieldsOf(where string, t reflect.Type) (all []Field) {
	for f := range fields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-":
			continue
		case name == "" && f.Anonymous, strings.Contains(options, "inline"):
			embedded := f.Type
			for embedded.Kind() == reflect.Pointer {
				embedded = embedded.Elem()
			}
			all = append(all, b.fieldsOf(where, embedded)...)
			continue
		case name == "":
			name = f.Name
		}
		place := where + "." + name
		field := Field{
			Name: name, Required: f.Tag.Get("req") == "true", Doc: f.Tag.Get("doc"), Type: b.typeOf(place, f.Type),
		}
		if b.sent {
			field.Required = !strings.Contains(options, "omit")
		}
		field.Optional = !field.Required
		if field.Doc == "" {
			field.Doc, field.Values = b.source.fieldDoc(t, f.Name)
		}
		if field.Doc == "" && field.Values == nil {
			b.lacks("%s: a text", place)
		}
		all = append(all, field)
	}
	return all
}

// fields ranges over the exported fields of a struct, and those it embeds.
func fields(t reflect.Type) func(yield func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if f := t.Field(i); (f.IsExported() || f.Anonymous) && !yield(f) {
				return
			}
		}
	}
}

// Row is a field in a table: its path from the body's root, like RoomInfo.RoomId or Metadata[].Key.
type Row struct {
	Path string
	Field
}

// Rows flattens the fields of an object and of what is in it.
func (t *Type) Rows() []Row {
	if t == nil {
		return nil
	}
	return t.rows("")
}

func (t *Type) rows(prefix string) (all []Row) {
	for _, f := range t.Fields {
		path := prefix + f.Name
		all = append(all, Row{path, f})
		inner := f.Type
		for inner.Elem != nil {
			if inner.Kind == array {
				path += "[]"
			} else {
				path += ".*"
			}
			inner = inner.Elem
		}
		all = append(all, inner.rows(path+".")...)
	}
	return all
}

// String names the type in a table: array of object.
func (t *Type) String() string {
	switch {
	case t.Kind == array:
		return "array of " + t.Elem.String()
	case t.Kind == any_:
		return "any JSON"
	case t.Loose:
		return t.Kind + " or string"
	}
	return t.Kind
}
