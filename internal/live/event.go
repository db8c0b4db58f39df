package live

import (
	"time"

	"github.com/greenroom-live/greenroom/webhook"
)

// Event is one change, as it was committed: what happened, where, by whom and when. It has two audiences, the app
// server and the people in the room.
type Event struct {
	App    AppID
	Room   RoomID // empty for events that belong to no room
	By     Caller
	At     time.Time
	Change Change
	// Unheard says that nobody has ever been in the room or listened to it, so that no client need be told. A store may say
	// so; it need not.
	Unheard bool
}

// Change is what happened. One Go type for each kind of change.
type Change interface {
	// Webhook is the change in the form the app server is told of it; nil when it is told to the room's clients only.
	Webhook(Event) webhook.Event
}

// event makes the Event of a change that caller makes to room now.
func (s *Service) event(caller Caller, room RoomID, change Change) Event {
	return Event{App: caller.App, Room: room, By: caller, At: s.now(), Change: change}
}
