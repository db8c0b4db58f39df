package apidoc

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/greenroom-live/greenroom/internal/live"
)

// member is one name of a JSON object with its value; members are an object that keeps its order.
type (
	member struct {
		name  string
		value any
	}
	members []member
)

// MarshalJSONTo implements json.MarshalerTo.
func (m members) MarshalJSONTo(enc *jsontext.Encoder) error {
	if err := enc.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for _, each := range m {
		if err := enc.WriteToken(jsontext.String(each.name)); err != nil {
			return err
		}
		if err := json.MarshalEncode(enc, each.value); err != nil {
			return err
		}
	}
	return enc.WriteToken(jsontext.EndObject)
}

const (
	webhookTag    = "Webhooks"
	webhookPrefix = "Webhook" // of the components that belong to webhooks
)

// openAPI writes one document and gathers the schemas that are used by name.
type openAPI struct {
	ref        *Reference
	schemas    map[string]members
	operations map[string]bool // ids that are taken
}

// OpenAPI returns the reference as an OpenAPI 3.1 document.
func (ref *Reference) OpenAPI() ([]byte, error) {
	o := &openAPI{ref: ref, schemas: make(map[string]members), operations: make(map[string]bool)}
	paths, webhooks, tags := o.paths(), o.webhooks(), []any{}
	for _, g := range ref.Groups {
		tags = append(tags, members{{"name", g.Title}})
	}
	tags = append(tags, members{{"name", webhookTag}})
	document := members{
		{"openapi", "3.1.0"},
		{"info", members{
			{"title", "Greenroom"},
			{"version", "v4"},
			{"summary", "REST API and webhooks of a live-room server"},
			{"description", strings.Join(append(intro(), frequencyNote), "\n\n")},
			{"license", members{{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}},
		}},
		{"servers", []any{members{{"url", "/"}, {"description", "the server that serves this document"}}}},
		{"tags", tags},
		{"paths", paths},
		{"webhooks", webhooks},
		{"components", members{{"schemas", o.components()}, {"parameters", append(queryParameters(), o.webhookParameters()...)}}},
		{"x-error-codes", o.codes()},
	}
	text, err := json.Marshal(document, jsontext.WithIndent("  "))
	return append(text, '\n'), err
}

func (o *openAPI) components() members {
	o.schemas["Envelope"] = envelopeSchema()
	var all members
	for _, name := range sortedKeys(o.schemas) {
		all = append(all, member{name, o.schemas[name]})
	}
	return all
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func envelopeSchema() members {
	var properties members
	var required []string
	for _, f := range Envelope {
		properties, required = append(properties, member{f.Name, (&openAPI{}).property(f, "")}), append(required, f.Name)
	}
	return members{
		{"type", object}, {"description", "What every answer has."}, {"properties", properties}, {"required", required},
	}
}

// operationID is the command's own name, or with its service when another command has that one.
func (o *openAPI) operationID(c Command) string {
	id := c.Name()
	if o.operations[id] {
		id = strings.ReplaceAll(c.Path, "/", "_")
	}
	o.operations[id] = true
	return id
}

func (o *openAPI) paths() members {
	var paths members
	for _, g := range o.ref.Groups {
		for _, c := range g.Commands {
			paths = append(paths, member{"/v4/" + c.Path, members{{"post", o.operation(g, c)}}})
		}
	}
	return paths
}

func (o *openAPI) operation(g Group, c Command) members {
	var parameters []any
	for _, p := range Query {
		parameters = append(parameters, members{{"$ref", "#/components/parameters/" + p.Name}})
	}
	m := members{
		{"operationId", o.operationID(c)}, {"tags", []string{g.Title}}, {"summary", strings.TrimSuffix(c.Does, ".")},
		{"description", c.description()},
	}
	if c.Doc != "" {
		m = append(m, member{"externalDocs", members{{"description", "doc " + c.Doc}, {"url", link(c.Doc)}}})
	}
	return append(m,
		member{"parameters", parameters},
		member{"requestBody", members{
			{"required", true}, {"content", content(o.schema(c.Request, ""), c.Example.Request)},
		}},
		member{"responses", members{{"200", members{
			{"description", "Done when ErrorCode is 0, refused otherwise."}, {"content", content(o.answer(c), c.Example.Reply)},
		}}}},
		member{"x-frequency-per-second", c.PerSecond},
		member{"x-error-codes", c.errorCodes()},
	)
}

func content(schema any, example jsontext.Value) members {
	media := members{{"schema", schema}}
	if example != nil {
		media = append(media, member{"example", example})
	}
	return members{{"application/json", media}}
}

func (c Command) description() string {
	text := []string{c.Does, c.Frequency()}
	if len(c.Refusals) > 0 {
		lines := make([]string, len(c.Refusals))
		for i, r := range c.Refusals {
			lines[i] = fmt.Sprintf("- %d: %s", r.Code, r.Meaning())
		}
		text = append(text, "Refusals of its own:", strings.Join(lines, "\n"))
	}
	return strings.Join(text, "\n\n")
}

func (c Command) errorCodes() []live.Code {
	all := make([]live.Code, len(c.Refusals))
	for i, r := range c.Refusals {
		all[i] = r.Code
	}
	return all
}

// answer is the schema of the envelope with the payload in its place.
func (o *openAPI) answer(c Command) members {
	envelope := members{{"$ref", "#/components/schemas/Envelope"}}
	if len(c.Response.Fields) == 0 {
		return envelope
	}
	all := []any{envelope}
	if c.InResponse {
		all = append(all, members{{"type", object}, {"properties", members{{"Response", o.schema(c.Response, "")}}}})
	}
	if c.Beside {
		fields := o.object(c.Response, "")
		// A refusal has none of them.
		fields = slices.DeleteFunc(fields, func(m member) bool { return m.name == "required" })
		all = append(all, fields)
	}
	return members{{"allOf", all}}
}

// schema refers to types that have a name, and writes all others out. Types of webhooks have names of their own.
func (o *openAPI) schema(t *Type, prefix string) members {
	switch {
	case t.Kind == any_:
		return members{}
	case t.Kind == array:
		return members{{"type", array}, {"items", o.schema(t.Elem, prefix)}}
	case t.Kind == object && t.Elem != nil:
		return members{{"type", object}, {"additionalProperties", o.schema(t.Elem, prefix)}}
	case t.Kind == object && t.Name != "" && len(t.Fields) > 0:
		return members{{"$ref", "#/components/schemas/" + o.component(t, prefix)}}
	case t.Kind == object:
		return o.object(t, prefix)
	}
	if t.Loose {
		return members{{"type", []string{t.Kind, text}}}
	}
	return members{{"type", t.Kind}}
}

// component returns the name under which the schema of a type is kept. A type that is both asked for and sent has two: one
// says what a request must have, the other what a reply always has.
func (o *openAPI) component(t *Type, prefix string) string {
	name, schema := componentName(prefix+strings.ToUpper(t.Name[:1])+t.Name[1:]), o.object(t, prefix)
	if other, ok := o.schemas[name]; ok && !reflect.DeepEqual(other, schema) {
		name += "Reply"
	}
	o.schemas[name] = schema
	return name
}

// componentName leaves what OpenAPI allows in the name of a component.
func componentName(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == '.' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return '_'
	}, s)
}

func (o *openAPI) object(t *Type, prefix string) members {
	m := members{{"type", object}}
	if t.Doc != "" {
		m = append(m, member{"description", t.Doc})
	}
	var properties members
	var required []string
	for _, f := range t.Fields {
		properties = append(properties, member{f.Name, o.property(f, prefix)})
		if f.Required {
			required = append(required, f.Name)
		}
	}
	m = append(m, member{"properties", properties})
	if len(required) > 0 {
		m = append(m, member{"required", required})
	}
	return m
}

func (o *openAPI) property(f Field, prefix string) members {
	return append(o.schema(f.Type, prefix), member{"description", f.Text()})
}

// queryParameters are the components for the query, which is the same for every command.
func queryParameters() members {
	var all members
	for _, p := range Query {
		schema := members{{"type", p.Type.Kind}}
		if p.Type.Kind == integer {
			schema = append(schema, member{"minimum", 0}, member{"maximum", 1<<32 - 1})
		}
		if p.Name == "contenttype" {
			schema = append(schema, member{"enum", []string{"json"}})
		}
		all = append(all, member{p.Name, members{
			{"name", p.Name}, {"in", "query"}, {"required", p.Required}, {"description", p.Doc}, {"schema", schema},
		}})
	}
	return all
}

func (o *openAPI) webhooks() members {
	var all members
	for _, w := range o.ref.Webhooks {
		if w.Body != nil {
			all = append(all, member{w.Word(), members{{"post", o.webhook(w)}}})
		}
	}
	return all
}

// webhookParameters are the components for the queries of webhooks, from one that has them all.
func (o *openAPI) webhookParameters() (all members) {
	for _, p := range (Webhook{}).Query() {
		all = append(all, member{webhookPrefix + p.Name, members{
			{"name", p.Name}, {"in", "query"}, {"required", !p.Optional}, {"description", p.Text()},
			{"schema", members{{"type", p.Type.Kind}}},
		}})
	}
	return all
}

// codes are the meanings of all codes.
func (o *openAPI) codes() (all members) {
	for _, c := range o.ref.Codes {
		all = append(all, member{strconv.Itoa(int(c.Code)), c.Meaning()})
	}
	return all
}

func (o *openAPI) webhook(w Webhook) members {
	id := w.Body.Name
	o.operations[id] = true
	var parameters []any
	for _, p := range w.Query() {
		parameters = append(parameters, members{{"$ref", "#/components/parameters/" + webhookPrefix + p.Name}})
	}
	body := o.schema(w.Body, webhookPrefix)
	return members{
		{"operationId", id}, {"tags", []string{webhookTag}}, {"summary", w.Word()}, {"description", w.Body.Doc},
		{"externalDocs", members{{"description", "doc " + w.Doc}, {"url", link(w.Doc)}}},
		{"parameters", parameters},
		{"requestBody", members{{"required", true}, {"content", content(body, w.Example)}}},
		{"responses", members{{"200", members{
			{"description", w.AnswerRule()}, {"content", content(o.schema(o.ref.Answer, webhookPrefix), nil)},
		}}}},
		{"x-kind", w.When()},
	}
}

// Frequency says how often an app may call a command where the limits are on.
func (c Command) Frequency() string {
	per := strconv.FormatFloat(c.PerSecond, 'f', -1, 64) + " calls per second"
	switch {
	case c.PerSecond == 1:
		per = "1 call per second"
	case c.PerSecond > 0 && c.PerSecond < 1:
		per = fmt.Sprintf("1 call per %s seconds", strconv.FormatFloat(1/c.PerSecond, 'f', -1, 64))
	case c.PerSecond == 0:
		return "Frequency: the contract has no figure."
	}
	return fmt.Sprintf("Frequency: an app's %s in the contract, %d beyond that; unlimited by default.", per, c.TooOften)
}
