package postgres

import (
	"time"

	"github.com/go-json-experiment/json"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/store"
)

const (
	// newsChannel is where nodes tell each other something; all of them listen.
	newsChannel = "greenroom_news"
	notify      = "SELECT pg_notify($1, $2)"
	// maxPayload is what a notification may hold, in bytes; PostgreSQL allows 7999.
	maxPayload = 7900
)

// message is what one node tells the others. Nodes of other versions may leave fields out or have more of them.
type message struct {
	From      live.NodeID  `json:"from"`
	Lanes     []wakeUp     `json:"lanes,omitzero"`
	Look      bool         `json:"look,omitzero"`   // for events in all lanes
	Gone      bool         `json:"gone,omitzero"`   // a node has left something behind: baskets, perhaps a row
	Missed    bool         `json:"missed,omitzero"` // clients may not have been told of something
	Timers    bool         `json:"timers,omitzero"` // that nobody else may know of
	Callbacks []live.AppID `json:"callbacks,omitzero"`
	Purged    []live.AppID `json:"purged,omitzero"`
	Revoked   []revoked    `json:"revoked,omitzero"`
}

// wakeUp says that there are events in a lane up to Seq. The one whose basket it is delivers them.
type wakeUp struct {
	Basket int64       `json:"b"`
	App    live.AppID  `json:"a"`
	Room   live.RoomID `json:"r"`
	Seq    int64       `json:"s"`
}

// revoked is a live.Revocation.
type revoked struct {
	App   live.AppID  `json:"a"`
	User  live.UserID `json:"u"`
	Until int64       `json:"t"` // Unix seconds
}

func (m message) encode() string {
	text, err := json.Marshal(m)
	if err != nil { // a name that is no UTF-8, which the database would not have taken
		text, _ = json.Marshal(message{From: m.From, Look: true, Gone: m.Gone, Missed: true, Timers: m.Timers})
	}
	return string(text)
}

// payloads is the message in as many parts as it needs: each is at most as long as a notification may be.
func (m message) payloads() []string {
	whole := m.encode()
	if len(whole) <= maxPayload {
		return []string{whole}
	}
	one, two := m, message{From: m.From}
	switch {
	case len(m.Lanes) > 1:
		one.Lanes, two.Lanes = halves(m.Lanes)
	case len(m.Revoked) > 1:
		one.Revoked, two.Revoked = halves(m.Revoked)
	case len(m.Callbacks) > 1:
		one.Callbacks, two.Callbacks = halves(m.Callbacks)
	case len(m.Purged) > 1:
		one.Purged, two.Purged = halves(m.Purged)
	default: // one of each, which cannot be too long with ids as they are
		return []string{message{From: m.From, Look: true, Missed: true}.encode()}
	}
	return append(one.payloads(), two.payloads()...)
}

func halves[T any](all []T) (one, two []T) { return all[:len(all)/2], all[len(all)/2:] }

// decode reads a message. What cannot be read is told as everything that it might have been.
func decode(payload string) message {
	var m message
	if err := json.Unmarshal([]byte(payload), &m); err != nil {
		return message{Look: true, Gone: true, Missed: true, Timers: true}
	}
	return m
}

// news is what the listener is to hear of a message: of lanes, only those that are this node's.
func (m message) news(state *nodeState) store.News {
	n := store.News{Claim: m.Look, Missed: m.Missed, Timers: m.Timers, Callbacks: m.Callbacks, Purged: m.Purged}
	for _, l := range m.Lanes {
		if state.owns(l.Basket) {
			n.Lanes = append(n.Lanes, delivery.LaneEnd{Lane: delivery.Lane{App: l.App, Room: l.Room}, Seq: l.Seq})
		}
	}
	for _, r := range m.Revoked {
		n.Revoked = append(n.Revoked, live.Revocation{App: r.App, User: r.User, Until: time.Unix(r.Until, 0)})
	}
	return n
}

// empty tells whether there is nothing to hear in a piece of news.
func empty(n store.News) bool {
	return n.Node == 0 && !n.Lost && !n.Claim && !n.Missed && !n.Timers &&
		len(n.Lanes)+len(n.Gone)+len(n.Callbacks)+len(n.Purged)+len(n.Revoked) == 0
}

// announce has the other nodes told what they must know of a transaction, with its commit. This node's listener hears of that
// in another way.
func (s *Store) announce(c *conn, callbacks, purged []live.AppID, ended []live.Revocation) {
	if len(callbacks)+len(purged)+len(ended) == 0 {
		return
	}
	m := message{From: s.Node(), Callbacks: callbacks, Purged: purged}
	for _, r := range ended {
		m.Revoked = append(m.Revoked, revoked{r.App, r.User, r.Until.Unix()})
	}
	for _, payload := range m.payloads() {
		c.later(notify, newsChannel, payload)
	}
}
