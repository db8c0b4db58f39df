package apidoc_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/restapi"
	"github.com/greenroom-live/greenroom/webhook"
)

// document is a JSON document whose references can be followed.
type document struct {
	*testing.T
	root map[string]any
}

func openAPI(t *testing.T) document {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "openapi.json"))
	require.NoError(t, err)
	d := document{T: t}
	require.NoError(t, json.Unmarshal(text, &d.root))
	return d
}

// at returns what a path of names leads to.
func (d document) at(node any, names ...string) any {
	d.Helper()
	for _, name := range names {
		object, ok := node.(map[string]any)
		require.True(d, ok, "%s: %v", name, names)
		node, ok = object[name]
		require.True(d, ok, "there is no %s in %v", name, names)
	}
	return node
}

// follow returns what a $ref stands for, and any other node as it is.
func (d document) follow(node any) map[string]any {
	d.Helper()
	object := node.(map[string]any)
	if ref, ok := object["$ref"].(string); ok {
		require.True(d, strings.HasPrefix(ref, "#/"), ref)
		return d.follow(d.at(d.root, strings.Split(ref[2:], "/")...))
	}
	return object
}

// walk visits every object of the document.
func walk(node any, visit func(map[string]any)) {
	switch node := node.(type) {
	case map[string]any:
		visit(node)
		for _, child := range node {
			walk(child, visit)
		}
	case []any:
		for _, child := range node {
			walk(child, visit)
		}
	}
}

// TestTheDocumentHasTheShapeOfOpenAPI holds it against what OpenAPI 3.1 demands of the objects that it uses.
func TestTheDocumentHasTheShapeOfOpenAPI(t *testing.T) {
	d := openAPI(t)
	require.Equal(t, "3.1.0", d.root["openapi"])
	for name := range d.root {
		require.Contains(t, []string{"openapi", "info", "servers", "tags", "paths", "webhooks", "components", "x-error-codes"}, name)
	}
	require.NotEmpty(t, d.at(d.root, "info", "title"))
	require.NotEmpty(t, d.at(d.root, "info", "version"))
	used := make(map[string]bool)
	walk(d.root, func(o map[string]any) {
		if ref, ok := o["$ref"].(string); ok {
			require.NotEmpty(t, d.follow(o), ref)
			used[ref] = true
		}
	})
	name := regexp.MustCompile(`^[a-zA-Z0-9._-]+$`)
	for kind, components := range d.root["components"].(map[string]any) {
		for component := range components.(map[string]any) {
			require.Regexp(t, name, component)
			require.True(t, used["#/components/"+kind+"/"+component], "%s is used by nothing", component)
		}
	}
	ids := make(map[string]bool)
	for path, item := range d.root["paths"].(map[string]any) {
		require.Regexp(t, `^/v4/[a-z_0-9]+/[a-z_0-9]+$`, path)
		d.operation(path, item, ids)
	}
	for word, item := range d.root["webhooks"].(map[string]any) {
		d.operation(word, item, ids)
	}
}

func (d document) operation(name string, item any, ids map[string]bool) {
	d.Helper()
	require.Len(d, item, 1, name)
	post := d.at(item, "post").(map[string]any)
	id := post["operationId"].(string)
	require.False(d, ids[id], "%s: the id %s is taken", name, id)
	ids[id] = true
	require.NotEmpty(d, post["summary"], name)
	require.NotEmpty(d, post["description"], name)
	seen := make(map[string]bool)
	for _, p := range post["parameters"].([]any) {
		parameter := d.follow(p)
		require.Equal(d, "query", parameter["in"], name)
		require.IsType(d, true, parameter["required"], name)
		require.NotEmpty(d, d.at(parameter, "schema", "type"), name)
		require.False(d, seen[parameter["name"].(string)], name)
		seen[parameter["name"].(string)] = true
	}
	require.NotEmpty(d, d.at(post, "requestBody", "content", "application/json", "schema"), name)
	require.NotEmpty(d, d.at(post, "responses", "200", "description"), name)
	require.NotEmpty(d, d.at(post, "responses", "200", "content", "application/json", "schema"), name)
	for _, tag := range post["tags"].([]any) {
		require.Contains(d, d.root["tags"], map[string]any{"name": tag}, name)
	}
}

// keywords are those of JSON Schema that the document uses.
var keywords = []string{
	"$ref", "type", "description", "properties", "required", "items", "additionalProperties", "allOf", "minimum", "maximum", "enum",
}

// valid holds a value against a schema, strictly: an object has no field but the schema's. It returns the fields it knows.
func (d document) valid(where string, schema map[string]any, value any) (known []string) {
	d.Helper()
	for k := range schema {
		require.Contains(d, keywords, k, "%s: a keyword that this test does not know", where)
	}
	schema = d.follow(schema)
	for _, part := range list(schema["allOf"]) {
		known = append(known, d.valid(where, part.(map[string]any), value)...)
	}
	kinds := list(schema["type"])
	if kind, ok := schema["type"].(string); ok {
		kinds = []any{kind}
	}
	if len(kinds) > 0 {
		require.Contains(d, kinds, kindOf(value, kinds[0].(string)), "%s is %v", where, value)
	}
	if elements, ok := value.([]any); ok {
		for i, element := range elements {
			at := fmt.Sprintf("%s[%d]", where, i)
			d.complete(at, element, d.valid(at, schema["items"].(map[string]any), element))
		}
	}
	fields, ok := value.(map[string]any)
	if !ok {
		return known
	}
	for _, name := range list(schema["required"]) {
		require.Contains(d, fields, name, where)
	}
	properties, _ := schema["properties"].(map[string]any)
	for name, property := range properties {
		known = append(known, name)
		if field, ok := fields[name]; ok {
			at := where + "." + name
			d.complete(at, field, d.valid(at, property.(map[string]any), field))
		}
	}
	if schema["additionalProperties"] != nil || schema["type"] == nil && schema["allOf"] == nil {
		for name := range fields {
			known = append(known, name) // anything goes
		}
	}
	return known
}

// complete demands that a value, if it is an object, has known fields only.
func (d document) complete(where string, value any, known []string) {
	d.Helper()
	if fields, ok := value.(map[string]any); ok {
		for name := range fields {
			require.Contains(d, known, name, "%s has a field that is in no schema", where)
		}
	}
}

func list(node any) []any {
	all, _ := node.([]any)
	return all
}

// kindOf is the JSON type of a value; a whole number is an integer where one is wanted.
func kindOf(value any, want string) string {
	switch value := value.(type) {
	case string:
		return "string"
	case bool:
		return "boolean"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	case float64:
		if want == "integer" && value == math.Trunc(value) {
			return "integer"
		}
		return "number"
	}
	return "null"
}

// TestRecordedExchangesFitTheSchemas holds what really went over the wire against the schemas: types, what must be there,
// and no field that no schema knows.
func TestRecordedExchangesFitTheSchemas(t *testing.T) {
	d := openAPI(t)
	text, err := os.ReadFile(filepath.Join(folder, "examples.json"))
	require.NoError(t, err)
	var examples []struct {
		Command        string
		Request, Reply map[string]any
		Webhooks       []map[string]any
	}
	require.NoError(t, json.Unmarshal(text, &examples))
	fits := func(where string, schema, value any) {
		d.complete(where, value, d.valid(where, schema.(map[string]any), value))
	}
	for _, e := range examples {
		post := d.at(d.root, "paths", "/v4/"+e.Command, "post")
		fits(e.Command+": request", d.at(post, "requestBody", "content", "application/json", "schema"), e.Request)
		fits(e.Command+": reply", d.at(post, "responses", "200", "content", "application/json", "schema"), e.Reply)
		for _, body := range e.Webhooks {
			hook := d.at(d.root, "webhooks", body["CallbackCommand"].(string), "post")
			fits(e.Command+": webhook", d.at(hook, "requestBody", "content", "application/json", "schema"), body)
		}
	}
}

func TestTheDocumentNamesEverything(t *testing.T) {
	d := openAPI(t)
	paths := d.root["paths"].(map[string]any)
	require.Equal(t, len(restapi.Commands()), len(paths))
	for _, c := range restapi.Describe() {
		post := d.at(paths, "/v4/"+c.Path, "post").(map[string]any)
		require.Len(t, post["x-error-codes"], len(c.Codes), c.Path)
		require.EqualValues(t, c.PerSecond, post["x-frequency-per-second"], c.Path)
		for _, code := range c.Codes {
			require.Contains(t, post["description"], fmt.Sprintf("- %d: %s", code, code.Meaning()), c.Path)
		}
	}
	var sent []string
	for _, word := range webhook.Words() {
		if kind, _ := webhook.Lookup(string(word)); !kind.Switch {
			sent = append(sent, string(word))
		}
	}
	require.ElementsMatch(t, sent, keys(d.root["webhooks"]))
	for _, word := range sent {
		kind, _ := webhook.Lookup(word)
		parameters := d.at(d.root, "webhooks", word, "post", "parameters").([]any)
		omits := !slices.ContainsFunc(parameters, func(p any) bool { return d.follow(p)["name"] == "ClientIP" })
		require.Equal(t, kind.OmitsClient, omits, word)
	}
	require.Len(t, d.root["x-error-codes"], len(live.Codes()))
}

func keys(node any) []string {
	var all []string
	for name := range node.(map[string]any) {
		all = append(all, name)
	}
	return all
}
