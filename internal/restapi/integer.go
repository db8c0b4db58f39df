package restapi

import (
	"errors"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// looseInt is a whole number that some clients write as a text of digits, and as an empty text when they mean 0.
type looseInt int

// UnmarshalJSONFrom reads a number or a text.
func (i *looseInt) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if k := dec.PeekKind(); k != '0' && k != '"' {
		return errors.New("neither a number nor a text")
	}
	token, err := dec.ReadToken()
	if err != nil {
		return err
	}
	text := token.String()
	if text == "" {
		*i = 0
		return nil
	}
	n, err := strconv.Atoi(text)
	*i = looseInt(n)
	return err
}
