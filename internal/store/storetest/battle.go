package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

const battle live.BattleID = "q0Zb3m1p8m9k6cVxJ2h5WnT4uYs7aLdEo1RfGiKpXwU="

func fullBattle() live.Battle {
	return live.Battle{
		ID: battle, Extension: "final ✨", Duration: 90_001 * time.Millisecond, Status: live.BattleRunning,
		StartedAt: time.UnixMilli(1765001300444), EndsAt: time.UnixMilli(1765001390445),
		Rooms: []live.BattleRoom{{Room: "c", Owner: "host_9", Score: 1<<53 - 1}, {Room: "a", Owner: "host_7"}, {Room: "b", Owner: "host_8"}},
	}
}

func (f *fixture) fights(app live.AppID, want live.Battle) {
	f.t.Helper()
	in := make(map[live.RoomID]live.BattleID)
	for _, room := range want.Rooms {
		if want.Status == live.BattleRunning && !room.Out {
			in[room.Room] = want.ID
		}
	}
	check := func(read func(func(live.Reader) error) error) {
		var got live.Battle
		var ok bool
		var fighting map[live.RoomID]live.BattleID
		require.NoError(f.t, read(func(r live.Reader) (err error) {
			fighting = make(map[live.RoomID]live.BattleID)
			if got, ok, err = r.Battle(app, want.ID); err != nil {
				return err
			}
			for _, room := range want.Rooms {
				id, is, err := r.BattleOf(app, room.Room)
				if err != nil {
					return err
				}
				if is {
					fighting[room.Room] = id
				}
			}
			return nil
		}))
		require.True(f.t, ok)
		require.Equal(f.t, want, got)
		require.Equal(f.t, in, fighting)
	}
	check(func(read func(live.Reader) error) error { return f.View(ctx, read) })
	check(func(read func(live.Reader) error) error {
		return f.Update(ctx, func(tx live.Tx) error { return read(tx) })
	})
}

func battleRows(t *testing.T, f *fixture) {
	b := fullBattle()
	f.update(func(tx live.Tx) error { return tx.InsertBattle(app, b) })
	f.fights(app, b)
	b.Rooms = slices.Clone(b.Rooms)
	b.Rooms[1] = live.BattleRoom{Room: "a", Owner: "somebody else", Score: 7, Out: true}
	f.update(func(tx live.Tx) error { return tx.UpdateBattle(app, b) })
	f.fights(app, b)
	f.update(func(tx live.Tx) error { return tx.DeleteRoom(app, "b") })
	f.fights(app, b)
	f.reopen()
	f.fights(app, b)
	b.Status, b.EndsAt = live.BattleFinished, time.UnixMilli(1765001350000)
	f.update(func(tx live.Tx) error { return tx.UpdateBattle(app, b) })
	f.fights(app, b)
	f.update(func(tx live.Tx) error { return tx.DeleteBattle(app, battle) })
	f.view(func(r live.Reader) {
		_, ok, err := r.Battle(app, battle)
		require.NoError(t, err)
		require.False(t, ok)
	})
}

func oneBattleARoom(t *testing.T, f *fixture) {
	first, second := fullBattle(), fullBattle()
	second.ID = "another"
	f.update(func(tx live.Tx) error { return tx.InsertBattle(app, first) })
	require.Error(t, f.Update(ctx, func(tx live.Tx) error { return tx.InsertBattle(app, second) }))
	f.fights(app, first)
	f.update(func(tx live.Tx) error { return tx.InsertBattle(other, first) })
	f.fights(other, first)
	first.Status = live.BattleFinished
	f.update(func(tx live.Tx) error { return tx.UpdateBattle(app, first) })
	f.update(func(tx live.Tx) error { return tx.InsertBattle(app, second) })
	f.fights(app, second)
	f.update(func(tx live.Tx) error { return tx.DeleteBattle(app, second.ID) })
	f.fights(other, fullBattle())
}

func refusedBattle(t *testing.T, f *fixture) {
	refusal := errors.New("refused")
	require.ErrorIs(t, f.Update(ctx, func(tx live.Tx) error { return errors.Join(tx.InsertBattle(app, fullBattle()), refusal) }), refusal)
	f.view(func(r live.Reader) {
		_, ok, err := r.Battle(app, battle)
		require.NoError(t, err)
		require.False(t, ok)
		_, fighting, err := r.BattleOf(app, "a")
		require.NoError(t, err)
		require.False(t, fighting)
	})
}
