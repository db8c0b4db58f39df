package live

import (
	"errors"
	"strings"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/greenroom-live/greenroom/usersig"
)

// Login is what a valid UserSig says.
type Login struct {
	App      *App
	IssuedAt time.Time // whole seconds
}

// Authenticate checks that sig is a valid UserSig of user in app, in the order: known app ([CodeUnknownApp]), sig
// present, decodable, made for this app and user, signed with the app's key, not expired (codes of doc 34348), not
// revoked ([CodeSigRevoked]). A verified token is remembered, so that a caller who sends the same one again costs a
// look-up; whether it was revoked meanwhile is asked each time.
func (s *Service) Authenticate(id AppID, user UserID, sig string) (Login, error) {
	app, ok := s.apps[id]
	if !ok {
		return Login{}, Refuse(CodeUnknownApp, "SDKAppID %d is not served here", id)
	}
	term, err := s.verify(app, user, sig)
	if err != nil {
		return Login{}, err
	}
	if s.Revoked(id, user, term.issued) {
		return Login{}, Refuse(CodeSigRevoked, "UserSig has been revoked, a new one is needed")
	}
	return Login{app, term.issued}, nil
}

// verify returns when a valid token holds.
func (s *Service) verify(app *App, user UserID, sig string) (sigTerm, error) {
	key := sigKey{app.ID, user, sig}
	now := s.now()
	if term, ok := s.sigs.valid(key, now); ok {
		return term, nil
	}
	parsed, err := usersig.Verify(sig, uint32(app.ID), app.SecretKey, string(user), now)
	if err != nil {
		return sigTerm{}, refuseSig(err)
	}
	term := sigTerm{issued: parsed.IssuedAt, until: parsed.IssuedAt.Add(parsed.Expire)}
	s.sigs.put(key, term)
	return term, nil
}

func refuseSig(err error) error {
	code := Code(usersig.Code(err))
	if code == 0 {
		return err
	}
	info := map[Code]string{
		CodeSigExpired:   "UserSig has expired",
		CodeSigMissing:   "UserSig is missing",
		CodeSigWrongKey:  "UserSig was not signed with this app's key",
		CodeSigOtherUser: "UserSig was made for another user",
		CodeSigOtherApp:  "UserSig was made for another SDKAppID",
		CodeSigMalformed: "UserSig cannot be decoded",
	}[code]
	if errors.Is(err, usersig.ErrUserBuf) {
		info = "UserSig carries a userbuf, which is not accepted here"
	}
	return Refuse(code, "%s", info)
}

type sigKey struct {
	app  AppID
	user UserID
	sig  string
}

// sigTerm is from when to when a token holds.
type sigTerm struct{ issued, until time.Time }

// sigCache remembers which tokens were verified, and when each of them holds. A nil sigCache remembers nothing.
type sigCache struct {
	terms *otter.Cache[sigKey, sigTerm]
}

func newSigCache(size int) *sigCache {
	if size == 0 {
		return nil
	}
	return &sigCache{otter.Must(&otter.Options[sigKey, sigTerm]{MaximumSize: size})}
}

func (c *sigCache) valid(k sigKey, now time.Time) (sigTerm, bool) {
	if c == nil {
		return sigTerm{}, false
	}
	term, ok := c.terms.GetIfPresent(k)
	return term, ok && !now.After(term.until)
}

func (c *sigCache) put(k sigKey, term sigTerm) {
	if c == nil {
		return
	}
	// The strings may be slices of a request's buffers.
	k.user, k.sig = UserID(strings.Clone(string(k.user))), strings.Clone(k.sig)
	c.terms.Set(k, term)
}
