package operator

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// decode reads the call's body into in, a pointer to a struct. No body at all counts as an empty object, and a query is
// refused: what is meant to narrow a purge must not be passed over. That the content type is JSON's keeps web pages from
// calling: a browser asks before it sends that to another host, and nobody answers.
func (c *call) decode(in any) error {
	if _, err := c.query(); err != nil {
		return err
	}
	media, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return refuse(http.StatusUnsupportedMediaType, CodeContentType, "the content type must be application/json")
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, maxBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return refuse(http.StatusRequestEntityTooLarge, CodeTooLarge, "the body is larger than %d bytes", maxBody)
	}
	if err != nil {
		return refuse(http.StatusBadRequest, CodeBadRequest, "the body cannot be read")
	}
	body = bytes.TrimLeft(body, " \t\r\n")
	if len(body) == 0 {
		return nil
	}
	err = json.Unmarshal(body, in, json.RejectUnknownMembers(true))
	if err == nil && body[0] == '{' {
		return nil
	}
	return mistake(err)
}

// mistake says what is wrong with a body, and where.
func mistake(err error) *Error {
	var semantic *json.SemanticError
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &syntactic):
		return wrong(fieldName(syntactic.JSONPointer), "is named twice")
	case errors.As(err, &syntactic):
		return refuse(http.StatusBadRequest, CodeBadRequest, "the body is not valid JSON")
	case errors.Is(err, json.ErrUnknownName) && errors.As(err, &semantic):
		return wrong(fieldName(semantic.JSONPointer), "is no field of this call")
	case errors.As(err, &semantic) && semantic.JSONPointer != "":
		return wrong(fieldName(semantic.JSONPointer), "has the wrong type")
	}
	return refuse(http.StatusBadRequest, CodeBadRequest, "the body must be a JSON object")
}

// fieldName is the outermost field that a JSON pointer leads to.
func fieldName(p jsontext.Pointer) string {
	for token := range p.Tokens() {
		return token
	}
	return "the body"
}

// query reads the call's query, of which every parameter must be one of names, and given once.
func (c *call) query(names ...string) (url.Values, error) {
	q, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, CodeBadRequest, "the query is malformed")
	}
	for name, values := range q {
		switch {
		case !slices.Contains(names, name):
			return nil, wrong(name, "is no parameter of this call")
		case len(values) > 1:
			return nil, wrong(name, "is given twice")
		}
	}
	return q, nil
}

// Bounds of the pages of lists.
const (
	defaultLimit = 100
	maxLimit     = 1000
)

// limit is how many entries the query asks for.
func limit(q url.Values) (int, error) {
	if !q.Has("limit") {
		return defaultLimit, nil
	}
	n, err := strconv.Atoi(q.Get("limit"))
	if err != nil || n < 1 || n > maxLimit || strings.HasPrefix(q.Get("limit"), "+") {
		return 0, wrong("limit", "must be a whole number from 1 to %d", maxLimit)
	}
	return n, nil
}

// param is a parameter of the query, nil when it is not given.
func param(q url.Values, name string) *string {
	if !q.Has(name) {
		return nil
	}
	value := q.Get(name)
	return &value
}
