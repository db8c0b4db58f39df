package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

// Nodes of the tests, of which none serves.
const (
	nodeA live.NodeID = 101 + iota
	nodeB
)

func member(app live.AppID, room live.RoomID, user string) live.Membership {
	return live.Membership{App: app, Room: room, User: live.UserID(user)}
}

func (f *fixture) attend(node live.NodeID, members ...live.Membership) {
	f.t.Helper()
	f.update(func(tx live.Tx) (err error) {
		for _, m := range members {
			err = errors.Join(err, tx.PutMember(m.App, m.Room, live.Member{User: m.User, Online: true}), tx.PutAttendance(m, node))
		}
		return err
	})
}

// attended pages through a node's attendances.
func (f *fixture) attended(node live.NodeID, size int) (all []live.Membership) {
	f.t.Helper()
	var after live.Membership
	for {
		var page []live.Membership
		f.view(func(r live.Reader) {
			var err error
			page, err = r.Attendances(node, after, size)
			require.NoError(f.t, err)
			require.LessOrEqual(f.t, len(page), size)
		})
		if len(page) == 0 {
			return all
		}
		all = append(all, page...)
		after = page[len(page)-1]
	}
}

func (f *fixture) attendedElsewhere(m live.Membership, node live.NodeID) (elsewhere bool) {
	f.t.Helper()
	f.view(func(r live.Reader) {
		var err error
		elsewhere, err = r.AttendedElsewhere(m, node)
		require.NoError(f.t, err)
	})
	return elsewhere
}

func attendanceRows(t *testing.T, f *fixture) {
	var want []live.Membership
	for _, a := range []live.AppID{other, app} {
		for i := range 7 {
			want = append(want, member(a, live.RoomID(fmt.Sprint("r", i%3)), fmt.Sprint("u", i)))
		}
	}
	f.attend(nodeA, want...)
	f.attend(nodeA, want[3]) // again
	f.attend(nodeB, want[3])
	for _, size := range []int{1, 5, 14, 100} {
		require.ElementsMatch(t, want, f.attended(nodeA, size))
	}
	require.Equal(t, []live.Membership{want[3]}, f.attended(nodeB, 5))
	require.True(t, f.attendedElsewhere(want[3], nodeA))
	require.True(t, f.attendedElsewhere(want[3], nodeB))
	require.False(t, f.attendedElsewhere(want[2], nodeA))
	require.True(t, f.attendedElsewhere(want[2], nodeB))
	f.update(func(tx live.Tx) error {
		return errors.Join(tx.DeleteAttendance(want[3], nodeA), tx.DeleteAttendance(want[2], nodeB))
	})
	require.ElementsMatch(t, slices.Delete(slices.Clone(want), 3, 4), f.attended(nodeA, 4))
	require.False(t, f.attendedElsewhere(want[3], nodeB))
	f.reopen()
	require.ElementsMatch(t, slices.Delete(slices.Clone(want), 3, 4), f.attended(nodeA, 4))
}

func attendancesGo(t *testing.T, f *fixture) {
	gone, stays, elsewhere := member(app, room, "fan"), member(app, room, "mia"), member(other, room, "fan")
	f.update(func(tx live.Tx) error { return tx.InsertRoom(app, fullRoom()) })
	for _, node := range []live.NodeID{nodeA, nodeB} {
		f.attend(node, gone, stays, elsewhere)
	}
	f.update(func(tx live.Tx) error { return tx.DeleteMember(app, room, "fan") })
	for _, node := range []live.NodeID{nodeA, nodeB} {
		require.ElementsMatch(t, []live.Membership{stays, elsewhere}, f.attended(node, 10))
	}
	require.False(t, f.attendedElsewhere(gone, nodeA))
	f.update(func(tx live.Tx) error { return tx.DeleteRoom(app, room) })
	for _, node := range []live.NodeID{nodeA, nodeB} {
		require.Equal(t, []live.Membership{elsewhere}, f.attended(node, 10))
	}
}

func adoptedAttendances(t *testing.T, f *fixture) {
	var left []live.Membership
	for i := range 7 {
		left = append(left, member(app, live.RoomID(fmt.Sprint("r", i%2)), fmt.Sprint("u", i)))
	}
	own := member(app, "r9", "own")
	f.attend(nodeA, left...)
	f.attend(nodeB, left[2], own)
	var adopted []live.Membership
	for pages := 0; ; pages++ {
		var page []live.Membership
		f.update(func(tx live.Tx) (err error) {
			page, err = tx.AdoptAttendances(nodeA, nodeB, 3)
			return err
		})
		require.LessOrEqual(t, len(page), 3)
		if len(page) == 0 {
			require.Equal(t, 3, pages)
			break
		}
		adopted = append(adopted, page...)
	}
	require.ElementsMatch(t, left, adopted, "each once, also whom the other node attended to already")
	require.Empty(t, f.attended(nodeA, 10))
	require.ElementsMatch(t, append(left, own), f.attended(nodeB, 10))
	for _, m := range left {
		require.False(t, f.attendedElsewhere(m, nodeB))
	}
}
