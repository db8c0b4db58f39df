package live_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

// beside returns another node's service over the same store.
func (w *world) beside(n live.NodeID) *live.Service {
	s := live.NewService(w.store, w, []*live.App{&w.app}, w.limit, w.now)
	s.SetNode(n)
	return s
}

func (w *world) attended(s *live.Service) []live.Membership {
	w.t.Helper()
	page, err := s.Attendances(ctx, live.Membership{}, 100)
	require.NoError(w.t, err)
	return page
}

func TestAMemberIsOfflineWhenNoNodeAttendsToItAnyMore(t *testing.T) {
	w := hosted(t)
	second := w.beside(2)
	require.Equal(t, live.Alone, w.Node())
	w.enter("fan")
	require.NoError(t, second.ComeBack(ctx, user("fan"), room))
	require.Equal(t, []string{"Online Enter fan"}, w.moves(), "who is in already does not come again")
	require.NoError(t, w.Interrupt(ctx, place("fan")))
	require.NoError(t, w.Interrupt(ctx, place("fan")))
	require.Empty(t, w.moves(), "the other node has a connection")
	require.Equal(t, 1, w.room().OnlineCount)

	w.enter("fan")
	require.NoError(t, second.Interrupt(ctx, place("fan")))
	require.Empty(t, w.moves())
	require.NoError(t, w.Interrupt(ctx, place("fan")))
	require.Equal(t, []string{"Offline HeartbeatInterrupt fan"}, w.moves())
	require.NoError(t, second.Interrupt(ctx, place("fan")))
	require.Empty(t, w.moves())

	require.NoError(t, second.ComeBack(ctx, user("fan"), room))
	require.Equal(t, []string{"Online HeartbeatRecover fan"}, w.moves())
	require.Empty(t, w.attended(w.Service))
	require.Equal(t, []live.Membership{place("fan")}, w.attended(second))
}

func TestAttendancesEndWithTheMembership(t *testing.T) {
	for name, end := range map[string]func(*world) error{
		"left":      func(w *world) error { return w.Leave(ctx, user("fan"), room) },
		"kicked":    func(w *world) error { return w.KickMembers(ctx, user("host"), room, []live.UserID{"fan"}, "") },
		"dissolved": func(w *world) error { _, err := w.DestroyRoom(ctx, user("host"), room); return err },
		"deleted": func(w *world) error {
			_, err := w.DeleteAccounts(ctx, by(live.KindAdmin, "administrator"), []live.UserID{"fan"})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := hosted(t)
			second := w.beside(2)
			w.enter("fan")
			require.NoError(t, second.ComeBack(ctx, user("fan"), room))
			require.NoError(t, end(w))
			require.Empty(t, w.attended(w.Service))
			require.Empty(t, w.attended(second))
			w.fired()
			require.NoError(t, second.Interrupt(ctx, place("fan")))
			require.Empty(t, w.moves())
		})
	}
}

func TestANodeThatTookOverIsTheOneToInterrupt(t *testing.T) {
	w := hosted(t)
	second := w.beside(2)
	w.enter("fan")
	w.enter("mod")
	require.NoError(t, second.ComeBack(ctx, user("mod"), room))
	adopted, err := second.AdoptAttendances(ctx, live.Alone, 10)
	require.NoError(t, err)
	require.ElementsMatch(t, []live.Membership{place("fan"), place("mod")}, adopted)
	adopted, err = second.AdoptAttendances(ctx, live.Alone, 10)
	require.NoError(t, err)
	require.Empty(t, adopted)
	w.pass(time.Second)
	w.fired()
	require.NoError(t, w.Interrupt(ctx, place("fan")), "what a node that was given up does late")
	require.Empty(t, w.moves())
	require.NoError(t, second.Interrupt(ctx, place("fan")))
	require.Equal(t, []string{"Offline HeartbeatInterrupt fan"}, w.moves())
	gone, err := w.NodesGone(ctx)
	require.NoError(t, err)
	require.Empty(t, gone)
}
