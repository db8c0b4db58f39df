package live

import "github.com/greenroom-live/greenroom/webhook"

// Each of these changes is told in every room that is in the battle; the app server hears of it once, in the order of
// the calling room's events.

// BattleCreated is the change that made a battle.
type BattleCreated struct {
	Battle Battle
	Called []RoomID // all of them, also those that do not take part
}

// Webhook tells the new battle (doc 68259). It waits for nobody's answer, so there is no time-out.
func (c BattleCreated) Webhook(e Event) webhook.Event {
	called := make([]string, len(c.Called))
	for i, room := range c.Called {
		called[i] = string(room)
	}
	return webhook.AfterCreateBattle{
		OperatorAccount: string(e.By.User), BattleID: string(c.Battle.ID), FromRoomID: string(c.Battle.from()),
		ToRoomIDList: called, Duration: c.Battle.Duration.Milliseconds(), ExtensionInfo: c.Battle.Extension,
		EventTime: e.At.UnixMilli(),
	}
}

// BattleStarted is the beginning of a battle.
type BattleStarted struct{ BattleLineup }

// Webhook tells who fights (doc 68260).
func (c BattleStarted) Webhook(e Event) webhook.Event {
	if e.Room != c.from() {
		return nil
	}
	rooms := make([]webhook.BattleRoom, len(c.Rooms))
	for i, r := range c.Rooms {
		rooms[i] = webhook.BattleRoom{RoomID: string(r.Room), OwnerAccount: string(r.Owner)}
	}
	return webhook.AfterStartBattle{
		BattleID: string(c.ID), Duration: c.Duration.Milliseconds(), CreateTime: c.StartedAt.Unix(),
		StartTime: c.StartedAt.Unix(), FromRoomInfo: rooms[0], ToRoomList: rooms[1:], EventTime: e.At.UnixMilli(),
	}
}

// BattleScored is a change of scores.
type BattleScored struct{ Battle Battle }

// Webhook is none: only the rooms hear of scores.
func (c BattleScored) Webhook(Event) webhook.Event { return nil }

// BattleLeft is a room's going out of a battle that goes on.
type BattleLeft struct {
	BattleLineup     // as it was before
	Who          int // index of the room
}

// Webhook is none: only the rooms hear of it.
func (c BattleLeft) Webhook(Event) webhook.Event { return nil }

// BattleEnded is the end of a battle.
type BattleEnded struct {
	Battle Battle
	Why    int // webhook.BattleTimeUp or webhook.BattleDeserted
}

// Deserted tells that it ended because everybody had gone, and not by time.
func (c BattleEnded) Deserted() bool { return c.Why == webhook.BattleDeserted }

// Webhook tells the result: every room that took part, also those that went out before (doc 68261).
func (c BattleEnded) Webhook(e Event) webhook.Event {
	b := c.Battle
	if e.Room != b.from() {
		return nil
	}
	rooms := make([]webhook.BattleRoomScore, len(b.Rooms))
	for i, r := range b.Rooms {
		rooms[i] = webhook.BattleRoomScore{RoomID: string(r.Room), Score: r.Score, OwnerAccount: string(r.Owner)}
	}
	return webhook.AfterEndBattle{
		BattleID: string(b.ID), Duration: b.Duration.Milliseconds(), CreateTime: b.StartedAt.Unix(),
		StartTime: b.StartedAt.Unix(), EndTime: b.EndsAt.Unix(), OpType: c.Why, FromRoomInfo: rooms[0],
		ToRoomList: rooms[1:], EventTime: e.At.UnixMilli(),
	}
}
