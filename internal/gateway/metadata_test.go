package gateway

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

func TestMetadataChangesReachEverybodyInOrder(t *testing.T) {
	w := newWorld(t)
	mia, ben := w.connect(app1, "mia"), w.connect(app1, "ben")
	mia.starts("room_a")
	ben.joins("room_a", 2)
	mia.hearsMember("audience.onAudienceJoined", "audience", "ben", 2)

	before := time.Now().UnixMilli()
	mia.do("live.updateLiveMetaData", `{"metaData":{"zebra":"1","apple":"two","mango":""}}`)
	mia.do("live.updateLiveMetaData", m{"liveID": "room_a", "metaData": `{"song":"Ode \"an\" die Freude"}`})
	mia.do("live.deleteLiveMetaData", m{"keys": []string{"mango", "zebra", "nothing", "mango"}})
	for _, c := range []*client{mia, ben} {
		first := c.hearsMetadata("zebra", "1")
		require.Equal(t, "room_a", first.LiveID)
		require.Equal(t, "room:1400000001:room_a", first.channel)
		require.InDelta(t, before, first.Time, 60_000, "time is in ms")
		c.hearsMetadata("apple", "two")
		c.hearsMetadata("mango", "")
		c.hearsMetadata("song", `Ode "an" die Freude`)
		c.hearsMetadata("mango", nil)
		c.hearsMetadata("zebra", nil)
	}
	require.Equal(t, m{"metaData": m{"apple": "two", "song": `Ode "an" die Freude`}}, ben.do("live.queryMetaData", m{}))
	require.Equal(t, m{"metaData": m{"song": `Ode "an" die Freude`}},
		ben.do("live.queryMetaData", m{"keys": []string{"song", "mango"}}))
}

func TestPairsReachTheDomainInTheOrderOfTheText(t *testing.T) {
	for name, params := range map[string]string{
		"an object": `{"metaData":{"z":"1","y":"2","x":"3","w":"4"}}`,
		"a text":    `{"metaData":"{\"z\":\"1\",\"y\":\"2\",\"x\":\"3\",\"w\":\"4\"}"}`,
	} {
		t.Run(name, func(t *testing.T) {
			var in updateMetaDataParams
			require.NoError(t, decode([]byte(params), &in))
			require.Equal(t, metaData{{Key: "z", Value: "1"}, {Key: "y", Value: "2"}, {Key: "x", Value: "3"}, {Key: "w", Value: "4"}}, in.MetaData)
		})
	}
}

func TestOwnerAndAdminsWriteMetadataAndTheAudienceReads(t *testing.T) {
	w := newWorld(t)
	mia, ada, ben, eve := w.connect(app1, "mia"), w.connect(app1, "ada"), w.connect(app1, "ben"), w.connect(app1, "eve")
	mia.starts("room_a")
	ada.joins("room_a", 2)
	ben.joins("room_a", 3)
	w.makeAdmin("mia", "room_a", "ada")
	write, remove := m{"liveID": "room_a", "metaData": m{"k": "v"}}, m{"liveID": "room_a", "keys": []string{"k"}}

	ada.do("live.updateLiveMetaData", write)
	ben.fails(100006, "live.updateLiveMetaData", write)
	ben.fails(100006, "live.deleteLiveMetaData", remove)
	require.Equal(t, m{"metaData": m{"k": "v"}}, ben.do("live.queryMetaData", m{}))
	eve.fails(100005, "live.queryMetaData", m{"liveID": "room_a"})
	eve.fails(100006, "live.updateLiveMetaData", write)
	ada.do("live.deleteLiveMetaData", remove)
	ada.fails(100503, "live.deleteLiveMetaData", remove)
	eve.fails(100004, "live.queryMetaData", m{"liveID": "room_b"})
	mia.fails(100004, "live.updateLiveMetaData", m{"liveID": "room_b", "metaData": m{"k": "v"}})
}

func TestMetadataBeyondTheLimitsIsRefusedAsAWhole(t *testing.T) {
	w := newWorld(t)
	mia := w.connect(app1, "mia")
	mia.starts("room_a")
	long := func(n int) string { return fmt.Sprintf("%0*d", n, 7) }
	eleven := m{}
	for i := range 11 {
		eleven[fmt.Sprint("key", i)] = "v"
	}
	mia.fails(100500, "live.updateLiveMetaData", m{"metaData": eleven})
	mia.fails(100504, "live.updateLiveMetaData", m{"metaData": m{"ok": "v", long(51): "v"}})
	mia.fails(100501, "live.updateLiveMetaData", m{"metaData": m{"ok": "v", "k": long(2049)}})
	nine := m{}
	for i := range 9 {
		nine[fmt.Sprint("key", i)] = long(2048)
	}
	mia.fails(100502, "live.updateLiveMetaData", m{"metaData": nine})
	require.Equal(t, m{"metaData": m{}}, mia.do("live.queryMetaData", m{}))
}

func TestWhatOtherDoorsChangeIsHeardToo(t *testing.T) {
	w := newWorld(t)
	mia := w.connect(app1, "mia")
	mia.starts("room_a")
	admin := live.Caller{App: app1, User: "administrator", Kind: live.KindAdmin}
	require.NoError(t, w.live.SetMetadata(context.Background(), admin, "room_a", []live.Pair{{Key: "k", Value: "v"}}))
	mia.hearsMetadata("k", "v")
}

func FuzzParams(f *testing.F) {
	for _, seed := range []string{
		`{"metaData":{"k":"v"}}`, `{"metaData":"{\"k\":\"v\"}"}`, `{"liveInfo":{"liveID":"a","seatTemplate":"karaoke"}}`,
		`{"sdkAppID":"1400000001","userID":"mia"}`, `{"keys":["k"],"liveID":"a"}`, `[]`, `null`, `{"metaData":"{}{}"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, params []byte) {
		var connect connectData
		var start startLiveParams
		var update updateMetaDataParams
		var keys keysParams
		for _, in := range []any{&connect, &start, &update, &keys} {
			if err := decode(params, in); err != nil {
				require.Equal(t, live.CodeBadParameter, live.CodeOf(err))
			}
		}
		_, _ = start.spec()
		if err := decode(params, &update); err == nil && len(update.MetaData) > 0 {
			text, err := encode(metaDataReply{update.MetaData})
			require.NoError(t, err)
			var again updateMetaDataParams
			require.NoError(t, decode(text, &again))
			require.Equal(t, update.MetaData, again.MetaData)
		}
	})
}
