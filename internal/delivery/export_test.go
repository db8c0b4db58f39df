package delivery

import "github.com/greenroom-live/greenroom/internal/live"

// MaxUnsettled is for tests.
const MaxUnsettled = maxUnsettled

// Owe makes it look as if so many outcomes of app were not durable yet.
func (d *Deliverer) Owe(app live.AppID, outcomes int) {
	dispatcher := d.apps[app]
	dispatcher.mu.Lock()
	defer dispatcher.mu.Unlock()
	dispatcher.unsettled += outcomes
}

// Lapse makes it look as if the lease had not been renewed for as long as it lasts.
func (l *Lease) Lapse() {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := *l.term.Load()
	t.began.mono -= l.lasts
	t.began.wall -= l.lasts
	l.term.Store(&t)
}

// Searched tells whether no lanes of app are looked for in the outbox, nor are to be.
func (d *Deliverer) Searched(app live.AppID) bool {
	dispatcher := d.apps[app]
	dispatcher.mu.Lock()
	defer dispatcher.mu.Unlock()
	return !dispatcher.scan.active && !dispatcher.scan.again
}
