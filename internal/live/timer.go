package live

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// TimerKind says what a timer is for.
type TimerKind string

// Timer is something that the server will do by itself. Timers are rows of the store: they survive a restart, and what
// became due meanwhile is done at the start.
type Timer struct {
	App  AppID
	Kind TimerKind
	Room RoomID // empty for timers that belong to no room; a room's timers go with it
	Key  string // tells timers of one kind and room apart
	At   time.Time
}

type timerReader interface {
	// Timer returns the timer of that app, kind, room and key, with the time it is set to.
	Timer(t Timer) (Timer, bool, error)
	// DueTimers returns up to limit timers of all apps that are due at now, the earliest first.
	DueTimers(now time.Time, limit int) ([]Timer, error)
	// NextTimer returns when the earliest timer is due.
	NextTimer() (time.Time, bool, error)
}

type timerWriter interface {
	// PutTimer sets a timer, in place of the one of the same app, kind, room and key.
	PutTimer(t Timer) error
	DeleteTimer(t Timer) error
}

// timerActions say what is done when a timer is due. An action finds its timer removed, and may set it again.
var timerActions = map[TimerKind]func(*Service, Tx, Timer) error{
	timerMute:          (*Service).endMute,
	timerRoomEmpty:     (*Service).endEmptyRoom,
	timerOwnerLeft:     (*Service).endOwnerlessRoom,
	timerOwnerOffline:  (*Service).endOwnerlessRoom,
	timerBattle:        (*Service).battleDue,
	timerForgetFollows: (*Service).forgetMoreFollows,
}

const (
	// timerBatch is how many due timers are read at once, timersTogether how many of them share a transaction.
	timerBatch, timersTogether = 256, 16
	// timerPause is how long the clock waits after the store failed, timerRetry how long a timer whose action failed has
	// to wait for its next attempt.
	timerPause, timerRetry = time.Second, 10 * time.Second
	// timerUnserved is how often the clock looks at a timer of an app that this server does not serve.
	timerUnserved = time.Hour
	// timerPatience bounds how long the clock sleeps, so that a wall clock that was set is noticed.
	timerPatience = time.Minute
	// maxMishaps bounds how many failures of one run are told in full.
	maxMishaps = 10
)

// TimersChanged tells the clock that timers were set by a commit.
func (s *Service) TimersChanged() {
	select {
	case s.timersChanged <- struct{}{}:
	default:
	}
}

// RunTimers carries out timers when they are due, until ctx ends. What fails is given to failed and tried again.
func (s *Service) RunTimers(ctx context.Context, failed func(error)) {
	for ctx.Err() == nil {
		_, m, err := s.fireDue(ctx)
		wait := timerPause
		if err == nil {
			wait, err = s.untilNextTimer(ctx)
		}
		if err = errors.Join(m.err(), err); err != nil && ctx.Err() == nil {
			failed(err)
		}
		alarm := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-s.timersChanged:
		case <-alarm.C:
		}
		alarm.Stop()
	}
}

// untilNextTimer returns how long there is nothing to do.
func (s *Service) untilNextTimer(ctx context.Context) (time.Duration, error) {
	wait := timerPatience
	err := s.store.View(ctx, func(r Reader) error {
		next, ok, err := r.NextTimer()
		if ok {
			wait = min(wait, max(0, next.Sub(s.now())))
		}
		return err
	})
	if err != nil {
		wait = timerPause
	}
	return wait, err
}

// FireTimers carries out every timer that is due now, and returns how many were. One that fails is put off for a while
// and does not keep others from their turn, however many fail.
func (s *Service) FireTimers(ctx context.Context) (fired int, err error) {
	fired, m, err := s.fireDue(ctx)
	return fired, errors.Join(m.err(), err)
}

// fireDue is FireTimers with what went wrong with single timers, and the store's error for which it stopped.
func (s *Service) fireDue(ctx context.Context) (fired int, m mishaps, err error) {
	for {
		due, err := s.dueTimers(ctx)
		if err != nil {
			return fired, m, err
		}
		for together := range slices.Chunk(due, timersTogether) {
			n, err := s.fireTogether(ctx, together, &m)
			fired += n
			if err != nil {
				return fired, m, err
			}
		}
		if len(due) < timerBatch {
			return fired, m, nil
		}
	}
}

func (s *Service) dueTimers(ctx context.Context) (due []Timer, err error) {
	err = s.store.View(ctx, func(r Reader) (err error) {
		due, err = r.DueTimers(s.now(), timerBatch)
		return err
	})
	return due, err
}

// fireTogether carries timers out in one transaction or, when one of them fails, each in its own. The returned error is
// the store's, and means that the rest was not tried.
func (s *Service) fireTogether(ctx context.Context, due []Timer, m *mishaps) (fired int, err error) {
	err = s.store.Update(ctx, func(tx Tx) error {
		for _, t := range due {
			if err := s.fire(tx, t); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		return len(due), nil
	}
	for _, t := range due {
		err := s.store.Update(ctx, func(tx Tx) error { return s.fire(tx, t) })
		if ctx.Err() != nil {
			return fired, ctx.Err()
		}
		if err == nil {
			fired++
			continue
		}
		m.add(fmt.Errorf("timer %s of room %q in app %d: %w", t.Kind, t.Room, t.App, err))
		if err := s.putOff(ctx, t); err != nil {
			return fired, fmt.Errorf("put off a timer that failed: %w", err)
		}
	}
	return fired, nil
}

// fire carries out one timer, unless it has been set anew or taken away since it was read. That of an app that is not
// served now waits until it is.
func (s *Service) fire(tx Tx, due Timer) error {
	t, ok, err := tx.Timer(due)
	if err != nil || !ok || t.At.After(s.now()) {
		return err
	}
	if _, served := s.apps[t.App]; !served {
		t.At = s.now().Add(timerUnserved)
		return tx.PutTimer(t)
	}
	if err := tx.DeleteTimer(t); err != nil {
		return err
	}
	act, known := timerActions[t.Kind]
	if !known {
		return nil // of a newer version that ran before
	}
	return act(s, tx, t)
}

// putOff sets a timer whose action failed to a later time, unless somebody else has set it meanwhile.
func (s *Service) putOff(ctx context.Context, due Timer) error {
	return s.store.Update(ctx, func(tx Tx) error {
		t, ok, err := tx.Timer(due)
		if err != nil || !ok || !t.At.Equal(due.At) {
			return err
		}
		t.At = s.now().Add(timerRetry)
		return tx.PutTimer(t)
	})
}

// mishaps are the failures of timers in one run.
type mishaps struct {
	told  []error
	count int
}

func (m *mishaps) add(err error) {
	m.count++
	if len(m.told) < maxMishaps {
		m.told = append(m.told, err)
	}
}

func (m *mishaps) err() error {
	if untold := m.count - len(m.told); untold > 0 {
		return errors.Join(append(m.told, fmt.Errorf("and %d more timers failed", untold))...)
	}
	return errors.Join(m.told...)
}
