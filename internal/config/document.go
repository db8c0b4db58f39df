package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// document is one YAML or JSON text, read against the keys: the configuration file, or the list of apps of the
// environment. Every value stays the text that was written, so that 0123 is not a number before its key says so.
type document struct {
	source   string            // the file or the variable
	values   map[string]any    // by path: string, []string, or []any of such maps for apps
	origins  map[string]string // by path: source and line
	mistakes Mistakes
}

// place is where in the configuration a mapping lies.
type place struct {
	prefix string         // before a key's path: "" or "apps[0]."
	into   map[string]any // takes the values
	root   []key          // all keys that begin at prefix
}

func readFileText(source string, text []byte) *document {
	d := newDocument(source)
	if n := d.parse("", text); n != nil {
		d.mapping(n, "", configKeys, place{into: d.values, root: configKeys})
	}
	return d
}

func readValueText(source string, k key, text []byte) *document {
	d := newDocument(source)
	if n := d.parse(k.path, text); n != nil {
		d.value(n, k, place{into: d.values, root: configKeys})
	}
	return d
}

func newDocument(source string) *document {
	return &document{source: source, values: map[string]any{}, origins: map[string]string{}}
}

// parse returns the root of the text's only YAML document, or nil when it is empty or wrong.
func (d *document) parse(path string, text []byte) (root *yaml.Node) {
	// The parser reports faults of its own by panicking; no text may stop the process.
	defer func() {
		if recover() != nil {
			d.wrongSyntax(path, errors.New("cannot be parsed as YAML"))
			root = nil
		}
	}()
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var first, second yaml.Node
	if err := decoder.Decode(&first); err != nil {
		d.wrongSyntax(path, err)
		return nil
	}
	if err := decoder.Decode(&second); err == nil {
		d.wrong(&second, path, "a second YAML document begins here; only one is read")
		return nil
	} else if !errors.Is(err, io.EOF) {
		d.wrongSyntax(path, err)
		return nil
	}
	if len(first.Content) == 0 {
		return nil
	}
	return first.Content[0]
}

var syntaxError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`)

// wrongSyntax notes the parser's error. Its texts are fixed except for the name of an anchor, which may be a secret
// that begins with an asterisk.
func (d *document) wrongSyntax(path string, err error) {
	if errors.Is(err, io.EOF) {
		return
	}
	origin, problem := d.source, err.Error()
	if parts := syntaxError.FindStringSubmatch(problem); parts != nil {
		problem = parts[2]
		if parts[1] != "" {
			origin += ":" + parts[1]
		}
	}
	if strings.HasPrefix(problem, "unknown anchor") {
		problem = "an alias names no anchor; put a text that begins with * into quotes"
	}
	d.mistakes = append(d.mistakes, Mistake{Origin: origin, Key: path, Err: errors.New("wrong YAML: " + problem)})
}

func (d *document) origin(n *yaml.Node) string { return d.source + ":" + strconv.Itoa(n.Line) }

func (d *document) wrong(n *yaml.Node, path, problem string) {
	d.mistakes = append(d.mistakes, Mistake{Origin: d.origin(n), Key: path, Err: errors.New(problem)})
}

// mapping reads the keys of the section at path.
func (d *document) mapping(n *yaml.Node, path string, keys []key, at place) {
	if n = d.resolve(n, path); n == nil {
		return
	}
	if n.Kind != yaml.MappingNode {
		d.wrong(n, path, "must hold keys with their values, each as name: value")
		return
	}
	lines := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i]
		at := at
		j := slices.IndexFunc(keys, func(k key) bool { return name.Kind == yaml.ScalarNode && k.name == name.Value })
		if j < 0 {
			d.unknownKey(name, path, keys, at)
			continue
		}
		if line, twice := lines[name.Value]; twice {
			d.wrong(name, at.prefix+keys[j].path, fmt.Sprintf("is given twice, first on line %d", line))
			continue
		}
		lines[name.Value] = name.Line
		d.origins[at.prefix+keys[j].path] = d.origin(name)
		d.value(n.Content[i+1], keys[j], at)
	}
}

// value reads what stands after a key.
func (d *document) value(n *yaml.Node, k key, at place) {
	path := at.prefix + k.path
	if k.shape == section {
		d.mapping(n, path, k.children, at)
		return
	}
	if n = d.resolve(n, path); n == nil {
		return
	}
	switch {
	case k.shape == items:
		d.items(n, k, at)
	case k.shape == list:
		d.list(n, k, at)
	case n.Kind == yaml.MappingNode && k.typ == frequencyType:
		at.into[k.path] = d.frequency(n, path)
	case n.Kind != yaml.ScalarNode:
		d.wrong(n, path, "must be one value: "+k.typeName())
	default:
		at.into[k.path] = n.Value
	}
}

func (d *document) list(n *yaml.Node, k key, at place) {
	path := at.prefix + k.path
	if n.Kind != yaml.SequenceNode {
		d.wrong(n, path, "must be a list, such as [first, second]")
		return
	}
	texts := []string{}
	for i, element := range n.Content {
		elementPath := fmt.Sprintf("%s[%d]", path, i)
		d.origins[elementPath] = d.origin(element)
		element = target(element)
		if element.Kind != yaml.ScalarNode || isNull(element) {
			d.wrong(element, elementPath, "must be one value")
		}
		if d.resolve(element, elementPath) == nil {
			texts = append(texts, "") // so that the others keep their numbers
			continue
		}
		texts = append(texts, element.Value)
	}
	at.into[k.path] = texts
}

func (d *document) items(n *yaml.Node, k key, at place) {
	path := at.prefix + k.path
	if n.Kind != yaml.SequenceNode {
		d.wrong(n, path, "must be a list, each element beginning with a dash")
		return
	}
	elements := []any{}
	for i, element := range n.Content {
		elementPath := fmt.Sprintf("%s[%d]", path, i)
		d.origins[elementPath] = d.origin(element)
		into := map[string]any{}
		d.mapping(element, elementPath, k.children, place{prefix: elementPath + ".", into: into, root: k.children})
		elements = append(elements, into)
	}
	at.into[k.path] = elements
}

// frequency turns a map of commands into the one-line form that the other layers use.
func (d *document) frequency(n *yaml.Node, path string) string {
	rates := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		command, rate := n.Content[i], target(n.Content[i+1])
		perSecond, err := readRate(command.Value, rate.Value)
		if err == nil && rates[command.Value] != 0 {
			err = fmt.Errorf("names %s twice", command.Value)
		}
		if err != nil {
			d.wrong(command, path, err.Error())
			continue
		}
		rates[command.Value] = perSecond
	}
	return Frequency{rates: rates}.String()
}

var knownTags = []string{"!!str", "!!int", "!!float", "!!bool", "!!null", "!!timestamp", "!!merge", "!!map", "!!seq"}

// resolve follows an alias and returns nil for a value that is missing, which keeps the default, or wrong.
func (d *document) resolve(n *yaml.Node, path string) *yaml.Node {
	n = target(n)
	if !slices.Contains(knownTags, n.ShortTag()) {
		d.wrong(n, path, "has a YAML tag that is not understood; write a plain value")
		return nil
	}
	if isNull(n) {
		return nil
	}
	return n
}

// target follows an alias to what it stands for.
func target(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool { return n.ShortTag() == "!!null" }

// keyName is how a key may look. What looks otherwise is not repeated: in {secret_key:abc} the secret is in the key.
var keyName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,63}$`)

func (d *document) unknownKey(n *yaml.Node, path string, siblings []key, at place) {
	if n.Value == "<<" {
		d.wrong(n, path, "merge keys (<<) are not understood; share a whole section with an alias instead")
		return
	}
	if n.Kind != yaml.ScalarNode || !keyName.MatchString(n.Value) {
		d.wrong(n, path, "something here is not a key; is the space after a colon missing?")
		return
	}
	full := n.Value
	if path != "" {
		full = path + "." + n.Value
	}
	problem := "unknown key"
	if near := nearestKey(n.Value, siblings, at.root); near != "" {
		problem += "; did you mean " + at.prefix + near + "?"
	}
	d.wrong(n, full, problem)
}
