package live

import (
	"errors"
	"strings"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/greenroom-live/greenroom/usersig"
)

// Authenticate checks that sig is a valid UserSig of user in app, in the order: known app ([CodeUnknownApp]), sig
// present, decodable, made for this app and user, signed with the app's key, not expired (codes of doc 34348).
// A verified token is remembered, so that a caller who sends the same one again costs a look-up.
func (s *Service) Authenticate(id AppID, user UserID, sig string) (*App, error) {
	app, ok := s.apps[id]
	if !ok {
		return nil, Refuse(CodeUnknownApp, "SDKAppID %d is not served here", id)
	}
	key := sigKey{id, user, sig}
	now := s.now()
	if s.sigs.valid(key, now) {
		return app, nil
	}
	parsed, err := usersig.Verify(sig, uint32(id), app.SecretKey, string(user), now)
	if err != nil {
		return nil, refuseSig(err)
	}
	s.sigs.put(key, parsed.IssuedAt.Add(parsed.Expire))
	return app, nil
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

// sigCache remembers which tokens were verified, and until when each of them holds. A nil sigCache remembers nothing.
type sigCache struct {
	until *otter.Cache[sigKey, time.Time]
}

func newSigCache(size int) *sigCache {
	if size == 0 {
		return nil
	}
	return &sigCache{otter.Must(&otter.Options[sigKey, time.Time]{MaximumSize: size})}
}

func (c *sigCache) valid(k sigKey, now time.Time) bool {
	if c == nil {
		return false
	}
	until, ok := c.until.GetIfPresent(k)
	return ok && !now.After(until)
}

func (c *sigCache) put(k sigKey, until time.Time) {
	if c == nil {
		return
	}
	// The strings may be slices of a request's buffers.
	k.user, k.sig = UserID(strings.Clone(string(k.user))), strings.Clone(k.sig)
	c.until.Set(k, until)
}
