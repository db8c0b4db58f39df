package delivery

import (
	"context"
	"sync"
	"time"
)

// run serves the app's lanes until ctx ends, and then waits for the attempts in flight, for the grace period at most.
func (d *dispatcher) run(ctx context.Context) {
	attempts, cancel := context.WithCancel(context.Background())
	defer cancel()
	d.start(attempts)
	if d.opts.Lease != nil {
		d.claimed() // what became ours before
	}
	var keeping sync.WaitGroup
	keeping.Go(func() { d.keepEndpoint(ctx) })
	d.search(ctx)
	d.stop()
	keeping.Wait()
	stop := time.AfterFunc(d.opts.Grace, cancel)
	defer stop.Stop()
	d.done.Wait()
	d.sender.close()
}

func (d *dispatcher) start(ctx context.Context) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ctx, d.running = ctx, true
	d.employAll()
}

func (d *dispatcher) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.running = false
	for _, l := range d.lanes {
		if l.retry != nil {
			l.retry.Stop()
		}
	}
	if d.ticker != nil {
		d.ticker.Stop()
	}
}

// search looks for lanes in the outbox while there may be some that are not in memory, until ctx ends.
func (d *dispatcher) search(ctx context.Context) {
	for {
		more, err := d.searchPage(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			d.log.Error("the outbox cannot be read", "error", err)
			if !sleep(ctx, storeRetry) {
				return
			}
		case !more:
			select {
			case <-d.wake:
			case <-ctx.Done():
				return
			}
		}
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// searchPage finds one page of lanes. It tells whether to go on at once: not when there is nothing to search for, and
// not while memory is full.
func (d *dispatcher) searchPage(ctx context.Context) (more bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.homeless() {
		return false, nil
	}
	if !d.scan.active && d.scan.again {
		d.scan = scan{active: true}
	}
	if !d.scan.active || len(d.lanes) > d.opts.MaxLanes-d.page {
		return false, nil
	}
	after, node := d.scan.cursor, d.node
	d.mu.Unlock()
	rooms, err := d.opts.Outbox.Rooms(ctx, d.app.ID, after, d.page)
	d.mu.Lock()
	switch {
	case err != nil:
		return false, err
	case d.node != node:
		return true, nil // these were of a life that is over
	}
	for _, room := range rooms {
		if _, known := d.lanes[room]; !known {
			l := &lane{room: room, behind: true}
			d.addLane(l)
			d.admit(l)
		}
	}
	if len(rooms) < d.page {
		d.scan.active = false
		return d.scan.again, nil
	}
	d.scan.cursor = &rooms[len(rooms)-1]
	return true, nil
}
