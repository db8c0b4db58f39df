package operator

import (
	"encoding/base64"

	"github.com/go-json-experiment/json"
)

// place is where a list or a series of calls goes on. Callers get it as a text that says nothing to them.
type place struct {
	What   string `json:"w"` // the list or the series that it belongs to, and the app
	Cursor string `json:"c,omitzero"`
	Left   int    `json:"l,omitzero"` // of a series: how many events it may still change
	To     int64  `json:"t,omitzero"` // of a series: when it began, in Unix milliseconds
}

// text is the place for the caller; empty behind the end of a list.
func (p place) text(what string) string {
	if p == (place{}) {
		return ""
	}
	p.What = what
	text, _ := json.Marshal(p) // texts and numbers
	return base64.RawURLEncoding.EncodeToString(text)
}

// placeOf reads a place back: the beginning when the text is empty.
func placeOf(text, what string) (place, error) {
	var p place
	if text == "" {
		return p, nil
	}
	plain, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(plain, &p, json.RejectUnknownMembers(true))
	}
	if err != nil || p.What != what || p.Left < 0 {
		return place{}, errBadPlace()
	}
	return p, nil
}

func errBadPlace() *Error {
	return wrong("after", "must be the next of the answer before, asked for in the same way")
}
