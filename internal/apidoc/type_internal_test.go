package apidoc

import (
	"reflect"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"
)

// The shapes that bodies may have, beside those that today's have.
type (
	loose int
	open  struct{ text jsontext.Value }
	named string

	embedded struct {
		Inner string `json:"Inner" doc:"Inner."`
	}
	shapes struct {
		embedded
		Loose loose             `json:"Loose" req:"true" doc:"Loose."`
		Open  *open             `json:"Open" doc:"Open."`
		Word  named             `json:"Word,omitempty" doc:"Word."`
		Fixed float64           `json:"Fixed" doc:"Fixed."`
		Raw   jsontext.Value    `json:"Raw" doc:"Raw."`
		Any   any               `json:"Any" doc:"Any."`
		Map   map[string]*int64 `json:"Map" doc:"Map."`
		Deep  [][]struct {
			Flag *bool `json:"Flag" doc:"Flag."`
		} `json:"Deep" doc:"Deep."`
		Plain  string `doc:"Under its Go name."`
		Hidden string `json:"-"`
		silent int
	}
)

func (l *loose) UnmarshalJSONFrom(*jsontext.Decoder) error { return nil }
func (o *open) UnmarshalJSONFrom(*jsontext.Decoder) error  { o.text = nil; return nil }

var _ json.UnmarshalerFrom = (*loose)(nil)

func TestTypesOfBodies(t *testing.T) {
	_ = shapes{}.silent
	b := &builder{source: &source{}}
	var got []string
	for _, r := range b.typeOf("here", reflect.TypeFor[*shapes]()).Rows() {
		line := r.Path + ": " + r.Type.String()
		if r.Required {
			line += ", required"
		}
		got = append(got, line)
	}
	require.Empty(t, b.missing)
	require.Equal(t, []string{
		"Inner: string", "Loose: integer or string, required", "Open: object", "Word: string", "Fixed: number", "Raw: any JSON",
		"Any: any JSON", "Map: object", "Deep: array of array of object", "Deep[][].Flag: boolean", "Plain: string",
	}, got)

	b.sent = true
	for _, f := range b.typeOf("here", reflect.TypeFor[shapes]()).Fields {
		require.Equal(t, f.Name != "Word", f.Required, "%s: only what may be left out is not always there", f.Name)
	}
}

func TestFieldsWithoutATextAreNamed(t *testing.T) {
	b := &builder{source: &source{}}
	b.typeOf("get_it: reply", reflect.TypeFor[struct {
		List []struct {
			ID string `json:"Id"`
		} `json:"List" doc:"Texts."`
	}]())
	require.Equal(t, []string{"get_it: reply.List[].Id: a text"}, b.missing)
}

func TestATypeThatIsAskedForAndSentHasTwoSchemas(t *testing.T) {
	type pair struct {
		Key string `json:"Key" doc:"The key."`
	}
	b, o := &builder{source: &source{}}, &openAPI{schemas: make(map[string]members)}
	asked := o.schema(b.typeOf("", reflect.TypeFor[pair]()), "")
	again := o.schema(b.typeOf("", reflect.TypeFor[pair]()), "")
	b.sent = true
	sent := o.schema(b.typeOf("", reflect.TypeFor[pair]()), "")
	require.Equal(t, members{{"$ref", "#/components/schemas/Pair"}}, asked)
	require.Equal(t, asked, again)
	require.Equal(t, members{{"$ref", "#/components/schemas/PairReply"}}, sent)
	require.Equal(t, []string{"Pair", "PairReply"}, sortedKeys(o.schemas))
}
