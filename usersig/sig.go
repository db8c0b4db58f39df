package usersig

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"time"
)

// Sig is what a token says. Nothing in it can be trusted before [Sig.SignedBy] has answered true.
type Sig struct {
	App      uint32        // SDKAppID
	User     string        // UserID
	IssuedAt time.Time     // whole seconds, UTC
	Expire   time.Duration // how long the token holds from IssuedAt, whole seconds
	UserBuf  []byte        // what a PrivateMapKey signs along; nil in a UserSig

	mac [sha256.Size]byte // as found in the token
}

// SignedBy reports whether the token was signed with key. The comparison takes the same time wherever the first
// difference is. No token is signed by the empty key: an app without a key lets nobody in.
func (s *Sig) SignedBy(key string) bool {
	if key == "" {
		return false
	}
	mac := s.sign(key)
	return hmac.Equal(mac[:], s.mac[:])
}

// ExpiredAt reports whether the token no longer holds at now. It counts whole seconds, and the last one,
// IssuedAt+Expire, still belongs to the token. A token issued in the future is not refused for that.
func (s *Sig) ExpiredAt(now time.Time) bool {
	return now.Unix() > s.IssuedAt.Unix()+s.expireSeconds()
}

// Verify returns what token says when it is a UserSig of user in app, signed with key, that holds at now.
//
// Otherwise it returns the first of these errors that applies, in this order: [ErrEmpty], [ErrMalformed], [ErrUserBuf],
// [ErrApp], [ErrUser], [ErrSignature], [ErrExpired].
func Verify(token string, app uint32, key, user string, now time.Time) (*Sig, error) {
	sig, err := Parse(token)
	if err != nil {
		return nil, err
	}
	switch {
	case sig.UserBuf != nil:
		return nil, ErrUserBuf
	case sig.App != app:
		return nil, ErrApp
	case sig.User != user:
		return nil, ErrUser
	case !sig.SignedBy(key):
		return nil, ErrSignature
	case sig.ExpiredAt(now):
		return nil, ErrExpired
	}
	return sig, nil
}

// sign computes the HMAC over the lines that doc 69883 prescribes. Only the first value can hold a line break, so two
// different Sigs never have the same lines.
func (s *Sig) sign(key string) (mac [sha256.Size]byte) {
	lines := make([]byte, 0, 256)
	lines = append(append(append(lines, "TLS.identifier:"...), s.User...), '\n')
	lines = appendLine(lines, "TLS.sdkappid:", int64(s.App))
	lines = appendLine(lines, "TLS.time:", s.IssuedAt.Unix())
	lines = appendLine(lines, "TLS.expire:", s.expireSeconds())
	if s.UserBuf != nil {
		lines = append(lines, "TLS.userbuf:"...)
		lines = append(base64.StdEncoding.AppendEncode(lines, s.UserBuf), '\n')
	}
	h := hmac.New(sha256.New, []byte(key))
	h.Write(lines)
	h.Sum(mac[:0])
	return mac
}

func (s *Sig) expireSeconds() int64 { return int64(s.Expire / time.Second) }

func appendLine(lines []byte, name string, value int64) []byte {
	return append(strconv.AppendInt(append(lines, name...), value, 10), '\n')
}
