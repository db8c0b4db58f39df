package gateway

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

func TestWhenPublishingFallsBehindOnlyTheLastCountIsTold(t *testing.T) {
	w := newWorld(t)
	mia := w.connect(app1, "mia")
	mia.starts("room_a")
	arrival := func(user live.UserID, online int) item {
		return item{event: live.Event{App: app1, Room: "room_a", At: time.Now(),
			Change: live.MemberChanged{Member: live.Account{ID: user}, Cause: live.CauseEnter, Online: online}}}
	}
	elsewhere := arrival("x", 7)
	elsewhere.event.Room = "room_b"
	w.g.lanes[0].publishBatch([]item{arrival("a", 2), arrival("b", 3), elsewhere, arrival("c", 4)})
	for _, user := range []string{"a", "b"} {
		mia.hears("audience.onAudienceJoined", m{"audience": m{"userID": user, "userName": "", "avatarURL": ""}})
	}
	mia.hearsMember("audience.onAudienceJoined", "audience", "c", 4)
}

func TestPublishingGoesOnAfterAnEventThatCannotBePublished(t *testing.T) {
	w := newWorld(t)
	mia := w.connect(app1, "mia")
	mia.starts("room_a")
	set := func(value string) live.Event {
		return live.Event{App: app1, Room: "room_a", At: time.Now(), Change: live.MetadataSet{Pairs: []live.Pair{{Key: "k", Value: value}}}}
	}
	w.g.Publish([]live.Event{set("\xff"), set("good")})
	mia.hearsMetadata("k", "good")
}

func TestAClosedFeedKeepsNobodyWaiting(t *testing.T) {
	f := newFeed()
	f.close()
	f.put(item{})
	_, ok := f.take(nil)
	require.False(t, ok)
	require.ErrorIs(t, f.flushed(context.Background()), errFeedClosed)
	require.Empty(t, f.queue)
}

func TestAFeedHandsOnInOrder(t *testing.T) {
	f := newFeed()
	for round := range 3 {
		for n := range 100 {
			f.put(item{event: live.Event{Room: live.RoomID(rune('a' + n))}})
		}
		var got []live.RoomID
		for len(got) < 100 {
			items, ok := f.take(nil)
			require.True(t, ok, round)
			for _, i := range items {
				got = append(got, i.event.Room)
			}
		}
		for n, room := range got {
			require.Equal(t, live.RoomID(rune('a'+n)), room)
		}
	}
}
