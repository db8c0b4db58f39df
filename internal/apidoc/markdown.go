package apidoc

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

const generated = "<!-- Made by \"go generate ./internal/apidoc\" from the registries and the types behind them. Change those. -->\n"

// Markdown returns the pages of the reference by the names of their files.
func (ref *Reference) Markdown() map[string][]byte {
	pages := map[string][]byte{"README.md": ref.indexPage(), "errors.md": ref.errorPage(), "webhooks.md": ref.webhookPage()}
	for _, g := range ref.Groups {
		pages[g.File()+".md"] = g.page()
	}
	return pages
}

func (ref *Reference) indexPage() []byte {
	b := page("REST reference")
	for _, paragraph := range intro() {
		fmt.Fprintf(b, "%s\n\n", cell(paragraph))
	}
	b.WriteString("A running server shows this reference at `/docs`, and the OpenAPI 3.1 document [openapi.json](openapi.json) at " +
		"`/openapi.json`.\n\n")
	fmt.Fprintf(b, "## The query\n\n%s\n## The envelope\n\n%s\n", fieldTable(rowsOf(Query), true), fieldTable(rowsOf(Envelope), false))
	fmt.Fprintf(b, "## Frequency\n\n%s\n\n## Commands\n", frequencyNote)
	for _, g := range ref.Groups {
		fmt.Fprintf(b, "\n### [%s](%s.md)\n\n| command | what it does |\n| --- | --- |\n", g.Title, g.File())
		for _, c := range g.Commands {
			fmt.Fprintf(b, "| [`%s`](%s.md#%s) | %s |\n", c.Path, g.File(), anchor(c.Heading), cell(c.Does))
		}
	}
	b.WriteString("\n## Refusals of every command\n\n")
	codeTable(b, ref.Common)
	b.WriteString("\nAll codes: [errors.md](errors.md). What the server tells an app server by itself: [webhooks.md](webhooks.md).\n")
	return b.Bytes()
}

func page(title string) *bytes.Buffer {
	return bytes.NewBufferString("# " + title + "\n\n" + generated + "\n")
}

func (g Group) page() []byte {
	b := page(g.Title)
	b.WriteString("How a command is called, and what can refuse every one, says the [index](README.md).\n")
	for _, c := range g.Commands {
		c.write(b)
	}
	return b.Bytes()
}

func (c Command) write(b *bytes.Buffer) {
	fmt.Fprintf(b, "\n## %s\n\n`POST /v4/%s`\n\n%s", c.Heading, c.Path, c.Does)
	if c.Doc != "" {
		fmt.Fprintf(b, " Vendor's page: [doc %s](%s).", c.Doc, link(c.Doc))
	}
	fmt.Fprintf(b, "\n\n%s\n\n", c.Frequency())
	if rows := c.Request.Rows(); len(rows) > 0 {
		fmt.Fprintf(b, "Request:\n\n%s\n", fieldTable(rows, true))
	} else {
		b.WriteString("Request: `{}`.\n\n")
	}
	if rows := c.Response.Rows(); len(rows) > 0 {
		fmt.Fprintf(b, "Reply, %s:\n\n%s\n", c.PayloadPlace(), fieldTable(rows, false))
	} else {
		b.WriteString("Reply: nothing but the envelope.\n\n")
	}
	if len(c.Refusals) > 0 {
		b.WriteString("Refusals of its own:\n\n")
		codeTable(b, c.Refusals)
		b.WriteByte('\n')
	}
	fmt.Fprintf(b, "Example:\n\n```json\n%s\n```\n\n```json\n%s\n```\n", indented(c.Example.Request), indented(c.Example.Reply))
	if len(c.Example.Webhooks) > 0 {
		b.WriteString("\nIt caused these webhooks:\n")
	}
	for _, body := range c.Example.Webhooks {
		fmt.Fprintf(b, "\n```json\n%s\n```\n", indented(body))
	}
}

func rowsOf(fields []Field) []Row { return (&Type{Kind: object, Fields: fields}).Rows() }

// fieldTable has a column for what a request must have.
func fieldTable(rows []Row, asked bool) string {
	var b strings.Builder
	if asked {
		b.WriteString("| field | type | required | meaning |\n| --- | --- | --- | --- |\n")
	} else {
		b.WriteString("| field | type | meaning |\n| --- | --- | --- |\n")
	}
	for _, r := range rows {
		fmt.Fprintf(&b, "| `%s` | %s | ", r.Path, r.Type)
		switch {
		case asked && r.Required:
			b.WriteString("yes | ")
		case asked:
			b.WriteString("no | ")
		}
		fmt.Fprintf(&b, "%s |\n", r.meaning())
	}
	return b.String()
}

// meaning is the field's text in a table, its values as code.
func (r Row) meaning() string {
	doc := cell(r.Doc)
	if len(r.Values) == 0 {
		return doc
	}
	if doc != "" {
		doc += " "
	}
	return doc + "One of " + cell(r.values("`", "`")) + "."
}

func codeTable(b *bytes.Buffer, codes []Code) {
	b.WriteString("| code | meaning |\n| --- | --- |\n")
	for _, c := range codes {
		fmt.Fprintf(b, "| %d | %s |\n", c.Code, cell(c.Meaning()))
	}
}

// cell is a text inside a table.
func cell(s string) string { return strings.NewReplacer("|", `\|`, "<", "&lt;", "\n", " ").Replace(s) }

func indented(v jsontext.Value) string {
	v = v.Clone()
	if err := v.Indent(jsontext.WithIndent("  ")); err != nil {
		return string(v)
	}
	return string(v)
}

func (ref *Reference) errorPage() []byte {
	b := page("Error codes")
	b.WriteString("The same numbers answer REST calls (`ErrorCode`) and clients' requests. ErrorInfo says more about the case.\n\n" +
		"| code | meaning | commands |\n| --- | --- | --- |\n")
	groups := make(map[string]string)
	for _, g := range ref.Groups {
		for _, c := range g.Commands {
			groups[c.Path] = fmt.Sprintf("[%s](%s.md#%s)", c.Heading, g.File(), anchor(c.Heading))
		}
	}
	for _, c := range ref.Codes {
		fmt.Fprintf(b, "| %d | %s | ", c.Code, cell(c.Meaning()))
		for i, path := range c.Commands {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(groups[path])
		}
		if ref.isCommon(c) {
			b.WriteString("every command")
		}
		b.WriteString(" |\n")
	}
	for _, r := range AppRanges() {
		fmt.Fprintf(b, "| %d to %d | %s | |\n", r.First, r.Last, cell(r.First.Meaning()))
	}
	return b.Bytes()
}

func (ref *Reference) isCommon(c Code) bool {
	for _, common := range ref.Common {
		if common.Code == c.Code {
			return true
		}
	}
	return false
}

func (ref *Reference) webhookPage() []byte {
	b := page("Webhooks")
	for _, paragraph := range webhookIntro() {
		fmt.Fprintf(b, "%s\n\n", cell(paragraph))
	}
	b.WriteString("| command word | kind |\n| --- | --- |\n")
	for _, w := range ref.Webhooks {
		fmt.Fprintf(b, "| [`%s`](#%s) | %s |\n", w.Word(), anchor(w.Word()), w.When())
	}
	fmt.Fprintf(b, "\n## The answer\n\n%s\n%s\n", fieldTable(ref.Answer.Rows(), false), answerNote)
	for _, w := range ref.Webhooks {
		w.write(b)
	}
	return b.Bytes()
}

// anchor is what forges make of a heading.
func anchor(heading string) string {
	return strings.ToLower(strings.NewReplacer(".", "", "/", "").Replace(heading))
}

func (w Webhook) write(b *bytes.Buffer) {
	fmt.Fprintf(b, "\n## %s\n\n", w.Word())
	if aliases := w.Aliases(); len(aliases) > 0 {
		fmt.Fprintf(b, "Also taken, where words are configured: `%s`.\n\n", strings.Join(aliases, "`, `"))
	}
	if w.Body == nil {
		fmt.Fprintf(b, "%s\n", switchNote)
		return
	}
	fmt.Fprintf(b, "Kind: %s. %s Vendor's page: [doc %s](%s).\n\n", w.When(), cell(w.Body.Doc), w.Doc, link(w.Doc))
	fmt.Fprintf(b, "Query, in this order:\n\n%s\n", fieldTable(rowsOf(w.Query()), false))
	fmt.Fprintf(b, "Body, in this order:\n\n%s\nAnswer: %s\n", fieldTable(w.Body.Rows(), false), w.AnswerRule())
	fmt.Fprintf(b, "\n```\nPOST %s\n```\n", w.URL())
	if w.Example != nil {
		fmt.Fprintf(b, "\n```json\n%s\n```\n", indented(w.Example))
	}
}
