package live

import (
	"context"
	"errors"
	"fmt"
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
	// timerBatch is how many due timers are read at once.
	timerBatch = 256
	// timerPause is how long the clock waits after something failed.
	timerPause = time.Second
	// timerPatience bounds how long the clock sleeps, so that a wall clock that was set is noticed.
	timerPatience = time.Minute
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
		wait, err := s.carryOutTimers(ctx)
		if err != nil && ctx.Err() == nil {
			failed(err)
			wait = timerPause
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

// carryOutTimers carries out what is due and returns how long there is nothing more to do.
func (s *Service) carryOutTimers(ctx context.Context) (time.Duration, error) {
	if _, err := s.FireTimers(ctx); err != nil {
		return 0, err
	}
	wait := timerPatience
	err := s.store.View(ctx, func(r Reader) error {
		next, ok, err := r.NextTimer()
		if ok {
			wait = min(wait, max(0, next.Sub(s.now())))
		}
		return err
	})
	return wait, err
}

// FireTimers carries out every timer that is due now, and returns how many were. One that fails keeps its place and does
// not keep others from their turn.
func (s *Service) FireTimers(ctx context.Context) (fired int, err error) {
	for {
		var due []Timer
		err := s.store.View(ctx, func(r Reader) (err error) {
			due, err = r.DueTimers(s.now(), timerBatch)
			return err
		})
		if err != nil {
			return fired, err
		}
		var failures []error
		for _, t := range due {
			if err := s.fire(ctx, t); err != nil {
				failures = append(failures, fmt.Errorf("timer %s of room %q in app %d: %w", t.Kind, t.Room, t.App, err))
			}
		}
		fired += len(due) - len(failures)
		if len(failures) > 0 || len(due) < timerBatch {
			return fired, errors.Join(failures...)
		}
	}
}

// fire carries out one timer, unless it has been set anew or taken away since it was read.
func (s *Service) fire(ctx context.Context, due Timer) error {
	return s.store.Update(ctx, func(tx Tx) error {
		t, ok, err := tx.Timer(due)
		if err != nil || !ok || t.At.After(s.now()) {
			return err
		}
		if err := tx.DeleteTimer(t); err != nil {
			return err
		}
		act, known := timerActions[t.Kind]
		if !known {
			return nil // of a newer version that ran before
		}
		return act(s, tx, t)
	})
}
