package live_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

// unluckyStore lets something happen to updates when they have done their work and are about to be committed.
type unluckyStore struct {
	live.Store
	befalls func() error
}

func (s *unluckyStore) Update(ctx context.Context, f func(live.Tx) error) error {
	return s.Store.Update(ctx, func(tx live.Tx) error {
		if err := f(tx); err != nil {
			return err
		}
		return s.befalls()
	})
}

// endings are the ways to end a user's logins.
var endings = map[string]func(context.Context, *live.Service) error{
	"kick": func(ctx context.Context, s *live.Service) error {
		return s.Kick(ctx, by(live.KindAdmin, "administrator"), "fan")
	},
	"deletion": func(ctx context.Context, s *live.Service) error {
		_, err := s.DeleteAccounts(ctx, by(live.KindAdmin, "administrator"), []live.UserID{"fan"})
		return err
	},
}

// revocationHeld tells whether a server that starts now would refuse the user.
func (w *world) revocationHeld(user live.UserID) bool {
	w.t.Helper()
	next := live.NewService(w.store, w, []*live.App{&w.app}, w.limit, w.now)
	require.NoError(w.t, next.RecallRevocations(ctx))
	return next.Revoked(app, user, w.now())
}

func TestAKickThatIsNotCommittedRevokesNothing(t *testing.T) {
	for name, end := range endings {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			require.NoError(t, w.Register(ctx, user("fan")))
			broken := errors.New("the disk is full")
			s := live.NewService(&unluckyStore{w.store, func() error { return broken }}, w, []*live.App{&w.app}, w.limit, w.now)
			require.ErrorIs(t, end(ctx, s), broken)
			require.False(t, s.Revoked(app, "fan", w.now()))
			require.False(t, w.revocationHeld("fan"))
		})
	}
}

func TestAKickThatIsCommittedRevokesThoughItsCallerIsGone(t *testing.T) {
	for name, end := range endings {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			require.NoError(t, w.Register(ctx, user("fan")))
			called, hangUp := context.WithCancel(ctx)
			gone := func() error { hangUp(); return nil }
			s := live.NewService(&unluckyStore{w.store, gone}, w, []*live.App{&w.app}, w.limit, w.now)
			require.NoError(t, end(called, s))
			require.True(t, s.Revoked(app, "fan", w.now()))
			require.True(t, w.revocationHeld("fan"))
		})
	}
}
