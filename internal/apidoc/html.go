package apidoc

import (
	"bytes"
	_ "embed"
	"html/template"
	"strings"
)

//go:embed page.gohtml
var pageText string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"link": link, "indented": indented, "rows": rowsOf, "join": strings.Join,
	"anchor": func(id string) template.URL { return template.URL("#" + id) }, // the registries' words need no escaping
	"table":  func(rows []Row, asked bool) map[string]any { return map[string]any{"Rows": rows, "Asked": asked} },
}).Parse(pageText))

// HTML returns the reference as one page that needs nothing beside itself.
func (ref *Reference) HTML() ([]byte, error) {
	var b bytes.Buffer
	err := pageTemplate.Execute(&b, map[string]any{
		"Reference": ref, "Query": Query, "Envelope": Envelope, "Intro": intro(), "Frequency": frequencyNote,
		"WebhookIntro": webhookIntro(), "Answer": answerNote, "Switch": switchNote, "Ranges": AppRanges(),
	})
	return b.Bytes(), err
}
