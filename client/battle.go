package client

import (
	"context"
	"fmt"
	"time"
)

const battles = "live_engine_http_pk/"

// BattleSpec is what a new battle is to be (doc 68254).
type BattleSpec struct {
	From          string        // the calling room
	To            []string      // the called rooms, at most 8 by the server's default
	Duration      time.Duration // whole ms, 1 ms to 5 min by the server's default
	ExtensionInfo string        // the app's own, at most 1,000 bytes
}

// BattleCall is what came of calling one room to a battle.
type BattleCall struct {
	RoomID  string `json:"RoomId"`
	Code    int    `json:"ResultCode"` // 0: it takes part, [BattleNoRoom], [BattleBusy]
	Message string `json:"ResultMessage"`
}

// Why a called room does not take part in a battle.
const (
	BattleNoRoom = 1 // there is no such room
	BattleBusy   = 3 // it is in another battle
)

// BattleStatus is how far a battle has come.
type BattleStatus int

// The states of a battle.
const (
	BattleRunning  BattleStatus = 2
	BattleFinished BattleStatus = 3
)

// Battle is how a battle stands, or how it ended (doc 68256).
type Battle struct {
	BattleID  string       `json:"BattleId"`
	Duration  int64        // ms
	StartTime int64        // Unix seconds
	EndTime   int64        // Unix seconds; planned as long as it runs
	Status    BattleStatus // BattleRunning, BattleFinished
	From      BattleRoom   `json:"FromRoomInfo"`
	To        []BattleRoom `json:"ToRoomList"`
}

// BattleRoom is one room's part in a battle.
type BattleRoom struct {
	RoomID string `json:"RoomId"`
	Score  int64
	Owner  string `json:"Owner_Account"`
}

// ScoreOp says what [Client.SetBattleScore] does with scores.
type ScoreOp int

// What becomes of the scores that rooms have.
const (
	AddScore ScoreOp = 1
	SetScore ScoreOp = 2
)

// RoomScore is what one room gets.
type RoomScore struct {
	RoomID string `json:"RoomId"`
	Score  int64  // may be negative when it is added; the result is 0 to 2^53-1
}

// CreateBattle starts a battle at once and returns its id, and what came of each call (doc 68254). It fails with
// [CodeRoomNotFound] and [CodeRoomInOtherBattle] for the calling room, with [CodeTooManyBattleRooms], and with
// [CodeNoBattleRoom] when none of the called rooms can take part.
func (c *Client) CreateBattle(ctx context.Context, spec BattleSpec) (battleID string, calls []BattleCall, err error) {
	in := struct {
		From          string   `json:"FromRoomId"`
		To            []string `json:"ToRoomIdList"`
		Duration      int64
		ExtensionInfo string `json:",omitzero"`
	}{spec.From, spec.To, spec.Duration.Milliseconds(), spec.ExtensionInfo}
	var out struct {
		BattleID string `json:"BattleId"`
		Result   []BattleCall
	}
	err = c.Do(ctx, battles+"create_battle", in, &out)
	return out.BattleID, out.Result, err
}

// SetBattleScore changes scores of rooms in a running battle and returns the rooms that are not in it, which it passed over
// (doc 68255). It fails with [CodeBattleNotFound] and [CodeBattleEnded].
func (c *Client) SetBattleScore(ctx context.Context, battleID string, op ScoreOp, scores ...RoomScore) (outside []string, err error) {
	in := struct {
		BattleID  string `json:"BattleId"`
		OpType    ScoreOp
		ScoreList []RoomScore
	}{battleID, op, scores}
	var out struct {
		Result []struct {
			RoomID     string `json:"RoomId"`
			ResultCode int
		}
	}
	err = c.Do(ctx, battles+"set_battle_score", in, &out)
	for _, r := range out.Result {
		if r.ResultCode != 0 {
			outside = append(outside, r.RoomID)
		}
	}
	return outside, err
}

// BattleInfo returns how a battle stands, or how it ended within the last 24 hours (doc 68256). It fails with
// [CodeBattleNotFound].
func (c *Client) BattleInfo(ctx context.Context, battleID string) (Battle, error) {
	return c.battle(ctx, battleID, "")
}

// RunningBattle returns the battle that a room is in now (doc 68256). It fails with [CodeBattleNotFound].
func (c *Client) RunningBattle(ctx context.Context, roomID string) (Battle, error) {
	return c.battle(ctx, "", roomID)
}

func (c *Client) battle(ctx context.Context, battleID, roomID string) (Battle, error) {
	const command = battles + "get_battle_info"
	in := struct {
		BattleID string `json:"BattleId"`
		RoomID   string `json:"RoomId,omitzero"`
	}{battleID, roomID}
	var b Battle
	err := c.Do(ctx, command, in, &b)
	if err == nil && b.BattleID == "" {
		err = fmt.Errorf("client: %s: the answer has no BattleId", command)
	}
	return b, err
}
