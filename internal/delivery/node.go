package delivery

import "time"

// timer is a clock that was set; Stop tells whether it had not gone off yet.
type timer interface{ Stop() bool }

func afterFunc(wait time.Duration, f func()) timer { return time.AfterFunc(wait, f) }

// Woken tells that other nodes have put events into lanes of this node. They are read from the outbox, unless the lane
// has them already. A lane that is not this node's holds nothing for it, so being told of one costs a look.
func (d *Deliverer) Woken(lanes []LaneEnd) {
	for _, end := range lanes {
		if app, ok := d.apps[end.Lane.App]; ok {
			app.woken(end)
		}
	}
}

// Claimed tells that lanes have become this node's, or that it may not have heard of what others put into its own: the
// outbox is searched again, and what is in memory read on from where it ends. The node is whose life the [Lease] is now;
// when it is another than before, all that was of the former life is lost, see Lost.
func (d *Deliverer) Claimed() {
	for _, app := range d.apps {
		app.claimed()
	}
}

// Lost tells that nothing is this node's to deliver any more. The lanes leave memory as they are, with what is known of
// their retries and of outcomes that are not durable. Requests in flight may end, but nothing comes of them. Nothing is
// sent until Claimed. The [Lease] must have been told before.
func (d *Deliverer) Lost() {
	for _, app := range d.apps {
		app.lose()
	}
}

// renewed hears that the lease is held, perhaps after a while in which it was not.
func (d *Deliverer) renewed() {
	for _, app := range d.apps {
		app.renewed()
	}
}

// woken hears that a lane holds events up to some Seq.
func (d *dispatcher) woken(end LaneEnd) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.homeless() {
		return
	}
	l, known := d.lanes[end.Lane.Room]
	switch {
	case !known && len(d.lanes) >= d.opts.MaxLanes:
		d.scan.again = true
		return
	case !known:
		l = &lane{room: end.Lane.Room}
		d.addLane(l)
	case l.behind || end.Seq <= l.last:
		return
	}
	d.byOthers.Inc()
	d.fallBehind(l)
}

// fallBehind makes a lane read the outbox past what it has in memory. The caller holds mu.
func (d *dispatcher) fallBehind(l *lane) {
	l.behind = true
	if l.state == idle {
		d.admit(l)
	}
}

// homeless tells whether the dispatcher works for no node, because the lease is lost or not there yet. Then nothing is in
// its lanes. The caller holds mu.
func (d *dispatcher) homeless() bool { return d.opts.Lease != nil && d.node == 0 }

// claimed makes everything that is the node's be looked for. A lane in memory may have been emptied, filled by another
// node, and become this one's again, so it is read as well.
func (d *dispatcher) claimed() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.opts.Lease != nil {
		if node := d.opts.Lease.life(); node != d.node {
			d.forget()
			d.node = node
		}
		if d.node == 0 {
			return
		}
	}
	d.lapsed = false
	for _, l := range d.lanes {
		d.fallBehind(l)
	}
	d.scan.again = true
	d.poke()
	d.employAll()
}

func (d *dispatcher) lose() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forget()
}

// forget drops all lanes. Whoever has one of them, a worker or a clock, finds it lost and lets go of it. That an app server
// fails is still known; a probe of it is as if it had never been. The caller holds mu.
func (d *dispatcher) forget() {
	for _, l := range d.lanes {
		l.lost = true
		d.breaker.abandon(string(l.room))
		if l.retry != nil {
			l.retry.Stop()
			l.retry = nil
		}
	}
	clear(d.lanes)
	d.count.Set(0)
	d.queue, d.held, d.unsettled = nil, 0, 0
	d.scan, d.dropped, d.node = scan{}, 0, 0
}

// renewed hears that the lease is held again, if it was not: the same lanes go on.
func (d *dispatcher) renewed() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lapsed {
		d.lapsed = false
		d.employAll()
	}
}

// leased tells whether an attempt may begin: whether the lease is held by the node whose lanes these are. The caller holds
// mu.
func (d *dispatcher) leased() bool {
	if d.opts.Lease == nil {
		return true
	}
	holder := d.opts.Lease.Holder(d.clocks())
	return holder != 0 && holder == d.node
}
