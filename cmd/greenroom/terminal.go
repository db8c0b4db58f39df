package main

import (
	"strconv"
	"strings"
	"unicode"
)

// onLine returns text from outside as it can be shown on a terminal: as it is, or quoted when it is empty or has
// characters that a terminal would act on or would not show.
func onLine(text string) string {
	if text == "" || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(text)
	}
	return text
}

// asWord is onLine for a place in a line of words: text with spaces is quoted too.
func asWord(text string) string {
	if strings.ContainsAny(text, ` "`) {
		return strconv.Quote(text)
	}
	return onLine(text)
}

// words are the texts in brackets, each as a word.
func words[T ~string](texts []T) string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = asWord(string(text))
	}
	return "[" + strings.Join(out, " ") + "]"
}

// shortened is text cut to at most n characters, with an ellipsis where it was cut.
func shortened(text string, n int) string {
	if runes := []rune(text); len(runes) > n {
		return string(runes[:n-1]) + "…"
	}
	return text
}
