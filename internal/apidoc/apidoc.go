// Package apidoc writes the API's reference: OpenAPI, Markdown and one page of HTML, all from the same data.
//
// The data is in the code already. Commands, their codes and their figures come from restapi's registry, the fields of
// their bodies from the types behind it by reflection (tags json, doc and req), the webhooks from package webhook's table,
// the codes from package live. What only a person can read in the code is read from the source: the headings of the
// registry, and the comments on webhook's types. So a new command or webhook appears in the reference by itself, and what
// lacks a text makes [Build] fail and names it. The examples are exchanges that a test of restapi recorded.
//
// Nothing of this is in the server: it serves the files that were written, see package docs/api.
package apidoc

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/restapi"
)

//go:generate go test -run ^TestExamplesAreTrue$ ../restapi -update
//go:generate go test -run ^TestReferenceIsUpToDate$ . -update

// Reference is everything that the reference says.
type Reference struct {
	Groups   []Group // in the registry's order
	Webhooks []Webhook
	Answer   *Type  // what an app server answers to a webhook
	Common   []Code // what every command can be refused with
	Codes    []Code // all there are
}

// Group is the commands under one heading of the registry.
type Group struct {
	Title    string
	Commands []Command
}

// File is the name of the group's page, without its ending.
func (g Group) File() string { return strings.ReplaceAll(strings.ToLower(g.Title), " ", "-") }

// Command is one command of the API.
type Command struct {
	restapi.Description
	Request, Response *Type // without fields when there is nothing to say
	Refusals          []Code
	Example           Example
	Heading           string // on its group's page
}

// Name is the command without its service.
func (c Command) Name() string {
	_, name, _ := strings.Cut(c.Path, "/")
	return name
}

// Code is a number with which calls are refused.
type Code struct {
	live.Code
	Commands []string // paths of those that can answer with it; empty when all can
}

// Example is one exchange that really happened.
type Example struct {
	Command string         `json:"command"`
	Request jsontext.Value `json:"request"`
	Reply   jsontext.Value `json:"reply"`
	// Webhooks are the bodies of those that the call caused, questions first.
	Webhooks []jsontext.Value `json:"webhooks,omitempty"`
}

// Build makes the reference from the repository's source and the recorded examples. It fails with everything that lacks
// a text.
func Build(repository fs.FS, examples []Example) (*Reference, error) {
	src, err := readSource(repository)
	if err != nil {
		return nil, err
	}
	b := &builder{source: src, examples: make(map[string]Example)}
	for _, e := range examples {
		b.examples[e.Command] = e
	}
	ref := &Reference{}
	for _, d := range restapi.Describe() {
		b.add(ref, d)
	}
	b.addCodes(ref)
	b.addWebhooks(ref, examples)
	if len(b.missing) > 0 {
		return nil, errors.New("the reference lacks:\n" + strings.Join(b.missing, "\n"))
	}
	return ref, nil
}

// builder makes a reference and gathers what it lacks.
type builder struct {
	source   *source
	examples map[string]Example
	sent     bool // the types are of what the server sends
	missing  []string
}

func (b *builder) lacks(format string, args ...any) {
	b.missing = append(b.missing, fmt.Sprintf(format, args...))
}

// add puts a command under its heading.
func (b *builder) add(ref *Reference, d restapi.Description) {
	example, ok := b.examples[d.Path]
	if !ok {
		b.lacks("%s: an example", d.Path)
	}
	if d.Does == "" {
		b.lacks("%s: what it does", d.Path)
	}
	c := Command{Description: d, Example: example}
	b.sent = false
	c.Request = b.typeOf(d.Path+": request", d.Request)
	b.sent = true
	c.Response = b.typeOf(d.Path+": reply", d.Response)
	for _, code := range d.Codes {
		if code.Meaning() == "" {
			b.lacks("%s: what code %d means", d.Path, code)
		}
		c.Refusals = append(c.Refusals, Code{Code: code})
	}
	title := b.source.headings[d.Path]
	if title == "" {
		b.lacks("%s: a heading in the registry", d.Path)
	}
	i := slices.IndexFunc(ref.Groups, func(g Group) bool { return g.Title == title })
	if i < 0 {
		i, ref.Groups = len(ref.Groups), append(ref.Groups, Group{Title: title})
	}
	c.Heading = c.Name()
	if slices.ContainsFunc(ref.Groups[i].Commands, func(other Command) bool { return other.Name() == c.Name() }) {
		c.Heading = c.Path
	}
	ref.Groups[i].Commands = append(ref.Groups[i].Commands, c)
}

func (b *builder) addCodes(ref *Reference) {
	common := restapi.CommonCodes()
	for _, code := range live.Codes() {
		entry := Code{Code: code}
		if slices.Contains(common, code) {
			ref.Common = append(ref.Common, entry)
			ref.Codes = append(ref.Codes, entry)
			continue
		}
		for _, g := range ref.Groups {
			for _, c := range g.Commands {
				if slices.Contains(c.Codes, code) || c.TooOften == code {
					entry.Commands = append(entry.Commands, c.Path)
				}
			}
		}
		ref.Codes = append(ref.Codes, entry)
	}
}

// link is where a page of the vendor's documentation is read, by its number.
func link(doc string) string {
	if product, page, ok := strings.Cut(doc, "/"); ok {
		return "https://www.tencentcloud.com/document/product/" + product + "/" + page
	}
	return "https://trtc.io/document/" + doc
}
