package storetest

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

func on(index int, user live.UserID) live.Seat {
	return live.Seat{Index: index, Sitter: live.Sitter{Account: live.Account{ID: user}}}
}

func (f *fixture) seats(app live.AppID, want ...live.Seat) {
	f.t.Helper()
	f.view(func(r live.Reader) {
		got, err := r.Seats(app, room)
		require.NoError(f.t, err)
		require.Equal(f.t, want, got)
	})
}

// seatRows: of seats that are empty and open nothing is kept, so that a room from before there were seats needs no rows.
func seatRows(t *testing.T, f *fixture) {
	f.seats(app)
	ann, bob := on(9, "ann"), on(0, "bob")
	ann.Sitter.Nick, ann.Sitter.FaceURL = "Ann ✨", "f"
	bob.AudioLocked = true
	locked := live.Seat{Index: 3, Locked: true, VideoLocked: true}
	f.update(func(tx live.Tx) error {
		return errors.Join(tx.InsertRoom(app, fullRoom()), tx.PutAccount(app, ann.Sitter.Account),
			tx.PutSeats(app, room, []live.Seat{ann, bob, locked, {Index: 4}}), tx.PutSeats(other, room, []live.Seat{on(1, "ann")}))
	})
	f.seats(app, bob, locked, ann)
	f.seats(other, on(1, "ann"))

	ann.Index, bob.Index, bob.AudioLocked = 0, 9, false
	ann.AudioLocked = true
	f.update(func(tx live.Tx) error { return tx.PutSeats(app, room, []live.Seat{ann, bob}) })
	f.seats(app, ann, locked, bob)

	refusal := errors.New("refused")
	require.ErrorIs(t, f.Update(ctx, func(tx live.Tx) error {
		return errors.Join(tx.PutSeats(app, room, []live.Seat{{Index: 0}}), refusal)
	}), refusal)
	f.update(func(tx live.Tx) error { return tx.PutSeats(app, room, []live.Seat{{Index: 3}, {Index: 9}}) })
	f.seats(app, ann)
	require.Error(t, f.Update(ctx, func(tx live.Tx) error { return tx.PutSeats(app, room, []live.Seat{on(7, "ann")}) }),
		"nobody is on two seats")
	f.seats(app, ann)

	f.update(func(tx live.Tx) error { return tx.DeleteRoom(app, room) })
	f.seats(app)
	f.seats(other, on(1, "ann"))
}

func robotRows(t *testing.T, f *fixture) {
	robots := func(app live.AppID, want ...live.UserID) {
		t.Helper()
		f.view(func(r live.Reader) {
			got, err := r.Robots(app, room)
			require.NoError(t, err)
			require.Equal(t, append([]live.UserID{}, want...), got)
		})
	}
	robots(app)
	f.update(func(tx live.Tx) error {
		return errors.Join(tx.InsertRoom(app, fullRoom()), tx.PutRobot(app, room, "b"), tx.PutRobot(app, room, "a"),
			tx.PutRobot(app, room, "b"), tx.PutRobot(other, room, "c"))
	})
	robots(app, "a", "b")
	for _, s := range []struct {
		user live.UserID
		was  bool
	}{{"a", true}, {"a", false}, {"c", false}} {
		var was bool
		f.update(func(tx live.Tx) (err error) {
			was, err = tx.DeleteRobot(app, room, s.user)
			return err
		})
		require.Equal(t, s.was, was)
	}
	robots(app, "b")
	f.update(func(tx live.Tx) error { return tx.DeleteRoom(app, room) })
	robots(app)
	robots(other, "c")
}
