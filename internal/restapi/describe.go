package restapi

import (
	"reflect"
	"slices"
	"strings"

	"github.com/greenroom-live/greenroom/internal/live"
)

// Description is what the registry says of one command, for those who write it down.
type Description struct {
	Path      string // service/command
	Does      string // a sentence
	Doc       string // its page in the vendor's documentation; empty for what only real clients show
	PerSecond float64
	TooOften  live.Code // for more calls than PerSecond

	// Request and Response are structs whose fields have the tags json, doc and, where a request must have the field,
	// req. A struct without fields stands for none.
	Request, Response reflect.Type
	// InResponse and Beside tell where the payload is: under Response, beside the envelope's own fields, or both.
	InResponse, Beside bool

	// Codes are the refusals of its own in ascending order, beside [CommonCodes] and TooOften.
	Codes []live.Code
}

// Describe returns the descriptions of all commands, in the registry's order.
func Describe() []Description {
	all := make([]Description, len(commands))
	for i, c := range commands {
		where := c.where()
		all[i] = Description{
			Path: c.path, Does: c.does, Doc: c.doc, PerSecond: c.perSecond, TooOften: c.tooOften(), Request: c.in, Response: c.out,
			InResponse: where&inResponse != 0, Beside: where&beside != 0, Codes: c.refusals(),
		}
	}
	return all
}

// CommonCodes returns the refusals that every command can answer with, in ascending order.
func CommonCodes() []live.Code { return slices.Sorted(slices.Values(commonCodes)) }

// refusals are the codes of the row, and those that follow from the fields of its body.
func (c command) refusals() []live.Code {
	all := slices.Clone(c.codes)
	if c.in.NumField() > 0 {
		all = append(all, c.family().parameter)
	}
	if namesAccounts(c.in) {
		all = append(all, live.CodeAccountType)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// namesAccounts tells whether a body has a field that holds accounts.
func namesAccounts(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		return namesAccounts(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
			if holdsAccount(name) || namesAccounts(t.Field(i).Type) {
				return true
			}
		}
	}
	return false
}
