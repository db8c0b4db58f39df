package restapi

import (
	"bytes"
	"errors"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/greenroom-live/greenroom/internal/live"
)

// decode reads a body into in. Names are case-sensitive, unknown ones are passed over; a name given twice, text that is
// no UTF-8 and anything that is no JSON object make it fail with [live.CodeBadJSON], a value of the wrong type with
// wrongType or, for the fields that hold accounts, [live.CodeAccountType].
func decode(body []byte, in any, wrongType live.Code) error {
	err := json.Unmarshal(body, in)
	if err == nil && isObject(body) {
		return nil
	}
	var semantic *json.SemanticError
	if !errors.As(err, &semantic) || semantic.JSONPointer == "" {
		return live.Refuse(live.CodeBadJSON, "the body must be a JSON object: %s", cause(err))
	}
	field, account := fieldName(semantic.JSONPointer)
	switch {
	case !account:
		return live.Refuse(wrongType, "%s has the wrong type", field)
	case semantic.GoType.Kind() == reflect.Slice:
		return live.Refuse(live.CodeAccountType, "%s must be a list of strings", field)
	}
	return live.Refuse(live.CodeAccountType, "%s must be a string", field)
}

// isObject tells an object from null, the other value that decodes into a struct; body is valid JSON.
func isObject(body []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{"))
}

// cause says what is wrong with a text that is no JSON, without quoting it.
func cause(err error) string {
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return "it names a field twice"
	case errors.As(err, &syntactic):
		return "it is not valid JSON"
	}
	return "it is something else"
}

// fieldName writes a JSON pointer the way a caller would, and tells whether the field holds accounts.
func fieldName(p jsontext.Pointer) (name string, account bool) {
	var b strings.Builder
	for token := range p.Tokens() {
		if digits(token) {
			b.WriteString("[" + token + "]")
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(token)
		account = holdsAccount(token)
	}
	return b.String(), account
}

// holdsAccount tells by its name whether a field holds an account, or a list of them.
func holdsAccount(name string) bool {
	return strings.HasSuffix(name, "_Account") || name == "UserID" || name == "Identifier"
}
