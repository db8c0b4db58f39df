package operator

import (
	"net/url"
	"strings"
	"time"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

// Filter picks events, in a body or, with the same names, in a query. What is nil picks all.
type Filter struct {
	Room    *string `json:"room,omitzero"`    // empty for the events without a room
	Command *string `json:"command,omitzero"` // a command word, or what of it follows ".Callback"
	From    *string `json:"from,omitzero"`    // committed at that time or later, RFC 3339
	To      *string `json:"to,omitzero"`      // committed before that time
}

// IsZero tells whether the filter picks everything.
func (f Filter) IsZero() bool { return f == Filter{} }

var filterNames = []string{"room", "command", "from", "to"}

func filterOf(q url.Values) Filter {
	return Filter{Room: param(q, "room"), Command: param(q, "command"), From: param(q, "from"), To: param(q, "to")}
}

// parse reads the filter's values.
func (f Filter) parse(app live.AppID) (delivery.Filter, error) {
	parsed := delivery.Filter{App: app}
	if f.Room != nil {
		room := live.RoomID(*f.Room)
		if room != "" {
			if _, err := live.ParseRoomID(*f.Room); err != nil {
				return parsed, wrong("room", "must be a room's id: up to 48 bytes of printable ASCII; empty for events without a room")
			}
		}
		parsed.Room = &room
	}
	if f.Command != nil {
		command, known := commandOf(*f.Command)
		if !known {
			return parsed, wrong("command",
				"is no command word of a webhook; Live.CallbackAfterDelMetadata is one, and AfterDelMetadata stands for it")
		}
		parsed.Command = command
	}
	var err error
	if parsed.From, err = timeOf("from", f.From); err != nil {
		return parsed, err
	}
	if parsed.To, err = timeOf("to", f.To); err != nil {
		return parsed, err
	}
	if !parsed.From.IsZero() && !parsed.To.IsZero() && !parsed.From.Before(parsed.To) {
		return parsed, wrong("to", "must be later than from")
	}
	return parsed, nil
}

// commandOf reads a command word, in full or without what stands before After or Before.
func commandOf(word string) (webhook.Command, bool) {
	if kind, known := webhook.Lookup(word); known {
		return kind.Command, true
	}
	for _, full := range webhook.Words() {
		if strings.HasSuffix(string(full), ".Callback"+word) {
			return full, true
		}
	}
	return "", false
}

func timeOf(field string, text *string) (time.Time, error) {
	if text == nil {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, *text)
	if err != nil || at.IsZero() {
		return at, wrong(field, "must be a time in the form of RFC 3339, such as 2026-01-31T23:59:59.000Z")
	}
	return at, nil
}
