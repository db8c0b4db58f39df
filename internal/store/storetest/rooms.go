package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

func updatedRoom(t *testing.T, f *fixture) {
	before := fullRoom()
	f.update(func(tx live.Tx) error { return tx.InsertRoom(app, before) })
	want := live.Room{
		ID: room, Owner: before.Owner, CreatedAt: before.CreatedAt, ViewCount: before.ViewCount, OnlineCount: before.OnlineCount,
		Name: "new", SeatTemplate: "Karaoke", SeatLayoutTemplateID: 70, TakeSeatMode: live.FreeToTake, MaxSeatCount: 3,
		MaxMemberCount: 7, CoverURL: "c", BackgroundURL: "b", Notice: "n", CustomInfo: "i", Categories: []int{}, ActivityStatus: -1,
		GiftEnabled: true, LikeEnabled: true,
	}
	f.update(func(tx live.Tx) error { return tx.UpdateRoom(app, want) })
	var got live.Room
	var ok bool
	f.update(func(tx live.Tx) (err error) {
		got, ok, err = tx.Room(app, room)
		return err
	})
	require.True(t, ok)
	require.Equal(t, want, got)
}

func changedOwner(t *testing.T, f *fixture) {
	owner := func(want live.UserID) {
		t.Helper()
		for range 2 {
			var got live.UserID
			var ok bool
			f.update(func(tx live.Tx) (err error) {
				got, ok, err = tx.RoomOwner(app, room)
				return err
			})
			require.True(t, ok)
			require.Equal(t, want, got)
		}
	}
	f.update(func(tx live.Tx) error { return tx.InsertRoom(app, fullRoom()) })
	owner("host_7")
	refusal := errors.New("refused")
	require.ErrorIs(t, f.Update(ctx, func(tx live.Tx) error { return errors.Join(tx.SetRoomOwner(app, room, "thief"), refusal) }), refusal)
	owner("host_7")
	f.update(func(tx live.Tx) error { return tx.SetRoomOwner(app, room, "host_8") })
	owner("host_8")
}

func listedRooms(t *testing.T, f *fixture) {
	at := func(s int64) time.Time { return time.Unix(s, 0) }
	f.update(func(tx live.Tx) error {
		for _, r := range []live.Room{
			{ID: "few", ViewCount: 1, CreatedAt: at(9), PublicVisible: true},
			{ID: "a.b", ViewCount: 5, CreatedAt: at(7), PublicVisible: true},
			{ID: "b", ViewCount: 5, CreatedAt: at(7), PublicVisible: true},
			{ID: "c", ViewCount: 5, CreatedAt: at(6), PublicVisible: true},
			{ID: "hidden", ViewCount: 5, CreatedAt: at(6)},
			{ID: "many", ViewCount: 50, CreatedAt: at(1), PublicVisible: true},
		} {
			if err := tx.InsertRoom(app, r); err != nil {
				return err
			}
		}
		return tx.InsertRoom(other, live.Room{ID: "elsewhere", PublicVisible: true})
	})
	list := func(ascending bool, size int) (ids []live.RoomID) {
		var after *live.RoomPosition
		for {
			var page []live.Room
			f.view(func(r live.Reader) {
				var err error
				page, err = r.PublicRooms(app, after, ascending, size)
				require.NoError(t, err)
				require.LessOrEqual(t, len(page), size)
			})
			if len(page) == 0 {
				return ids
			}
			for _, r := range page {
				ids = append(ids, r.ID)
				after = &live.RoomPosition{Views: r.ViewCount, Created: r.CreatedAt, Room: r.ID}
			}
		}
	}
	for size := 1; size <= 6; size++ {
		require.Equal(t, []live.RoomID{"many", "b", "a.b", "c", "few"}, list(false, size))
		require.Equal(t, []live.RoomID{"few", "c", "a.b", "b", "many"}, list(true, size))
	}
	f.update(func(tx live.Tx) error {
		hidden, _, err := tx.Room(app, "b")
		hidden.PublicVisible = false
		return errors.Join(err, tx.UpdateRoom(app, hidden), tx.CountEntry(app, "few", 99, 0))
	})
	require.Equal(t, []live.RoomID{"few", "many", "a.b", "c"}, list(false, 3), "changes move and hide rooms")
}

func countedRooms(t *testing.T, f *fixture) {
	counts := func(app live.AppID, want int) {
		t.Helper()
		f.view(func(r live.Reader) {
			got, err := r.RoomCount(app)
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
	insert := func(id live.RoomID) func(live.Tx) error {
		return func(tx live.Tx) error { return tx.InsertRoom(app, live.Room{ID: id}) }
	}
	remove := func(id live.RoomID) func(live.Tx) error {
		return func(tx live.Tx) error { return tx.DeleteRoom(app, id) }
	}
	counts(app, 0)
	for i := range 3 {
		f.update(insert(live.RoomID(fmt.Sprint("r", i))))
	}
	counts(app, 3)
	counts(other, 0)
	refusal := errors.New("refused")
	for _, do := range []func(live.Tx) error{insert("r9"), remove("r0")} {
		require.ErrorIs(t, f.Update(ctx, func(tx live.Tx) error { return errors.Join(do(tx), refusal) }), refusal)
	}
	require.Error(t, f.Update(ctx, insert("r0")), "there cannot be two of an id")
	counts(app, 3)
	f.update(remove("r0"))
	f.update(remove("r0"))
	f.update(remove("never was"))
	counts(app, 2)
	f.reopen()
	counts(app, 2)
}

func mixLayouts(t *testing.T, f *fixture) {
	want := live.MixLayout{
		Mode: live.MixCustom, Width: 720, Height: 1280,
		Views: []live.MixView{{Room: room, User: "a", X: 1, Y: 2, Width: 3, Height: 4, StreamType: 1, ZOrder: 5}, {Room: "r", User: "b"}},
		Main:  &live.MixView{Room: room, User: "c", ZOrder: 9},
	}
	f.update(func(tx live.Tx) error {
		return errors.Join(tx.InsertRoom(app, fullRoom()), tx.PutMixLayout(app, room, live.MixLayout{}), tx.PutMixLayout(app, room, want))
	})
	layout := func(app live.AppID) (m live.MixLayout, ok bool) {
		f.view(func(r live.Reader) {
			var err error
			m, ok, err = r.MixLayout(app, room)
			require.NoError(t, err)
		})
		return m, ok
	}
	got, ok := layout(app)
	require.True(t, ok)
	require.Equal(t, want, got)
	_, ok = layout(other)
	require.False(t, ok)
	f.update(func(tx live.Tx) error { return tx.DeleteRoom(app, room) })
	_, ok = layout(app)
	require.False(t, ok)
}
