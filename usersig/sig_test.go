package usersig_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/usersig"
)

func TestVerifyRefusesInTheContractsOrder(t *testing.T) {
	const app, otherApp = 1400000123, 1400000124
	const otherKey = "another key"
	token := vectors[0].token
	late := time.Unix(1767312001, 0)
	signedByOther := usersig.New(app, otherKey, "administrator", issued, 24*time.Hour)

	cases := []struct {
		name  string
		token string
		app   uint32
		key   string
		user  string
		now   time.Time
		err   error
		code  int
	}{
		{"valid", token, app, testKey, "administrator", issued, nil, 0},
		{"valid in its last second", token, app, testKey, "administrator", late.Add(-time.Second), nil, 0},
		{"valid within its last second", token, app, testKey, "administrator", late.Add(-time.Nanosecond), nil, 0},
		{"valid before it was issued", token, app, testKey, "administrator", issued.Add(-time.Hour), nil, 0},
		{"empty, whatever else", "", otherApp, otherKey, "viewer", late, usersig.ErrEmpty, 70002},
		{"malformed, whatever else", "token", otherApp, otherKey, "viewer", late, usersig.ErrMalformed, 70003},
		{"with a userbuf", vectors[3].token, app, testKey, "host-7", issued, usersig.ErrUserBuf, 70003},
		{"with a userbuf, whatever else", vectors[3].token, otherApp, otherKey, "viewer", late, usersig.ErrUserBuf, 70003},
		{"other app", token, otherApp, testKey, "administrator", issued, usersig.ErrApp, 70014},
		{"other app, user and key, expired", token, otherApp, otherKey, "viewer", late, usersig.ErrApp, 70014},
		{"other user", token, app, testKey, "viewer", issued, usersig.ErrUser, 70013},
		{"user in other case", token, app, testKey, "Administrator", issued, usersig.ErrUser, 70013},
		{"other user and key, expired", token, app, otherKey, "viewer", late, usersig.ErrUser, 70013},
		{"other key", token, app, otherKey, "administrator", issued, usersig.ErrSignature, 70009},
		{"signed with another key", signedByOther, app, testKey, "administrator", issued, usersig.ErrSignature, 70009},
		{"other key, expired", token, app, otherKey, "administrator", late, usersig.ErrSignature, 70009},
		{"expired", token, app, testKey, "administrator", late, usersig.ErrExpired, 70001},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			sig, err := usersig.Verify(c.token, c.app, c.key, c.user, c.now)
			require.ErrorIs(t, err, c.err)
			require.Equal(t, c.code, usersig.Code(err))
			require.Equal(t, c.err == nil, sig != nil)
		})
	}
}

func TestATokenWithAnEmptyUserBufMemberIsNoUserSig(t *testing.T) {
	text := `{"TLS.identifier":"administrator","TLS.sdkappid":1400000123,"TLS.expire":86400,"TLS.time":1767225600,"TLS.userbuf":"","TLS.sig":"` + vectorMAC + `"}`
	token := tokenOf(t, text, 6)
	_, err := usersig.Verify(token, 1400000123, testKey, "administrator", issued)
	require.ErrorIs(t, err, usersig.ErrUserBuf)
}

func TestNothingIsSignedByTheEmptyKey(t *testing.T) {
	token := usersig.New(1400000123, "", "administrator", issued, time.Hour)
	_, err := usersig.Verify(token, 1400000123, "", "administrator", issued)
	require.ErrorIs(t, err, usersig.ErrSignature)
}

func TestEveryFieldIsSigned(t *testing.T) {
	changes := map[string]func(*usersig.Sig){
		"App":      func(s *usersig.Sig) { s.App++ },
		"User":     func(s *usersig.Sig) { s.User += "x" },
		"IssuedAt": func(s *usersig.Sig) { s.IssuedAt = s.IssuedAt.Add(time.Second) },
		"Expire":   func(s *usersig.Sig) { s.Expire += time.Second },
		"UserBuf":  func(s *usersig.Sig) { s.UserBuf = []byte{} },
	}
	for field, change := range changes {
		t.Run(field, func(t *testing.T) {
			sig, err := usersig.Parse(vectors[0].token)
			require.NoError(t, err)
			require.True(t, sig.SignedBy(testKey))
			change(sig)
			require.False(t, sig.SignedBy(testKey))
		})
	}
}

func TestTheLongestExpireDoesNotOverflow(t *testing.T) {
	const longest = 9223372036 * time.Second
	token := usersig.New(1400000123, testKey, "fan_1", time.Unix(253402300799, 0), longest)
	sig, err := usersig.Parse(token)
	require.NoError(t, err)
	require.False(t, sig.ExpiredAt(time.Unix(253402300799+9223372036, 0)))
	require.True(t, sig.ExpiredAt(time.Unix(253402300799+9223372037, 0)))
}

func TestCodeKnowsOnlyTheErrorsOfThisPackage(t *testing.T) {
	require.Equal(t, 0, usersig.Code(nil))
	require.Equal(t, 0, usersig.Code(fmt.Errorf("disk full")))
	require.Equal(t, 70001, usersig.Code(fmt.Errorf("login: %w", usersig.ErrExpired)))
}
