package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"strconv"
	"strings"
	"sync"
)

// The request headers of the Standard Webhooks specification, which every webhook carries.
const (
	HeaderID        = "webhook-id"        // names the event; the same on every attempt to deliver it
	HeaderTimestamp = "webhook-timestamp" // when this attempt was made, Unix time in seconds
	HeaderSignature = "webhook-signature" // one or more of Secret.Signature, separated by spaces
)

const (
	secretPrefix    = "whsec_"
	minSecretBytes  = 24
	signatureScheme = "v1,"
)

// ErrSecret means that a text is not a signing secret.
var ErrSecret = errors.New("webhook: not a signing secret")

// Secret is the key with which the body of a webhook is signed, as the Standard Webhooks specification has it. Printing
// one does not reveal it. The zero value is no secret: nothing is signed with it.
type Secret struct {
	key *signingKey // a pointer, so that fmt does not print the key from inside another struct
}

// signingKey is a key with MACs that are ready to be used again, which spares hashing the key for every signature.
type signingKey struct {
	text *string // a pointer for the same reason
	macs sync.Pool
}

// ParseSecret reads a signing secret: whsec_ and the standard base64 of at least 24 bytes.
func ParseSecret(s string) (Secret, error) {
	encoded, ok := strings.CutPrefix(s, secretPrefix)
	if !ok {
		return Secret{}, fmt.Errorf("%w: no %s in front", ErrSecret, secretPrefix)
	}
	key, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil {
		return Secret{}, fmt.Errorf("%w: %w", ErrSecret, err)
	}
	if len(key) < minSecretBytes {
		return Secret{}, fmt.Errorf("%w: %d bytes, at least %d are needed", ErrSecret, len(key), minSecretBytes)
	}
	return SecretFromKey(string(key)), nil
}

// SecretFromKey returns the signing secret of an app that has configured none: its secret key, used as text, as in a
// UserSig. The empty key gives the zero Secret.
func SecretFromKey(key string) Secret {
	if key == "" {
		return Secret{}
	}
	k := &signingKey{text: &key}
	k.macs.New = func() any { return hmac.New(sha256.New, []byte(key)) }
	return Secret{key: k}
}

// IsZero reports whether s is no secret at all.
func (s Secret) IsZero() bool { return s.key == nil }

// Signature returns what webhook-signature says of an attempt: "v1," and the base64 of the HMAC-SHA256 over id, timestamp
// (Unix time in seconds) and body, joined by dots. The zero Secret gives the empty string.
func (s Secret) Signature(id string, timestamp int64, body []byte) string {
	if s.IsZero() {
		return ""
	}
	head := make([]byte, 0, 96)
	head = append(append(head, id...), '.')
	head = append(strconv.AppendInt(head, timestamp, 10), '.')
	h := s.key.macs.Get().(hash.Hash)
	defer s.key.macs.Put(h)
	h.Reset()
	h.Write(head)
	h.Write(body)
	var sum [sha256.Size]byte
	return signatureScheme + base64.StdEncoding.EncodeToString(h.Sum(sum[:0]))
}

// String returns a text that says that a secret is there, and nothing of it.
func (s Secret) String() string {
	if s.IsZero() {
		return "(no secret)"
	}
	return secretPrefix + "***"
}

// GoString is [Secret.String], for %#v.
func (s Secret) GoString() string { return s.String() }

// Reveal returns the form that [ParseSecret] reads, and the empty string for the zero Secret.
func (s Secret) Reveal() string {
	if s.IsZero() {
		return ""
	}
	return secretPrefix + base64.StdEncoding.EncodeToString([]byte(*s.key.text))
}
