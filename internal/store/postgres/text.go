package postgres

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
)

// PostgreSQL keeps every character in a text but U+0000, which the wire contract does not forbid. It is stored as two others,
// of which the first is a noncharacter, meant for use inside of programs; that one itself is stored twice.
const (
	escape     = "\uFDD0"
	escapedNUL = escape + "\u2400" // the symbol for it
	escapedOwn = escape + escape
)

var (
	escaper   = strings.NewReplacer("\x00", escapedNUL, escape, escapedOwn)
	unescaper = strings.NewReplacer(escapedNUL, "\x00", escapedOwn, escape)
	escapeIn  = []byte(escape)
)

// plain tells whether text is stored as it is.
func plain(text string) bool {
	return strings.IndexByte(text, 0) < 0 && !strings.Contains(text, escape) && utf8.ValidString(text)
}

// EncodeText is text as it is stored. No door lets in what is no UTF-8, but an app server's answer may be in the text of a failure:
// such bytes become U+FFFD.
func EncodeText(text string) string {
	if plain(text) {
		return text
	}
	return escaper.Replace(strings.ToValidUTF8(text, "\uFFFD"))
}

// DecodeText is what stored text says.
func DecodeText(stored string) string {
	if !strings.Contains(stored, escape) {
		return stored
	}
	return unescaper.Replace(stored)
}

// encodeTexts returns a statement's arguments with their texts encoded. What has to be changed is copied: the caller may need it
// as it was.
func encodeTexts(args []any) []any {
	coded := args
	for i, arg := range args {
		if c, changed := encodeArg(arg); changed {
			if &coded[0] == &args[0] {
				coded = slices.Clone(args)
			}
			coded[i] = c
		}
	}
	return coded
}

// encodeArg allocates nothing for texts that are stored as they are, as nearly all are.
func encodeArg(arg any) (coded any, changed bool) {
	switch v := arg.(type) {
	case string:
		if !plain(v) {
			return EncodeText(v), true
		}
	case *string:
		if v != nil && !plain(*v) {
			return new(EncodeText(*v)), true
		}
	case []string:
		return encodeEach(v, plain, EncodeText)
	case []*string:
		return encodeEach(v, func(text *string) bool { return text == nil || plain(*text) },
			func(text *string) *string { return new(EncodeText(*text)) })
	}
	return nil, false
}

func encodeEach[T any](texts []T, plain func(T) bool, encode func(T) T) (any, bool) {
	if !slices.ContainsFunc(texts, func(text T) bool { return !plain(text) }) {
		return nil, false
	}
	coded := slices.Clone(texts)
	for i, text := range coded {
		if !plain(text) {
			coded[i] = encode(text)
		}
	}
	return coded, true
}

// scanRow scans a row, and decodes its texts when anything in it may need that.
func scanRow(rows pgx.Rows, dest []any) error {
	if err := rows.Scan(dest...); err != nil {
		return err
	}
	for _, raw := range rows.RawValues() {
		if bytes.Contains(raw, escapeIn) {
			for _, d := range dest {
				decodeIn(reflect.ValueOf(d))
			}
			return nil
		}
	}
	return nil
}

// decodeIn decodes the texts that v leads to.
func decodeIn(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			decodeIn(v.Elem())
		}
	case reflect.String:
		if v.CanSet() {
			v.SetString(DecodeText(v.String()))
		}
	case reflect.Slice:
		for i := range v.Len() {
			if e := v.Index(i); e.Kind() == reflect.String || e.Kind() == reflect.Pointer {
				decodeIn(e)
			}
		}
	}
}
