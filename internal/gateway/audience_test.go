package gateway

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

func attendeeNamed(user, role string, muted bool) m {
	return m{"userID": user, "userName": "", "avatarURL": "", "role": role, "isMessageDisabled": muted}
}

func TestTheAudienceListNamesWhoIsOnline(t *testing.T) {
	w := newWorld(t)
	mia, ben, eve := w.connect(app1, "mia"), w.connect(app1, "ben"), w.connect(app1, "eve")
	nick, face := "Ben", "https://img.example.net/b.png"
	require.NoError(t, w.live.ImportAccount(context.Background(), userOf("x"), live.AccountImport{ID: "ben", Nick: &nick, FaceURL: &face}))
	mia.starts("room_a")
	ben.do("live.joinLive", m{"liveID": "room_a"})
	w.makeAdmin("mia", "room_a", "adam", "sleeper")
	for _, user := range []string{"adam", "sleeper", "zoe"} {
		_, err := w.live.Enter(context.Background(), userOf(user), "room_a")
		require.NoError(t, err)
	}
	require.NoError(t, w.live.Interrupt(context.Background(), live.Membership{App: app1, Room: "room_a", User: "sleeper"}))
	mia.do("audience.disableSendMessage", m{"userID": "zoe", "isDisable": true})

	adam, zoe := attendeeNamed("adam", "admin", false), attendeeNamed("zoe", "generalUser", true)
	host := attendeeNamed("mia", "owner", false)
	named := m{"userID": "ben", "userName": nick, "avatarURL": face, "role": "generalUser", "isMessageDisabled": false}
	require.Equal(t, m{"audienceList": []any{adam, named, host, zoe}, "cursor": ""}, ben.do("audience.fetchAudienceList", nil))
	first := ben.do("audience.fetchAudienceList", m{"liveID": "room_a", "count": 2})
	require.Equal(t, []any{adam, named}, first["audienceList"])
	for range 2 {
		require.Equal(t, m{"audienceList": []any{host, zoe}, "cursor": ""},
			ben.do("audience.fetchAudienceList", m{"cursor": first["cursor"], "count": 2}))
	}
	require.Equal(t, m{"audienceList": []any{}, "cursor": ""}, ben.do("audience.fetchAudienceList", m{"cursor": "zz"}))

	require.Equal(t, m{"user": named}, mia.do("audience.getUserInfo", m{"userID": "ben"}))
	require.Equal(t, m{"user": zoe}, mia.do("audience.getUserInfo", m{"userID": "zoe"}))
	require.Equal(t, m{"user": attendeeNamed("sleeper", "admin", false)}, mia.do("audience.getUserInfo", m{"userID": "sleeper"}), "who is away for a while")
	mia.fails(100005, "audience.getUserInfo", m{"userID": "eve"})
	eve.fails(100005, "audience.getUserInfo", m{"liveID": "room_a", "userID": "mia"})
	eve.fails(100005, "audience.fetchAudienceList", m{"liveID": "room_a"})
	eve.fails(100004, "audience.fetchAudienceList", m{"liveID": "nowhere"})
	for _, params := range []string{`{"count":0}`, `{"count":51}`, `{"count":-1}`, `{"count":"2"}`, `{"cursor":7}`, `{"cursor":"сцена"}`} {
		ben.fails(100002, "audience.fetchAudienceList", params)
	}
}

func TestTheAudienceListHas50AtOnce(t *testing.T) {
	w := newWorld(t)
	mia := w.connect(app1, "mia")
	mia.starts("room_a")
	for i := range 50 {
		_, err := w.live.Enter(context.Background(), userOf(fmt.Sprint("user", i)), "room_a")
		require.NoError(t, err)
	}
	for _, params := range []m{{}, {"count": 50}} {
		page := mia.do("audience.fetchAudienceList", params)
		require.Len(t, page["audienceList"], 50)
		require.Equal(t, "user8", page["cursor"])
		rest := mia.do("audience.fetchAudienceList", m{"cursor": "user8"})
		require.Equal(t, m{"audienceList": []any{attendeeNamed("user9", "generalUser", false)}, "cursor": ""}, rest)
	}
}

func TestTheOwnerMakesAndUnmakesAdministrators(t *testing.T) {
	w := newWorld(t)
	mia, ben, zoe := w.connect(app1, "mia"), w.connect(app1, "ben"), w.connect(app1, "zoe")
	mia.starts("room_a")
	ben.joins("room_a", 2)
	mia.hearsMember("audience.onAudienceJoined", "audience", "ben", 2)
	mia.fails(100005, "audience.setAdministrator", m{"userID": "zoe"})
	ben.fails(100006, "audience.setAdministrator", m{"userID": "ben"})
	zoe.fails(100006, "audience.setAdministrator", m{"liveID": "room_a", "userID": "ben"})

	mia.do("audience.setAdministrator", m{"userID": "ben"})
	mia.do("audience.setAdministrator", m{"userID": "ben"})
	mia.do("audience.setAdministrator", m{"userID": "mia"})
	for _, c := range []*client{mia, ben} {
		c.hears("audience.onUserInfoChanged", m{"user": m{"userID": "ben", "role": "admin"}})
	}
	ben.do("live.updateLiveMetaData", m{"metaData": m{"k": "v"}})
	mia.hearsMetadata("k", "v")
	ben.fails(100006, "audience.revokeAdministrator", m{"userID": "ben"})
	ben.do("live.leaveLive", nil)
	mia.do("audience.revokeAdministrator", m{"userID": "ben"})
	mia.do("audience.revokeAdministrator", m{"userID": "ben"})
	mia.hearsMember("audience.onAdminLeft", "admin", "ben", 1)
	mia.hears("audience.onUserInfoChanged", m{"user": m{"userID": "ben", "role": "generalUser"}})

	for i := range 6 {
		_, err := w.live.Enter(context.Background(), userOf(fmt.Sprint("user", i)), "room_a")
		require.NoError(t, err)
	}
	for i := range 5 {
		mia.do("audience.setAdministrator", m{"userID": fmt.Sprint("user", i)})
	}
	mia.fails(100020, "audience.setAdministrator", m{"userID": "user5"})
}
