package gateway

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

func (w *world) battle(millis int, from live.RoomID, to ...live.RoomID) live.Battle {
	w.t.Helper()
	id, _, err := w.live.CreateBattle(context.Background(), appAdmin, live.BattleSpec{From: from, To: to, Millis: millis, Extension: "final"})
	require.NoError(w.t, err)
	return w.fight(id)
}

func (w *world) fight(id live.BattleID) live.Battle {
	w.t.Helper()
	b, err := w.live.Battle(context.Background(), appAdmin, id, "")
	require.NoError(w.t, err)
	return b
}

func (w *world) scores(b live.Battle, scores ...live.RoomScore) {
	w.t.Helper()
	_, err := w.live.SetBattleScore(context.Background(), appAdmin, b.ID, live.AddScore, scores)
	require.NoError(w.t, err)
}

func infoOf(b live.Battle) m {
	return m{
		"battleID": string(b.ID), "startTime": float64(b.StartedAt.UnixMilli()), "endTime": float64(b.EndsAt.UnixMilli()),
		"config": m{"duration": b.Duration.Seconds(), "needResponse": false, "extensionInfo": "final"},
	}
}

func fighter(room, user string, score int) m {
	return m{"liveID": room, "userID": user, "userName": "", "avatarURL": "", "score": float64(score)}
}

func TestABattleIsHeardInEveryRoom(t *testing.T) {
	w := newWorld(t)
	mia, ben, fan := w.connect(app1, "mia"), w.connect(app1, "ben"), w.connect(app1, "fan")
	mia.starts("room_a")
	ben.starts("room_b")
	require.NotContains(t, fan.do("live.joinLive", m{"liveID": "room_b"}), "battle")
	for _, c := range []*client{ben, fan} {
		c.hearsMember("audience.onAudienceJoined", "audience", "fan", 2)
	}

	b := w.battle(90_500, "room_a", "room_b")
	everybody := []*client{mia, ben, fan}
	for _, c := range everybody {
		c.hears("battle.onBattleStarted", m{
			"battleInfo": infoOf(b), "inviter": fighter("room_a", "mia", 0), "invitees": []any{fighter("room_b", "ben", 0)},
		})
	}
	w.scores(b, live.RoomScore{Room: "room_b", Score: 12}, live.RoomScore{Room: "room_a", Score: 30})
	scores, rooms := m{"mia": 30.0, "ben": 12.0}, m{"room_a": 30.0, "room_b": 12.0}
	for _, c := range everybody {
		c.hears("battle.onBattleScoreChanged", m{"battleID": string(b.ID), "battleScore": scores, "liveScore": rooms})
	}
	late := w.connect(app1, "late")
	require.Equal(t, m{
		"info": infoOf(b), "users": []any{fighter("room_a", "mia", 30), fighter("room_b", "ben", 12)}, "score": scores, "liveScore": rooms,
	}, late.do("live.joinLive", m{"liveID": "room_a"})["battle"])
	for _, c := range []*client{mia, late} {
		c.hearsMember("audience.onAudienceJoined", "audience", "late", 2)
	}

	ben.do("live.endLive", m{})
	end := m{"battleInfo": infoOf(w.fight(b.ID)), "reason": "allMemberExit", "battleScore": scores, "liveScore": rooms}
	for _, c := range append(everybody, late) {
		c.hears("battle.onBattleEnded", end)
	}
	fan.hears("live.onLiveEnded", m{"liveID": "room_b", "reason": "endedByHost", "message": ""})
}

func TestABattleWhoseTimeIsUpIsHeardOf(t *testing.T) {
	w := newWorld(t)
	mia, ben := w.connect(app1, "mia"), w.connect(app1, "ben")
	mia.starts("room_a")
	ben.starts("room_b")
	b := w.battle(1, "room_a", "room_b")
	require.Eventually(t, func() bool {
		fired, err := w.live.FireTimers(context.Background())
		return err == nil && fired == 1
	}, patience, time.Millisecond)
	for _, c := range []*client{mia, ben} {
		require.Equal(t, "battle.onBattleStarted", receive(t, c.events, "the start").Event)
		c.hears("battle.onBattleEnded", m{
			"battleInfo": infoOf(b), "reason": "timeOver", "battleScore": m{"mia": 0.0, "ben": 0.0}, "liveScore": m{"room_a": 0.0, "room_b": 0.0},
		})
	}
}

func TestAnOwnerLeavesABattle(t *testing.T) {
	w := newWorld(t)
	mia, ben, eve := w.connect(app1, "mia"), w.connect(app1, "ben"), w.connect(app1, "eve")
	mia.starts("room_a")
	ben.starts("room_b")
	eve.starts("room_c")
	b := w.battle(60_000, "room_a", "room_b", "room_c")
	w.scores(b, live.RoomScore{Room: "room_a", Score: 3})
	exit := m{"battleID": string(b.ID)}
	for _, c := range []*client{mia, ben, eve} {
		receive(t, c.events, "the start")
		receive(t, c.events, "the score")
	}
	fan := w.connect(app1, "fan")
	fan.fails(100414, "battle.exitBattle", exit)
	fan.fails(100411, "battle.exitBattle", m{"battleID": "another"})
	fan.fails(100002, "battle.exitBattle", m{})
	fan.fails(100002, "battle.exitBattle", m{"battleID": string(make([]byte, 65))})

	mia.do("battle.exitBattle", exit)
	for _, c := range []*client{mia, ben, eve} {
		c.hears("battle.onUserExitBattle", m{"battleID": string(b.ID), "battleUser": fighter("room_a", "mia", 3)})
	}
	mia.fails(100414, "battle.exitBattle", exit)
	w.scores(b, live.RoomScore{Room: "room_b", Score: 4})
	require.Equal(t, []any{fighter("room_b", "ben", 4), fighter("room_c", "eve", 0)},
		eve.do("live.joinLive", m{"liveID": "room_c"})["battle"].(m)["users"])
	ben.do("battle.exitBattle", exit)
	eve.do("battle.exitBattle", exit)
	eve.fails(100421, "battle.exitBattle", exit)
	eve.hears("battle.onBattleScoreChanged", m{"battleID": string(b.ID), "battleScore": m{"ben": 4.0, "eve": 0.0}, "liveScore": m{"room_b": 4.0, "room_c": 0.0}})
	eve.hears("battle.onUserExitBattle", m{"battleID": string(b.ID), "battleUser": fighter("room_b", "ben", 4)})
	eve.hears("battle.onBattleEnded", m{
		"battleInfo": infoOf(w.fight(b.ID)), "reason": "allMemberExit", "battleScore": m{"eve": 0.0}, "liveScore": m{"room_c": 0.0},
	})

	// Who is out of a battle hears no more of it, not even in the calling room.
	second := w.battle(60_000, "room_a", "room_b")
	heard := receive(t, mia.events, "what mia hears next")
	require.Equal(t, "battle.onBattleStarted", heard.Event)
	require.Equal(t, infoOf(second), heard.Data["battleInfo"])
}

func TestOneOwnerOfTwoRoomsInABattle(t *testing.T) {
	w := newWorld(t)
	mia := w.connect(app1, "mia")
	mia.starts("room_a")
	_, err := w.live.CreateRoom(context.Background(), appAdmin, live.RoomSpec{ID: "room_b", Type: live.RoomTypeLive, Owner: "mia"})
	require.NoError(t, err)
	b := w.battle(60_000, "room_a", "room_b")
	receive(t, mia.events, "the start")
	w.scores(b, live.RoomScore{Room: "room_a", Score: 3}, live.RoomScore{Room: "room_b", Score: 4})
	mia.hears("battle.onBattleScoreChanged", m{"battleID": string(b.ID), "battleScore": m{"mia": 7.0}, "liveScore": m{"room_a": 3.0, "room_b": 4.0}})
}
