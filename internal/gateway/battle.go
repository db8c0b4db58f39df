package gateway

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/live"
)

type battleConfig struct {
	Duration      float64 `json:"duration"` // seconds
	NeedResponse  bool    `json:"needResponse"`
	ExtensionInfo string  `json:"extensionInfo"`
}

type battleInfo struct {
	BattleID  string       `json:"battleID"`
	Config    battleConfig `json:"config"`
	StartTime int64        `json:"startTime"` // ms
	EndTime   int64        `json:"endTime"`   // ms, planned as long as it runs
}

func newBattleInfo(b live.Battle) battleInfo {
	return battleInfo{
		BattleID: string(b.ID), Config: battleConfig{Duration: b.Duration.Seconds(), ExtensionInfo: b.Extension},
		StartTime: b.StartedAt.UnixMilli(), EndTime: b.EndsAt.UnixMilli(),
	}
}

// battleUser is the owner of a room in a battle.
type battleUser struct {
	LiveID string `json:"liveID"`
	person
	Score int64 `json:"score"`
}

func battleUsers(l live.BattleLineup) []battleUser {
	users := make([]battleUser, len(l.Rooms))
	for i, r := range l.Rooms {
		users[i] = battleUser{string(r.Room), newPerson(l.Owners[i]), r.Score}
	}
	return users
}

// battleScores are the scores of the rooms in a battle, by owner and by room: who owns several of them is in the first
// map with the sum.
type battleScores struct {
	BattleScore map[live.UserID]int64 `json:"battleScore"`
	LiveScore   map[live.RoomID]int64 `json:"liveScore"`
}

func newBattleScores(b live.Battle) battleScores {
	scores := battleScores{make(map[live.UserID]int64), make(map[live.RoomID]int64)}
	for _, r := range b.Rooms {
		if !r.Out {
			scores.BattleScore[r.Owner] += r.Score
			scores.LiveScore[r.Room] = r.Score
		}
	}
	return scores
}

type battleStarted struct {
	BattleInfo battleInfo   `json:"battleInfo"`
	Inviter    battleUser   `json:"inviter"`
	Invitees   []battleUser `json:"invitees"`
}

type battleScored struct {
	BattleID string `json:"battleID"`
	battleScores
}

type battleExited struct {
	BattleID   string     `json:"battleID"`
	BattleUser battleUser `json:"battleUser"`
}

type battleEnded struct {
	BattleInfo battleInfo `json:"battleInfo"`
	Reason     string     `json:"reason"`
	battleScores
}

// battleNotices are what a change of a battle means to the people in a room that is in it. The calling room's lane also has
// events from when that room is out, or another of its name: then nobody is told.
func battleNotices(e live.Event) []notice {
	switch c := e.Change.(type) {
	case live.BattleStarted:
		users := battleUsers(c.BattleLineup)
		return told(c.Battle, e.Room, "battle.onBattleStarted", battleStarted{newBattleInfo(c.Battle), users[0], users[1:]})
	case live.BattleScored:
		return told(c.Battle, e.Room, "battle.onBattleScoreChanged", battleScored{string(c.Battle.ID), newBattleScores(c.Battle)})
	case live.BattleLeft:
		return told(c.Battle, e.Room, "battle.onUserExitBattle", battleExited{string(c.ID), battleUsers(c.BattleLineup)[c.Who]})
	case live.BattleEnded:
		reason := "timeOver"
		if c.Deserted() {
			reason = "allMemberExit"
		}
		return told(c.Battle, e.Room, "battle.onBattleEnded", battleEnded{newBattleInfo(c.Battle), reason, newBattleScores(c.Battle)})
	}
	return nil
}

func told(b live.Battle, room live.RoomID, event string, data any) []notice {
	if !b.Includes(room) {
		return nil
	}
	return []notice{{event: event, data: data}}
}

// battleState is a running battle as who joins finds it.
type battleState struct {
	Info      battleInfo            `json:"info"`
	Users     []battleUser          `json:"users"`
	Score     map[live.UserID]int64 `json:"score"`
	LiveScore map[live.RoomID]int64 `json:"liveScore"`
}

// newBattleState returns nil when there is no battle.
func newBattleState(l *live.BattleLineup) *battleState {
	if l == nil {
		return nil
	}
	state := &battleState{Info: newBattleInfo(l.Battle)}
	for i, user := range battleUsers(*l) {
		if !l.Rooms[i].Out {
			state.Users = append(state.Users, user)
		}
	}
	scores := newBattleScores(l.Battle)
	state.Score, state.LiveScore = scores.BattleScore, scores.LiveScore
	return state
}

type battleParams struct {
	BattleID string `json:"battleID"`
}

// exitBattle takes the caller's room out of a battle.
func exitBattle(ctx context.Context, c *call, in *battleParams) (*none, error) {
	if in.BattleID == "" {
		return nil, badParameter("battleID is missing")
	}
	id, err := live.ParseBattleID(in.BattleID)
	if err != nil {
		return nil, badParameter("battleID is too long")
	}
	return &none{}, c.g.live.ExitBattle(ctx, c.caller, id)
}
