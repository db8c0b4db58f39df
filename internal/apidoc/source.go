package apidoc

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	registryFile  = "internal/restapi/commands.go"
	webhookFolder = "webhook"
)

// source is what stands in the code for people.
type source struct {
	headings map[string]string // of the registry, by the path of each command
	types    map[string]typeText
	values   map[string][]Value // listed values, by type and field or by field alone
	consts   map[string]string  // package webhook's constants, as they go over the wire
}

// typeText is the comments of one of package webhook's types.
type typeText struct {
	doc    string
	fields map[string]string // by Go name
}

func readSource(repository fs.FS) (*source, error) {
	s := &source{
		headings: make(map[string]string), types: make(map[string]typeText),
		values: make(map[string][]Value), consts: make(map[string]string),
	}
	if err := s.readRegistry(repository); err != nil {
		return nil, err
	}
	files, err := fs.Glob(repository, path.Join(webhookFolder, "*.go"))
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if err := s.readWebhooks(repository, name); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func parse(repository fs.FS, name string) (*token.FileSet, *ast.File, error) {
	text, err := fs.ReadFile(repository, name)
	if err != nil {
		return nil, nil, err
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, text, parser.ParseComments)
	return set, file, err
}

// readRegistry finds the heading over each row of the registry: the last comment before it that has a line to itself.
func (s *source) readRegistry(repository fs.FS) error {
	set, file, err := parse(repository, registryFile)
	if err != nil {
		return err
	}
	rows, err := registry(file)
	if err != nil {
		return err
	}
	heading, comments := "", file.Comments
	comments = slices.DeleteFunc(comments, func(c *ast.CommentGroup) bool { return c.Pos() < rows.Lbrace || c.End() > rows.Rbrace })
	last := set.Position(rows.Lbrace).Line
	for _, row := range rows.Elts {
		for len(comments) > 0 && comments[0].Pos() < row.Pos() {
			if set.Position(comments[0].Pos()).Line != last {
				heading = strings.TrimSpace(comments[0].Text())
			}
			comments = comments[1:]
		}
		for len(comments) > 0 && comments[0].Pos() < row.End() {
			comments = comments[1:] // within the row
		}
		last = set.Position(row.End()).Line
		if command, ok := stringField(row, "path"); ok {
			s.headings[command] = heading
		}
	}
	return nil
}

// registry finds the variable commands.
func registry(file *ast.File) (*ast.CompositeLit, error) {
	for _, d := range file.Decls {
		decl, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range decl.Specs {
			v, ok := spec.(*ast.ValueSpec)
			if !ok || v.Names[0].Name != "commands" || len(v.Values) != 1 {
				continue
			}
			if rows, ok := v.Values[0].(*ast.CompositeLit); ok {
				return rows, nil
			}
		}
	}
	return nil, fmt.Errorf("%s: no registry", registryFile)
}

func stringField(row ast.Expr, name string) (string, bool) {
	lit, ok := row.(*ast.CompositeLit)
	if !ok {
		return "", false
	}
	for _, e := range lit.Elts {
		pair, ok := e.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		if key, ok := pair.Key.(*ast.Ident); ok && key.Name == name {
			return literal(pair.Value)
		}
	}
	return "", false
}

// literal is the text of a string or the digits of a number.
func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok {
		return "", false
	}
	if lit.Kind != token.STRING {
		return lit.Value, true
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

func (s *source) readWebhooks(repository fs.FS, name string) error {
	_, file, err := parse(repository, name)
	if err != nil {
		return err
	}
	for _, d := range file.Decls {
		decl, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range decl.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				s.readType(decl, spec)
			case *ast.ValueSpec:
				s.readConst(decl, spec)
			}
		}
	}
	return nil
}

func (s *source) readType(decl *ast.GenDecl, spec *ast.TypeSpec) {
	structure, ok := spec.Type.(*ast.StructType)
	if !ok {
		return
	}
	t := typeText{doc: oneLine(decl.Doc.Text()), fields: make(map[string]string)}
	for _, f := range structure.Fields.List {
		for _, name := range f.Names {
			t.fields[name.Name] = oneLine(f.Doc.Text() + f.Comment.Text())
		}
	}
	s.types[spec.Name.Name] = t
}

// valuesOf finds in the comment over constants whose values they are: "The values of [Type].Field", or of Field alone.
var valuesOf = regexp.MustCompile(`^The values of (?:\[(\w+)\]\.)?(\w+)`)

func (s *source) readConst(decl *ast.GenDecl, spec *ast.ValueSpec) {
	if decl.Tok != token.CONST || len(spec.Names) != len(spec.Values) {
		return
	}
	for i, name := range spec.Names {
		value, ok := literal(spec.Values[i])
		if !ok {
			continue
		}
		s.consts[name.Name] = value
		if of := valuesOf.FindStringSubmatch(oneLine(decl.Doc.Text())); of != nil && len(spec.Names) == 1 {
			key := of[1] + "." + of[2]
			s.values[key] = append(s.values[key], Value{value, oneLine(spec.Comment.Text())})
		}
	}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// ofWebhook tells whether a type is one of package webhook's: only theirs are described by comments.
func ofWebhook(t reflect.Type) bool { return path.Base(t.PkgPath()) == webhookFolder }

// typeDoc is what the comment on a type says, as a sentence without the type's name: "Reports that ...".
func (s *source) typeDoc(t reflect.Type) string {
	if !ofWebhook(t) {
		return ""
	}
	doc := strings.TrimPrefix(s.types[t.Name()].doc, t.Name()+" ")
	return sentence(s.plain(doc))
}

// fieldDoc is what the comment on a field says, and the values that it can have where they are constants.
func (s *source) fieldDoc(t reflect.Type, field string) (string, []Value) {
	if !ofWebhook(t) {
		return "", nil
	}
	values := s.values[t.Name()+"."+field]
	if values == nil {
		values = s.values["."+field]
	}
	doc := s.types[t.Name()].fields[field]
	if values != nil && s.onlyNames(doc) {
		doc = ""
	}
	if first := word.FindString(doc); s.consts[first] != "" && strings.HasPrefix(doc, first) {
		return stop(s.plain(doc)), values // a value is never written with another letter
	}
	return sentence(s.plain(doc)), values
}

var word = regexp.MustCompile(`[A-Za-z]\w*`)

// onlyNames tells whether a comment is nothing but a list of constants.
func (s *source) onlyNames(doc string) bool {
	for _, w := range word.FindAllString(doc, -1) {
		if _, ok := s.consts[w]; !ok {
			return false
		}
	}
	return true
}

var (
	reference = regexp.MustCompile(`\[(\*?[A-Za-z]\w*)\]`)
	citation  = regexp.MustCompile(` \(docs? [0-9/]+(?:, [0-9/]+)*\)`)

	pageNumber = regexp.MustCompile(`[0-9/]+`)
)

// plain puts a comment into words for readers who do not see the code: constants by their values, no links, no sources.
func (s *source) plain(doc string) string {
	doc = reference.ReplaceAllString(citation.ReplaceAllString(doc, ""), "$1")
	return word.ReplaceAllStringFunc(doc, func(w string) string {
		if value, ok := s.consts[w]; ok {
			return value
		}
		return w
	})
}

// sentence gives a text a capital and a full stop.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	return stop(strings.ToUpper(s[:1]) + s[1:])
}

func stop(s string) string { return strings.TrimSuffix(s, ".") + "." }

// page is the vendor's page that the comment on a type names.
func (s *source) page(t reflect.Type) string {
	return pageNumber.FindString(citation.FindString(s.types[t.Name()].doc))
}
