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
