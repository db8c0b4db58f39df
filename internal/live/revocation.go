package live

import (
	"context"
	"sync"
	"time"

	"github.com/greenroom-live/greenroom/webhook"
)

// revocationPage is how many revocations are read at once at the start.
const revocationPage = 1000

// Revocation ends a user's logins: UserSigs whose TLS.time is Until or earlier are refused with [CodeSigRevoked] from
// then on (doc 34957).
type Revocation struct {
	App   AppID
	User  UserID
	Until time.Time // whole seconds
}

type revocationReader interface {
	// Revocations returns up to limit revocations of all apps, in a fixed order after the given one.
	Revocations(after Revocation, limit int) ([]Revocation, error)
}

type revocationWriter interface {
	// PutRevocation keeps a revocation, unless the user has one that reaches further: clocks can be set back.
	PutRevocation(r Revocation) error
}

// LoginsEnded is the change that ended a user's logins. The app server is not told: it asked for it.
type LoginsEnded struct{ Revocation }

// Webhook is nil.
func (LoginsEnded) Webhook(Event) webhook.Event { return nil }

// Kick makes every UserSig that user has now useless, in REST calls too, and ends the user's connections. A UserSig made
// in a later second works. [CodeNoAccount] for a user whom nobody knows.
func (s *Service) Kick(ctx context.Context, caller Caller, user UserID) error {
	var ended Revocation
	err := s.store.Update(ctx, func(tx Tx) error {
		if err := tx.LockAccounts(caller.App, []UserID{user}); err != nil {
			return err
		}
		known, err := s.isAccount(tx, caller.App, user)
		if err != nil {
			return err
		}
		if !known {
			return noAccount(user)
		}
		ended, err = s.endLogins(tx, caller, user)
		return err
	})
	if err == nil {
		s.Heed(ended)
	}
	return err
}

func (s *Service) endLogins(tx Tx, caller Caller, user UserID) (Revocation, error) {
	r := Revocation{App: caller.App, User: user, Until: time.Unix(s.now().Unix(), 0)}
	if err := tx.PutRevocation(r); err != nil {
		return r, err
	}
	return r, tx.Emit(s.event(caller, "", LoginsEnded{r}))
}

// Heed makes a revocation that was committed hold in this process. Doing it again is harmless.
func (s *Service) Heed(r Revocation) { s.revoked.add(r) }

// Revoked tells whether a UserSig of user that was issued then has been made useless.
func (s *Service) Revoked(app AppID, user UserID, issued time.Time) bool {
	return s.revoked.covers(app, user, issued)
}

// RecallRevocations makes the revocations that the store keeps hold. It must have succeeded before anybody is let in.
func (s *Service) RecallRevocations(ctx context.Context) error {
	var after Revocation
	for {
		var page []Revocation
		err := s.store.View(ctx, func(r Reader) (err error) {
			page, err = r.Revocations(after, revocationPage)
			return err
		})
		if err != nil {
			return err
		}
		for _, r := range page {
			s.revoked.add(r)
		}
		if len(page) < revocationPage {
			return nil
		}
		after = page[len(page)-1]
	}
}

// revocations are all that hold, in memory: every call of every caller is judged by them.
type revocations struct {
	mu    sync.RWMutex
	until map[accountKey]int64 // Unix seconds
}

type accountKey struct {
	app  AppID
	user UserID
}

func newRevocations() *revocations { return &revocations{until: make(map[accountKey]int64)} }

func (r *revocations) add(x Revocation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := accountKey{x.App, x.User}
	r.until[key] = max(r.until[key], x.Until.Unix())
}

func (r *revocations) covers(app AppID, user UserID, issued time.Time) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	until, ok := r.until[accountKey{app, user}]
	return ok && issued.Unix() <= until
}
