package postgres

import (
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestEveryTextCanBeStored(t *testing.T) {
	t.Parallel()
	pieces := rapid.SliceOf(rapid.SampledFrom([]string{"\x00", "\uFDD0", "\u2400", "a", "é", "\U0001F525", "\uFFFF"}))
	rapid.Check(t, func(t *rapid.T) {
		var text string
		for _, piece := range pieces.Draw(t, "pieces") {
			text += piece
		}
		text += rapid.String().Draw(t, "more")
		stored := EncodeText(text)
		require.NotContains(t, stored, "\x00")
		require.True(t, utf8.ValidString(stored))
		require.Equal(t, text, DecodeText(stored))
	})
}

func TestTextsOfAStatementAreEncodedInACopy(t *testing.T) {
	t.Parallel()
	single, list, pointers := "a\x00", []string{"b", "c\x00"}, []*string{nil, new("d\x00"), new("e")}
	args := []any{int64(1), "x\x00", &single, (*string)(nil), list, pointers, []byte("y\x00"), nil}
	before := slices.Clone(args)
	require.Equal(t, []any{int64(1), "x\uFDD0\u2400", new("a\uFDD0\u2400"), (*string)(nil), []string{"b", "c\uFDD0\u2400"},
		[]*string{nil, new("d\uFDD0\u2400"), new("e")}, []byte("y\x00"), nil}, encodeTexts(args))
	require.Equal(t, before, args)
	require.Empty(t, encodeTexts(nil))
	require.Equal(t, []any{"\uFFFD and \uFFFD no more", []string{"\uFFFD"}}, encodeTexts([]any{"\xff and \xc3 no more", []string{"\xfe"}}))
	require.Equal(t, "a\x00", single)
	require.Equal(t, []string{"b", "c\x00"}, list)
	require.Equal(t, "d\x00", *pointers[1])
}
