package gateway

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

// hearsMute waits for the event of a user who was muted, or is no more.
func (c *client) hearsMute(user string, is bool) {
	c.t.Helper()
	c.hears("audience.onAudienceMessageDisabled", m{"audience": m{"userID": user, "userName": "", "avatarURL": ""}, "isDisable": is})
}

func TestEverybodyHearsWhoIsMuted(t *testing.T) {
	w := newWorld(t)
	mia, ben := w.connect(app1, "mia"), w.connect(app1, "ben")
	mia.starts("room_a")
	ben.joins("room_a", 2)
	mia.hearsMember("audience.onAudienceJoined", "audience", "ben", 2)
	mia.do("audience.disableSendMessage", m{"userID": "ben", "isDisable": true})
	mia.do("audience.disableSendMessage", m{"userID": "ben", "isDisable": true})
	require.NoError(t, w.live.MuteMembers(context.Background(), appAdmin, "room_a", []live.UserID{"zoe", "ben", "mia"}, 60))
	for _, c := range []*client{mia, ben} {
		c.hearsMute("ben", true)
		c.hearsMute("zoe", true)
		c.hearsMute("mia", true)
	}
	require.Equal(t, m{"userID": "ben", "role": "generalUser", "isMessageDisabled": true}, ben.do("live.joinLive", m{"liveID": "room_a"})["self"])
	ben.do("live.leaveLive", nil)
	require.Equal(t, true, ben.do("live.joinLive", m{"liveID": "room_a"})["self"].(m)["isMessageDisabled"], "leaving does not end it")

	mia.do("audience.disableSendMessage", m{"userID": "ben", "isDisable": false})
	mia.do("audience.disableSendMessage", m{"userID": "ben", "isDisable": false})
	require.NoError(t, w.live.MuteMembers(context.Background(), appAdmin, "room_a", []live.UserID{"nobody", "mia"}, 0))
	mia.hearsAtLast("audience.onAudienceJoined")
	mia.hears("audience.onAudienceCountChanged", m{"count": 2.0})
	mia.hearsMute("ben", false)
	mia.hearsMute("mia", false)
	require.Equal(t, false, ben.do("live.joinLive", m{"liveID": "room_a"})["self"].(m)["isMessageDisabled"])
}
