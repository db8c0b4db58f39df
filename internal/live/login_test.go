package live_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/usersig"
)

// TestAuthenticateWithAndWithoutMemory: remembered or not, a token is judged alike, over and over.
func TestAuthenticateWithAndWithoutMemory(t *testing.T) {
	good := usersig.New(uint32(app), key, "fan", began.Add(-time.Hour), 2*time.Hour)
	for _, size := range []int{0, 1, 100} {
		w := newWorld(t, func(l *live.Limits) { l.UserSigCache = size })
		for range 3 {
			for _, s := range []struct {
				app  live.AppID
				user live.UserID
				sig  string
				code live.Code
			}{
				{app, "fan", good, 0},
				{app, "other", good, live.CodeSigOtherUser},
				{app + 1, "fan", good, live.CodeUnknownApp},
				{app, "fan", "", live.CodeSigMissing},
				{app, "fan", good[:50], live.CodeSigMalformed},
				{app, "fan", usersig.New(uint32(app), "x", "fan", began, time.Hour), live.CodeSigWrongKey},
				{app, "fan", usersig.New(uint32(app), key, "fan", began.Add(-time.Hour), time.Hour), 0},
				{app, "fan", usersig.New(uint32(app), key, "fan", began.Add(-time.Hour), time.Hour-time.Second), live.CodeSigExpired},
			} {
				got, err := w.Authenticate(s.app, s.user, s.sig)
				require.Equal(t, s.code, live.CodeOf(err), "%d %s: %v", s.app, s.user, err)
				require.Equal(t, s.code == 0, got.App != nil)
			}
		}
	}
}

// TestWhatKeepsAProfile: logging in, being named by a command and imports that leave a field out change nothing of it.
func TestWhatKeepsAProfile(t *testing.T) {
	w := hosted(t)
	nick, face := "Fan No. 1", "https://img.example.net/f.png"
	admin := by(live.KindAdmin, "administrator")
	require.NoError(t, w.ImportAccount(ctx, admin, live.AccountImport{ID: "fan", Nick: &nick}))
	require.NoError(t, w.ImportAccount(ctx, admin, live.AccountImport{ID: "fan", FaceURL: &face}))
	require.NoError(t, w.Register(ctx, user("fan")))
	require.NoError(t, w.Register(ctx, user("new")))
	require.NoError(t, w.ModifyAdmins(ctx, admin, room, []live.UserID{"fan"}, true))
	w.enter("fan")
	require.Equal(t, live.Account{ID: "fan", Nick: nick, FaceURL: face}, w.lastMember())
	w.enter("new")
	require.Equal(t, live.Account{ID: "new"}, w.lastMember())
	other, none := "Second name", ""
	require.NoError(t, w.ImportAccount(ctx, admin, live.AccountImport{ID: "fan", Nick: &other, FaceURL: &none}))
	require.NoError(t, w.Leave(ctx, user("fan"), room))
	require.Equal(t, live.Account{ID: "fan", Nick: other}, w.lastMember(), "an empty text clears")
}

// lastMember returns who came or went last, as the people in the room are told.
func (w *world) lastMember() live.Account {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.changes[len(w.changes)-1].Change.(live.MemberChanged).Member
}
