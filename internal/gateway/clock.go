package gateway

import (
	"context"
	"sync"
	"time"

	"github.com/greenroom-live/greenroom/internal/live"
)

const (
	// interruptsAtOnce is how many members the offline clock interrupts at the same time, so that they share commits.
	interruptsAtOnce = 64
	recallPage       = 1000
)

// absence is how long a member without connection may still come back.
type absence struct {
	member live.Membership
	at     *gathering
	due    time.Time
}

// hold makes the clock stand still: members could not come back if they wanted to.
func (p *presence) hold() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = true
}

// release lets the clock go on. Whoever is absent has all of the time from now on.
func (p *presence) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = false
	for _, a := range p.absences {
		a.due = p.now().Add(p.offlineAfter)
	}
	p.awake()
}

// recall starts the clock for every member to whom this node still attends, by the store.
func (p *presence) recall(ctx context.Context) error {
	var after live.Membership
	for {
		page, err := p.live.Attendances(ctx, after, recallPage)
		if err != nil {
			return err
		}
		p.mu.Lock()
		for _, m := range page {
			p.startClock(m, p.visitor(m))
		}
		p.mu.Unlock()
		if len(page) < recallPage {
			return nil
		}
		after = page[len(page)-1]
	}
}

func (p *presence) startClock(m live.Membership, v *visitor) {
	v.away = &absence{member: m, at: p.rooms[place{m.App, m.Room}], due: p.now().Add(p.offlineAfter)}
	p.absences = append(p.absences, v.away)
	p.awake()
}

func (p *presence) awake() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// run is the offline clock.
func (p *presence) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.wake:
		case <-timer.C:
		}
		p.interruptDue(ctx)
		if next, ok := p.nextDue(); ok {
			timer.Reset(next)
		}
	}
}

// nextDue returns how long it is until the first absence ends; false when nobody is absent.
func (p *presence) nextDue() (time.Duration, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held || len(p.absences) == 0 {
		return 0, false
	}
	return max(0, p.absences[0].due.Sub(p.now())), true
}

// interruptDue interrupts all members who are due, and returns when that is done.
func (p *presence) interruptDue(ctx context.Context) {
	var working sync.WaitGroup
	defer working.Wait()
	slots := make(chan struct{}, interruptsAtOnce)
	for a := p.takeDue(); a != nil; a = p.takeDue() {
		slots <- struct{}{}
		working.Go(func() {
			p.interrupt(ctx, a)
			<-slots
		})
	}
}

// takeDue removes and returns the first absence that is due, nil when none is.
func (p *presence) takeDue() *absence {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held || len(p.absences) == 0 || p.absences[0].due.After(p.now()) {
		return nil
	}
	a := p.absences[0]
	p.absences[0] = nil
	p.absences = p.absences[1:]
	return a
}

// interrupt ends one absence, unless the member came back. When the store fails the clock begins anew.
func (p *presence) interrupt(ctx context.Context, a *absence) {
	defer p.lock(a.member)()
	if !p.counts(a) {
		return
	}
	err := protect(func() error { return p.live.Interrupt(ctx, a.member) })
	if err != nil && ctx.Err() == nil {
		p.log.Error("interrupt failed", "app", a.member.App, "room", a.member.Room, "user", a.member.User, "error", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if a.at.ended {
		return
	}
	v := a.at.visitors[a.member.User]
	if err != nil {
		p.startClock(a.member, v)
		return
	}
	v.away = nil
	p.tidy(a.member)
}

// counts tells whether the clock of a is still that of its member.
func (p *presence) counts(a *absence) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	v := a.at.visitors[a.member.User]
	return !a.at.ended && v != nil && v.away == a
}
