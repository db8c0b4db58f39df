package gateway

import (
	"context"
	"testing"

	sdk "github.com/centrifugal/centrifuge-go"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

// connOfUser returns the one connection of a user.
func (w *world) connOfUser(user live.UserID) *conn {
	w.t.Helper()
	for _, client := range w.g.node.Hub().UserConnections(connectionUser(app1, user)) {
		return connOf(client)
	}
	require.FailNow(w.t, "not connected", user)
	return nil
}

// mingled returns a device that has logged in, with what it is told in person among the events of rooms.
func (w *world) mingled(user string) *client {
	w.t.Helper()
	c := w.device(app1, user, sign(app1, user), nil)
	c.OnMessage(func(e sdk.MessageEvent) { c.events <- decodeEvent(w.t, "", e.Data) })
	require.NoError(w.t, c.Connect())
	receive(w.t, c.connected, "connected")
	c.do("login.getSelfInfo", nil) // answered when the server has taken up the connection
	return c
}

func (c *client) hearsInOrder(names ...string) {
	c.t.Helper()
	for _, name := range names {
		require.Equal(c.t, name, receive(c.t, c.events, c.user+" hears "+name).Event)
	}
}

func TestWhatConcernsOneAloneKeepsItsPlaceAmongTheEventsOfTheRoomThatIsEntered(t *testing.T) {
	w := newWorld(t)
	mia, ben := w.connect(app1, "mia"), w.mingled("ben")
	mia.do("live.startLive", m{"liveInfo": m{"liveID": "room_a", "seatTemplate": "videoDynamicGrid9Seats"}})
	ctx, c := context.Background(), w.connOfUser("ben")
	entering := &call{conn: c}
	_, err := entering.join(ctx, "room_a", func(ctx context.Context) (live.Visit, error) {
		return w.live.Enter(ctx, c.caller, "room_a")
	})
	require.NoError(t, err)

	// Between the commit of the entering and its reply.
	require.NoError(t, w.live.PickUserOnSeat(ctx, appAdmin, "room_a", 3, "ben"))
	require.NoError(t, w.live.KickUserOffSeat(ctx, appAdmin, "room_a", "ben", ""))
	_, err = w.live.Follow(ctx, userOf("zoe"), "zoe", []live.UserID{"ben"})
	require.NoError(t, err)
	require.NoError(t, w.g.flushed(ctx))
	ben.hearsInOrder("follow.onMyFollowersListChanged") // which is about no room
	require.Empty(t, ben.events)

	entering.after()
	ben.hearsInOrder("audience.onAudienceJoined", "audience.onAudienceCountChanged",
		"seat.onSeatListChanged", "seat.onSeatListChanged", "coGuest.onKickedOffSeat")

	w.kick("room_a", "ben")
	ben.hearsInOrder("live.onKickedOutOfLive", "audience.onAudienceLeft", "audience.onAudienceCountChanged")
}

func TestWhoIsRefusedARoomIsStillToldWhatWaited(t *testing.T) {
	w := newWorld(t)
	mia, ben := w.connect(app1, "mia"), w.mingled("ben")
	mia.starts("room_a")
	ctx, c := context.Background(), w.connOfUser("ben")
	entering := &call{conn: c}
	_, err := entering.join(ctx, "room_a", func(ctx context.Context) (live.Visit, error) {
		visit, err := w.live.Enter(ctx, c.caller, "room_a")
		w.kick("room_a", "ben")
		require.NoError(t, w.g.flushed(ctx))
		return visit, err
	})
	require.Equal(t, live.CodeNotMember, live.CodeOf(err))
	require.Empty(t, ben.events)
	entering.after()
	ben.hearsInOrder("live.onKickedOutOfLive")
	ben.joins("room_a", 2)
}

func TestNothingIsSentBeforeTheConnectReplyAndWhatWaitsIsBounded(t *testing.T) {
	w := newWorld(t)
	ben := w.mingled("ben")
	client := w.connOfUser("ben").client
	var box mail
	say := func() {
		data, err := encode(publication{"test", "", 1, none{}})
		require.NoError(t, err)
		require.NoError(t, box.deliver(client, "", data))
	}
	for range maxHeld {
		say()
	}
	require.Len(t, box.held, maxHeld)
	require.Empty(t, ben.events)
	say()
	require.Len(t, box.held, maxHeld, "there is a bound, and nothing is lost")
	ben.hearsInOrder("test")
	box.flush(client)
	for range maxHeld {
		ben.hearsInOrder("test")
	}
	say()
	ben.hearsInOrder("test")
	require.Empty(t, box.held)
}

func TestAConnectionWhoseLoginsEndedMeanwhileIsToldWhy(t *testing.T) {
	w := newWorld(t)
	ben := w.mingled("ben")
	w.connOfUser("ben").kick()
	ben.hearsInOrder("login.onKickedOffline")
	require.EqualValues(t, 4501, receive(t, ben.disconnected, "disconnected").Code)
}

func TestASentMessageOfAClientIsPassedOver(t *testing.T) {
	w := newWorld(t)
	ben := w.connect(app1, "ben")
	require.NoError(t, ben.Send(context.Background(), []byte(`{"x":1}`)))
	ben.do("live.startLive", m{"liveID": "room_a"})
	require.Empty(t, ben.disconnected)
}
