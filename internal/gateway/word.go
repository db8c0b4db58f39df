package gateway

import (
	"context"
	"errors"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/greenroom-live/greenroom/internal/live"
)

// word is what one node tells the others. What does not arrive is read later, see [relay.catchUp]; what cannot be said is made
// up for, see [Gateway.tellNodes].
type word struct {
	From string      `json:"from"` // a node of the real-time library
	App  live.AppID  `json:"app"`
	Room live.RoomID `json:"room,omitempty"`

	// To and Mail are a message for a user's connections.
	To   live.UserID    `json:"to,omitempty"`
	Mail jsontext.Value `json:"mail,omitempty"`

	// Judge says that these users, or with All everybody, may be in the room no more; with Listeners only those who listen
	// without being members.
	Judge     []live.UserID `json:"judge,omitempty"`
	All       bool          `json:"all,omitempty"`
	Listeners bool          `json:"listeners,omitempty"`

	// Ended is until when, in Unix seconds, UserSigs of To were revoked.
	Ended int64 `json:"ended,omitempty"`
}

// consequence is what an event means to the connections on other nodes, beside what they are told.
func consequence(e live.Event) (w word, any bool) {
	w = word{App: e.App, Room: e.Room}
	switch c := e.Change.(type) {
	case live.RoomDestroyed:
		w.All = true
	case live.MembersKicked:
		w.Judge = append(w.Judge, c.Banned...)
		for _, k := range c.Members {
			w.Judge = append(w.Judge, k.Member.ID)
		}
	case live.MemberChanged:
		if c.Cause != live.CauseLeave {
			return w, false
		}
		w.Judge = []live.UserID{c.Member.ID}
	case live.AdminsModified:
		w.Judge, w.Listeners = c.Users, true
		return w, !c.Added
	case live.OwnerChanged:
		w.Judge, w.Listeners = []live.UserID{c.Former}, true
	case live.LoginsEnded:
		w.To, w.Ended = c.User, c.Until.Unix()
	default:
		return w, false
	}
	return w, true
}

// tellNodes tells all other nodes. When it fails, the room is broken off as soon as that is possible: who is in it comes
// back then, and is judged anew. Revocations reach the nodes through the store as well.
func (g *Gateway) tellNodes(w word) error {
	if g.link == nil {
		return nil
	}
	return g.through(place{w.App, w.Room}, func() error {
		w.From = g.node.ID()
		data, err := json.Marshal(w)
		if err != nil {
			return err
		}
		return g.relay.say(data)
	})
}

// hear does what another node's word says.
func (g *Gateway) hear(data []byte) {
	var w word
	if err := json.Unmarshal(data, &w); err != nil {
		g.log.Error("cannot read the word of another node", "error", err)
		return
	}
	at := place{w.App, w.Room}
	switch {
	case w.From == g.node.ID():
	case w.Mail != nil:
		if err := g.deliver(at, w.To, w.Mail); err != nil {
			g.log.Error("telling a user failed", "app", w.App, "room", w.Room, "user", w.To, "error", err)
		}
	case w.Ended != 0:
		g.closeRevoked(live.Revocation{App: w.App, User: w.To, Until: time.Unix(w.Ended, 0)})
	case w.All || len(w.Judge) > 0:
		g.judge(at, w)
	}
}

// fence waits until the connections here have been given what was published in a room. It returns at once when nobody
// here listens, or Redis is away or too slow.
func (g *Gateway) fence(at place) {
	channel := channelOf(at.app, at.room)
	if g.link == nil || at.room == "" || !g.reaches(at) || g.node.Hub().NumSubscribers(channel) == 0 {
		return
	}
	err := g.relay.fence(context.Background(), channel)
	if errors.Is(err, errFenceLate) {
		g.log.Debug("a room's events are late", "app", at.app, "room", at.room)
	}
}
