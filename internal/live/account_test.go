package live_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/usersig"
)

// TestRevocationsOutliveTheProcess: a second service over the same store refuses what the first has revoked, once it has
// recalled that; a page of them is no limit.
func TestRevocationsOutliveTheProcess(t *testing.T) {
	w := newWorld(t)
	old := usersig.New(uint32(app), key, "fan", began.Add(-time.Minute), time.Hour)
	require.Equal(t, live.CodeNoAccount, live.CodeOf(w.Kick(ctx, admin, "fan")))
	require.NoError(t, w.Register(ctx, user("fan")))
	require.NoError(t, w.Kick(ctx, admin, "fan"))
	require.NoError(t, w.store.Update(ctx, func(tx live.Tx) error {
		for i := range 1500 {
			if err := tx.PutRevocation(live.Revocation{App: app, User: live.UserID(fmt.Sprint("a", i)), Until: began}); err != nil {
				return err
			}
		}
		return nil
	}))
	second := live.NewService(w.store, nil, []*live.App{{ID: app, SecretKey: key}}, live.DefaultLimits, func() time.Time { return began })
	_, err := second.Authenticate(app, "fan", old)
	require.NoError(t, err)
	require.NoError(t, second.RecallRevocations(ctx))
	_, err = second.Authenticate(app, "fan", old)
	require.Equal(t, live.CodeSigRevoked, live.CodeOf(err))
	require.True(t, second.Revoked(app, "a1499", began))
	require.False(t, second.Revoked(app, "fan", began.Add(time.Second)))
	require.False(t, second.Revoked(app+1, "fan", began))
}

// TestALaterRevocationIsNotTakenBackByAnEarlierOne: what is heard of again changes nothing.
func TestALaterRevocationIsNotTakenBackByAnEarlierOne(t *testing.T) {
	w := newWorld(t)
	w.Heed(live.Revocation{App: app, User: "fan", Until: began.Add(time.Minute)})
	w.Heed(live.Revocation{App: app, User: "fan", Until: began})
	require.True(t, w.Revoked(app, "fan", began.Add(time.Minute)))
}

// TestARefusedKickRevokesNothing: nothing is remembered of a change that was not committed.
func TestARefusedKickRevokesNothing(t *testing.T) {
	w := newWorld(t)
	require.Error(t, w.Kick(ctx, admin, "fan"))
	outcomes, err := w.DeleteAccounts(ctx, admin, []live.UserID{"fan"})
	require.NoError(t, err)
	require.Equal(t, live.CodeNoAccount, live.CodeOf(outcomes[0]))
	require.False(t, w.Revoked(app, "fan", began.Add(-time.Hour)))
}

// TestTheRoomsOfAUserHearOfItsProfile: of the name and the picture, whoever changes them, when they change.
func TestTheRoomsOfAUserHearOfItsProfile(t *testing.T) {
	w := hosted(t)
	w.enter("fan")
	told := func() (all []live.ProfileChanged) {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, e := range w.changes {
			if c, ok := e.Change.(live.ProfileChanged); ok {
				require.Equal(t, room, e.Room)
				all = append(all, c)
			}
		}
		w.changes = nil
		return all
	}
	nick, face := "Fan No. 1", "f.png"
	require.NoError(t, w.ImportAccount(ctx, admin, live.AccountImport{ID: "fan", Nick: &nick}))
	require.Equal(t, []live.ProfileChanged{{Account: live.Account{ID: "fan", Nick: nick}}}, told())
	require.NoError(t, w.ImportAccount(ctx, admin, live.AccountImport{ID: "fan", Nick: &nick}))
	require.Empty(t, told(), "nothing is new")
	items := []live.ProfileItem{{Tag: live.TagLevel, Value: "3"}, {Tag: live.TagImage, Value: face}}
	require.NoError(t, w.SetProfile(ctx, user("fan"), "fan", items))
	require.Equal(t, []live.ProfileChanged{{Account: live.Account{ID: "fan", Nick: nick, FaceURL: face}}}, told())
	require.NoError(t, w.SetProfile(ctx, user("fan"), "fan", items[:1]))
	require.Empty(t, told(), "a level is not shown")
	require.NoError(t, w.Interrupt(ctx, live.Membership{App: app, Room: room, User: "fan"}))
	require.NoError(t, w.SetProfile(ctx, user("fan"), "fan", []live.ProfileItem{{Tag: live.TagNick, Value: ""}}))
	require.Empty(t, told(), "the room does not show who is offline")
	require.Empty(t, w.fired()[2:], "the app server hears of the visit only")
}

// TestRelationsOfADeletedAccountGoBatchByBatch: those of a popular account are removed by the clock, with the counts of
// the others; what begins after the deletion stays.
func TestRelationsOfADeletedAccountGoBatchByBatch(t *testing.T) {
	w := newWorld(t)
	fans := make([]live.UserID, 450)
	for i := range fans {
		fans[i] = live.UserID(fmt.Sprint("fan_", i))
		_, err := w.Follow(ctx, admin, fans[i], []live.UserID{"star"})
		require.NoError(t, err)
	}
	for i := 0; i < 100; i += 20 {
		_, err := w.Follow(ctx, admin, "star", fans[i:i+20])
		require.NoError(t, err)
	}
	counts := func(user live.UserID) live.FollowCounts {
		infos, err := w.FollowInfos(ctx, admin, "anybody", []live.UserID{user})
		require.NoError(t, err)
		return infos[0].FollowCounts
	}
	require.Equal(t, live.FollowCounts{Followers: 450, Following: 100, Mutual: 100}, counts("star"))
	outcomes, err := w.DeleteAccounts(ctx, admin, []live.UserID{"star"})
	require.NoError(t, err)
	require.NoError(t, outcomes[0])
	require.Equal(t, int64(350), counts("star").Followers+counts("star").Following, "200 at once")

	w.pass(time.Second)
	_, err = w.Follow(ctx, admin, "late", []live.UserID{"star"})
	require.NoError(t, err)
	for fired := 1; fired > 0; {
		fired, err = w.FireTimers(ctx)
		require.NoError(t, err)
	}
	require.Equal(t, live.FollowCounts{Followers: 1}, counts("star"))
	for _, fan := range fans {
		require.Zero(t, counts(fan))
	}
	w.fired()
}

// TestTheAccountsOfOneCallShareABatch: one call removes 200 relations at most, however many accounts it deletes.
func TestTheAccountsOfOneCallShareABatch(t *testing.T) {
	w := newWorld(t)
	stars := []live.UserID{"star_1", "star_2"}
	for i := range 150 {
		_, err := w.Follow(ctx, admin, live.UserID(fmt.Sprint("fan_", i)), stars)
		require.NoError(t, err)
	}
	left := func() (n int64) {
		infos, err := w.FollowInfos(ctx, admin, "anybody", stars)
		require.NoError(t, err)
		return infos[0].Followers + infos[1].Followers
	}
	_, err := w.DeleteAccounts(ctx, admin, stars)
	require.NoError(t, err)
	require.Equal(t, int64(100), left())
	_, err = w.FireTimers(ctx)
	require.NoError(t, err)
	require.Zero(t, left())
	w.fired()
}
