package store

import (
	"time"

	"github.com/greenroom-live/greenroom/internal/delivery"
)

// QueuedAt is how an event's Queued is stored: 0 when it is its At.
func QueuedAt(e delivery.Event) int64 {
	if e.Queued.Equal(e.At) {
		return 0
	}
	return e.Queued.UnixMilli()
}

// SetTimes gives an event its times as they are stored.
func SetTimes(e *delivery.Event, at, queued int64) {
	e.At = time.UnixMilli(at)
	e.Queued = e.At
	if queued > 0 {
		e.Queued = time.UnixMilli(queued)
	}
}
