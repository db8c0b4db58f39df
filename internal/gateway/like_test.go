package gateway

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLikesAreCountedAndHeardByEverybody(t *testing.T) {
	w := newWorld(t)
	mia, ben := w.connect(app1, "mia"), w.connect(app1, "ben")
	mia.starts("room_a")
	ben.joins("room_a", 2)
	mia.hearsMember("audience.onAudienceJoined", "audience", "ben", 2)
	ben.do("like.sendLike", nil)
	ben.do("like.sendLike", m{"liveID": "room_a", "count": 1000})
	mia.do("like.sendLike", m{"count": 2})
	theBen := m{"userID": "ben", "userName": "", "avatarURL": ""}
	for _, c := range []*client{mia, ben} {
		c.hears("like.onReceiveLikesMessage", m{"count": 1.0, "totalLikesReceived": 1.0, "sender": theBen})
		c.hears("like.onReceiveLikesMessage", m{"count": 1000.0, "totalLikesReceived": 1001.0, "sender": theBen})
		c.hears("like.onReceiveLikesMessage", m{"count": 2.0, "totalLikesReceived": 1003.0, "sender": theMia})
	}
	require.Equal(t, m{"totalLikesReceived": 1003.0}, ben.do("like.getLikesCount", nil))
	zoe := w.connect(app1, "zoe")
	require.Equal(t, 1003.0, zoe.do("live.joinLive", m{"liveID": "room_a"})["totalLikeCount"])
	for _, params := range []string{`{"count":0}`, `{"count":-1}`, `{"count":1001}`, `{"count":1.5}`, `{"count":"1"}`} {
		ben.fails(100002, "like.sendLike", params)
	}
	require.Equal(t, 1003.0, mia.do("live.endLive", nil)["statistics"].(m)["totalLikesReceived"])
}
