package sqlite

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

const oldApp live.AppID = 1400000123

// openOld opens the database of a server of the first version.
func openOld(t *testing.T) *Store {
	dir := t.TempDir()
	text, err := os.ReadFile(filepath.Join("testdata", "version1.sql"))
	require.NoError(t, err)
	db, err := sql.Open("sqlite", filepath.Join(dir, FileName))
	require.NoError(t, err)
	_, err = db.Exec(string(text))
	require.NoError(t, err)
	require.NoError(t, db.Close())
	s, err := Open(options(dir), deaf{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func TestAnOldDatabaseKeepsItsRooms(t *testing.T) {
	s := openOld(t)
	require.NoError(t, s.View(background, func(r live.Reader) error {
		room, ok, err := r.Room(oldApp, "onair")
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, live.Room{
			ID: "onair", Owner: "ada", Name: `Ada's "late" talk`, TakeSeatMode: live.FreeToTake, SeatEnabled: true,
			MaxSeatCount: 4, MaxMemberCount: 100_000, PublicVisible: true, KeepOwnerOnSeat: true, GiftEnabled: true,
			LikeEnabled: true, CoverURL: "https://cdn.example.com/a.png", Notice: "be kind", Categories: []int{1, 2},
			CreatedAt: time.Unix(1795398854, 0), ViewCount: 2, OnlineCount: 2,
		}, room)
		pairs, err := r.Metadata(oldApp, "onair")
		require.NoError(t, err)
		require.Equal(t, []live.Pair{{Key: "lang", Value: "it's én"}, {Key: "theme", Value: "dawn"}}, pairs)
		count, err := r.RoomCount(oldApp)
		require.NoError(t, err)
		require.Equal(t, 5, count)
		listed, err := r.PublicRooms(oldApp, nil, false, 10)
		require.NoError(t, err)
		var ids []live.RoomID
		for _, room := range listed {
			ids = append(ids, room.ID)
		}
		require.Equal(t, []live.RoomID{"ownerless", "onair", "left", "unvisited"}, ids)
		online, err := r.Attendances(live.Alone, live.Membership{}, 10)
		require.NoError(t, err)
		require.Equal(t, []live.Membership{{App: oldApp, Room: "onair", User: "ada"}, {App: oldApp, Room: "onair", User: "gil"},
			{App: oldApp, Room: "ownerless", User: "gil"}}, online)
		rooms, err := r.RoomsOnline(oldApp, "gil", 10)
		require.NoError(t, err)
		require.Equal(t, []live.RoomID{"onair", "ownerless"}, rooms)
		for _, user := range []live.UserID{"ada", "bob", "cleo", "dan", "eve", "fay", "gil"} {
			_, known, err := r.Account(oldApp, user)
			require.NoError(t, err)
			require.True(t, known, user)
		}
		return nil
	}))
}

// TestAnOldDatabaseGetsWhatRoomsHaveSince is about what today's server would have written down by itself.
func TestAnOldDatabaseGetsWhatRoomsHaveSince(t *testing.T) {
	s := openOld(t)
	require.NoError(t, s.View(background, func(r live.Reader) error {
		due, err := r.DueTimers(time.Now().Add(24*time.Hour), 10)
		require.NoError(t, err)
		require.Len(t, due, 2)
		for i, want := range []struct {
			kind  live.TimerKind
			room  live.RoomID
			after time.Duration
		}{{"owner_offline", "ownerless", 10 * time.Minute}, {"room_empty", "left", 30 * time.Minute}} {
			require.WithinDuration(t, time.Now().Add(want.after), due[i].At, time.Minute)
			due[i].At = time.Time{}
			require.Equal(t, live.Timer{App: oldApp, Kind: want.kind, Room: want.room}, due[i])
		}
		for room, want := range map[live.RoomID][]live.Seat{
			"onair": {{Sitter: live.Sitter{Account: live.Account{ID: "ada"}}}}, "left": nil, "ownerless": nil,
		} {
			seats, err := r.Seats(oldApp, room)
			require.NoError(t, err)
			require.Equal(t, want, seats, "its owner is there and to be kept on a seat, or has none")
		}
		return nil
	}))
}

func TestAnOldDatabaseKeepsItsWebhooksInOrder(t *testing.T) {
	s := openOld(t)
	endpoint, err := s.Endpoint(background, oldApp)
	require.NoError(t, err)
	require.Equal(t, delivery.Endpoint{URL: "http://127.0.0.1:18793/hooks", Token: "Vb3kTq9ZsX"}, endpoint)
	require.NoError(t, s.Update(background, func(tx live.Tx) error {
		return tx.Emit(live.Event{
			App: oldApp, Room: "onair", At: time.Now(), By: live.Caller{App: oldApp, Kind: live.KindAdmin, User: "administrator"},
			Change: live.MetadataDeleted{Keys: []string{"theme"}},
		})
	}))
	rooms, err := s.Rooms(context.Background(), oldApp, nil, 100)
	require.NoError(t, err)
	require.Equal(t, []live.RoomID{"gone", "hidden", "left", "onair", "ownerless", "unvisited"}, rooms)
	events, err := s.Pending(background, delivery.Lane{App: oldApp, Room: "onair"}, 0, 100)
	require.NoError(t, err)
	var commands []string
	for i, e := range events {
		commands = append(commands, strings.TrimPrefix(string(e.Command), "Live.CallbackAfter"))
		require.True(t, i == 0 || e.Seq > events[i-1].Seq)
	}
	require.Equal(t, []string{"CreateRoom", "SetMetadata", "SetMetadata", "DelMetadata", "MemberStateChanged",
		"MemberStateChanged", "DelMetadata"}, commands)
	require.NotZero(t, events[0].Attempts)
	require.Contains(t, events[0].LastError, "refused")
	require.NotEqual(t, events[3].Seq, events[6].Seq)
	require.Equal(t, webhook.CommandAfterDelMetadata, events[6].Command, "what was switched on still is")
}

// TestAnOldDatabaseKeepsWhatIsUndelivered is about webhooks that an old server left behind: they wait since they were
// created, and can be seen, replayed and counted like those of today.
func TestAnOldDatabaseKeepsWhatIsUndelivered(t *testing.T) {
	s := openOld(t)
	const dead = "evt_PQYBZ4KDLEVNU3AJ7WRTGC26XM"
	waiting, next, err := s.Waiting(background, delivery.Filter{App: oldApp}, "", 100)
	require.NoError(t, err)
	require.Empty(t, next)
	require.Equal(t, 18, len(waiting))
	for _, e := range waiting {
		require.Equal(t, e.At, e.Queued)
		story, err := s.Story(background, oldApp, e.ID)
		require.NoError(t, err)
		require.Equal(t, delivery.Waiting, story.State)
	}
	before := known(t, s, oldApp)
	require.Equal(t, counted(t, s, oldApp), before)
	require.Equal(t, 2, before.Dead)
	letters, _, err := s.DeadLetters(background, delivery.Filter{App: oldApp}, "", 100)
	require.NoError(t, err)
	require.Len(t, letters, 2)
	require.Equal(t, dead, letters[0].ID)
	require.Equal(t, letters[0].At, letters[0].Queued)
	require.Equal(t, "refused", letters[0].LastError)
	require.Equal(t, time.UnixMilli(1795485260123), letters[0].Died)
	require.NoError(t, s.Replay(background, oldApp, dead))
	require.ErrorIs(t, s.Replay(background, oldApp, dead), delivery.ErrStillWaiting)
	onair, err := s.Pending(background, delivery.Lane{App: oldApp, Room: "onair"}, 0, 100)
	require.NoError(t, err)
	require.Equal(t, dead, onair[len(onair)-1].ID)
	require.Equal(t, letters[0].At, onair[len(onair)-1].At)
	for _, e := range onair {
		s.Settle(delivery.Outcome{Event: e, Attempt: delivery.Attempt{Number: 1, At: time.Now()}})
	}
	require.Eventually(t, func() bool { return s.Backlog(oldApp).Waiting == 18-6 }, 20*time.Second, time.Millisecond)
	story, err := s.Story(background, oldApp, dead)
	require.NoError(t, err)
	require.Equal(t, delivery.Done, story.State, "ids of old are found too")
}
