package postgres

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/store"
	"github.com/greenroom-live/greenroom/internal/testkit"
)

// told returns the commits of the node.
func (h *hearsay) told() []store.Commit {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.commits)
}

// emit deletes a key of a room, as far as the app server is told.
func (f *fellow) emit(room live.RoomID, key string) {
	f.t.Helper()
	require.NoError(f.t, f.Update(background, func(tx live.Tx) error {
		return tx.Emit(live.Event{App: 7, Room: room, At: time.Now(), By: live.System(7), Change: live.MetadataDeleted{Keys: []string{key}}})
	}))
}

// handed returns the events that the node was handed in memory.
func (f *fellow) handed() (all []delivery.Event) {
	for _, c := range f.heard.told() {
		all = append(all, c.Webhooks...)
	}
	return all
}

func listen(t *testing.T, s *fellow) {
	t.Helper()
	require.NoError(t, s.Update(background, func(tx live.Tx) error {
		return tx.PutCallback(7, live.Callback{URL: "http://app.example/", Commands: []string{"Live.CallbackAfterDelMetadata"}})
	}))
}

func TestANodeHearsWhatOthersCommitOnce(t *testing.T) {
	url := testkit.Database(t)
	a, b := fellowOf(t, url, "a", time.Hour), fellowOf(t, url, "b", time.Hour)
	a.waitFor("its own start", claimed)
	b.waitFor("its own start", claimed)
	listen(t, a)
	b.waitFor("of the callback", func(n store.News) bool { return slices.Equal(n.Callbacks, []live.AppID{7}) })
	require.Equal(t, []live.AppID{7}, a.heard.told()[0].Callbacks)
	ended := live.Revocation{App: 7, User: "fan", Until: time.Unix(1_700_000_000, 0)}
	failed := errors.New("failed")
	require.ErrorIs(t, a.Update(background, func(tx live.Tx) error { return errors.Join(tx.PutRevocation(ended), failed) }), failed)
	require.NoError(t, a.Update(background, func(tx live.Tx) error { return tx.PutRevocation(ended) }))
	n := b.waitFor("of the revocation", func(n store.News) bool { return len(n.Revoked) > 0 })
	require.Equal(t, []live.Revocation{ended}, n.Revoked)
	require.Empty(t, a.all(), "it was told of its commits in another way")
	require.Empty(t, b.all())
}

// A lane is the node's that began it, until it is empty: what others put into it they tell that node, and do not deliver.
func TestALaneStaysWithWhoBeganIt(t *testing.T) {
	url := testkit.Database(t)
	a, b := fellowOf(t, url, "a", time.Hour), fellowOf(t, url, "b", time.Hour)
	a.waitFor("its own start", claimed)
	b.waitFor("its own start", claimed)
	listen(t, a)
	b.waitFor("of the callback", func(n store.News) bool { return len(n.Callbacks) > 0 })
	lane := delivery.Lane{App: 7, Room: "stage"}
	a.emit("stage", "one")
	b.emit("stage", "two")
	a.emit("stage", "three")
	mine := a.handed()
	require.Len(t, mine, 2)
	require.Empty(t, b.handed())
	n := a.waitFor("of what b put in", func(n store.News) bool { return len(n.Lanes) > 0 })
	second := n.Lanes[0]
	require.Equal(t, lane, second.Lane)
	require.Equal(t, []int64{0, second.Seq}, []int64{mine[0].Prev, mine[1].Prev}, "the third comes after what b put in")
	for _, e := range mine {
		require.Equal(t, a.Node(), e.Node)
	}
	held, err := a.Pending(t.Context(), lane, 0, 10)
	require.NoError(t, err)
	require.Len(t, held, 3)
	others, err := b.Pending(t.Context(), lane, 0, 10)
	require.NoError(t, err)
	require.Empty(t, others)

	left := a.Node()
	a.stop()
	b.waitFor("that a is gone", goneIs(left))
	b.waitFor("of lanes that are its own now", claimed)
	rooms, err := b.Rooms(t.Context(), 7, nil, 10)
	require.NoError(t, err)
	require.Equal(t, []live.RoomID{"stage"}, rooms)
	held, err = b.Pending(t.Context(), lane, 0, 10)
	require.NoError(t, err)
	require.Len(t, held, 3)
	require.Equal(t, b.Node(), held[0].Node)
	b.emit("stage", "four")
	require.Len(t, b.handed(), 1, "which is its own now")
}

// Outcomes of a life that is over are refused, and it is by that that a node learns of it.
func TestAnOutcomeOfALifeThatIsOverIsRefused(t *testing.T) {
	url := testkit.Database(t)
	a, b, d := fellowOf(t, url, "a", time.Hour), fellowOf(t, url, "b", time.Hour), deskAt(t, url)
	a.waitFor("its own start", claimed)
	b.waitFor("its own start", claimed)
	listen(t, a)
	a.emit("stage", "one")
	e, before := a.handed()[0], a.Node()
	release := a.standStill()
	d.age(before)
	b.heir.poke()
	b.waitFor("that a is gone", goneIs(before))
	a.Settle(delivery.Outcome{Event: e, Fate: delivery.Delivered, Attempt: delivery.Attempt{At: time.Now()}})
	a.waitFor("that its lease is lost", func(n store.News) bool { return n.Lost })
	release()
	a.waitFor("who it is now", func(n store.News) bool { return n.Node > before })
	require.EqualValues(t, 1, d.number("SELECT count(*) FROM outbox"))
	for _, c := range a.heard.told() {
		require.Empty(t, c.Settled)
	}
}

// A node that does not know yet that it is given up goes on committing: into lanes which are others' to deliver. They find them.
func TestWhatIsCommittedAfterALifeIsOverIsFound(t *testing.T) {
	url := testkit.Database(t)
	a, b, d := fellowOf(t, url, "a", time.Hour), fellowOf(t, url, "b", time.Hour), deskAt(t, url)
	a.waitFor("its own start", claimed)
	b.waitFor("its own start", claimed)
	listen(t, a)
	release, before := a.standStill(), a.Node()
	d.age(before)
	b.heir.poke()
	b.waitFor("that a is gone", goneIs(before))
	b.waitFor("of lanes that are its own now", claimed)
	requireAllTaken(t, d, b)
	b.heir.age = 0 // as if that had been hours ago
	require.NoError(t, b.heir.tidy(b.node.state.Load()))
	require.NoError(t, b.heir.tidy(b.node.state.Load()))
	release()
	a.emit("stage", "one")
	require.Greater(t, a.handed()[0].Node, before, "nothing is committed in the name of a life that is over")
	a.waitFor("who it is now", func(n store.News) bool { return n.Node > before })
	requireAllTaken(t, d, a, b)
	eventually(t, func() bool {
		var found []live.RoomID
		for _, f := range []*fellow{a, b} {
			rooms, err := f.Rooms(t.Context(), 7, nil, 10)
			require.NoError(t, err)
			found = append(found, rooms...)
		}
		return slices.Equal(found, []live.RoomID{"stage"})
	}, "one of them has it")
}
