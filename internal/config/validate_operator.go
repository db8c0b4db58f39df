package config

import "strings"

// minOperatorToken is the least number of bytes of an operator token.
const minOperatorToken = 16

func (o Operator) mistakes() Mistakes {
	found := networkMistakes("operator.networks", o.Networks)
	token := o.Token.Reveal()
	if token != "" && (len(token) < minOperatorToken || strings.ContainsFunc(token, notTokenByte)) {
		found = append(found, wrong("operator.token", "must have at least %d characters of printable ASCII without blanks", minOperatorToken))
	}
	return found
}

func notTokenByte(r rune) bool { return r <= ' ' || r > '~' }
