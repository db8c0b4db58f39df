package delivery

import (
	"time"

	"github.com/greenroom-live/greenroom/internal/live"
)

// Status is how the sending to an app's server stands at the moment. It is kept in memory and begins anew with every
// start.
type Status struct {
	Breaker   BreakerStatus // of webhooks
	Asking    BreakerStatus // of the webhooks that ask beforehand
	Pause     *Pause        // nil while webhooks go out
	Lanes     int           // rooms with undelivered events in memory
	Held      int           // events in memory
	InFlight  int           // requests with webhooks
	Questions int           // requests with webhooks that ask beforehand
	// LastSuccess and LastFailure are when attempts to deliver ended, LastError why the last one failed. Zero when there
	// was none.
	LastSuccess time.Time
	LastFailure time.Time
	LastError   string
}

// Status tells how the sending to app's server stands; false when the app is not served here.
func (d *Deliverer) Status(app live.AppID) (Status, bool) {
	dispatcher, ok := d.apps[app]
	if !ok {
		return Status{}, false
	}
	s := dispatcher.status()
	s.Asking, s.Questions = d.askers[app].status()
	return s, true
}

func (d *dispatcher) status() Status {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := Status{
		Breaker: d.breaker.status(), Lanes: len(d.lanes), Held: d.held, InFlight: d.inFlight,
		LastSuccess: d.last.success, LastFailure: d.last.failure, LastError: d.last.err,
	}
	if p := d.endpoint.Pause; p != nil {
		pause := *p
		s.Pause = &pause
	}
	return s
}
