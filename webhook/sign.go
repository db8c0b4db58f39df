package webhook

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
)

// Sign returns the Sign parameter that goes with a RequestTime: the lower-case hexadecimal SHA-256 of the app's callback
// token, directly followed by requestTime (Unix time in seconds) in decimal (doc 64412). It does not cover the body.
func Sign(token string, requestTime int64) string {
	text := make([]byte, 0, 160)
	text = strconv.AppendInt(append(text, token...), requestTime, 10)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
