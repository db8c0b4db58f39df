package live

import (
	"context"
	"errors"
)

// Account is a user of an app, as far as the server knows it.
type Account struct {
	ID      UserID
	Nick    string // at most 500 bytes
	FaceURL string // at most 500 bytes
}

const (
	maxAccountsBatch = 100 // accounts of one call, docs 34954, 34955, 34956
	// maxRoomsTold bounds the rooms that hear of one change of a user. A connection is in 100 at most.
	maxRoomsTold = 1000
)

type accountReader interface {
	Account(app AppID, user UserID) (Account, bool, error)
	// RoomsOnline returns up to limit rooms in which the user is an online member.
	RoomsOnline(app AppID, user UserID, limit int) ([]RoomID, error)
}

type accountWriter interface {
	// LockAccounts is to be called before anything is read of users that decides what will be written of them: nobody else
	// changes their accounts, profiles and relations from then on until the update is over.
	LockAccounts(app AppID, users []UserID) error
	// AddAccount makes an account with an empty profile, unless there is one.
	AddAccount(app AppID, user UserID) error
	PutAccount(app AppID, a Account) error
	// DeleteAccount removes the account, its profile, and its memberships that are not online.
	DeleteAccount(app AppID, user UserID) error
}

// AccountImport is what an import says of one account. A nil field stays as it is.
type AccountImport struct {
	ID      UserID
	Nick    *string
	FaceURL *string
}

func (in AccountImport) check() error {
	for _, v := range []*string{in.Nick, in.FaceURL} {
		if v != nil && len(*v) > maxProfileValue {
			return Refuse(CodeProfileTooLong, "a profile value may be %d bytes at most", maxProfileValue)
		}
	}
	return nil
}

// ImportAccount registers an account or updates its profile (doc 34953). Importing twice is harmless.
func (s *Service) ImportAccount(ctx context.Context, caller Caller, in AccountImport) error {
	if err := in.check(); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		if err := tx.LockAccounts(caller.App, []UserID{in.ID}); err != nil {
			return err
		}
		return s.importAccount(tx, caller, in)
	})
}

// ImportAccounts is ImportAccount for up to 100 accounts (doc 34954). Those that cannot be imported are returned; they do
// not keep the others from it.
func (s *Service) ImportAccounts(ctx context.Context, caller Caller, list []AccountImport) (failed []UserID, err error) {
	var good []AccountImport
	for _, in := range list {
		if !ValidUserID(string(in.ID)) || in.check() != nil {
			failed = append(failed, in.ID)
			continue
		}
		good = append(good, in)
	}
	if len(good) == 0 {
		return failed, nil
	}
	users := make([]UserID, len(good))
	for i, in := range good {
		users[i] = in.ID
	}
	return failed, s.store.Update(ctx, func(tx Tx) error {
		if err := tx.LockAccounts(caller.App, users); err != nil {
			return err
		}
		for _, in := range good {
			if err := s.importAccount(tx, caller, in); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) importAccount(tx Tx, caller Caller, in AccountImport) error {
	a, err := profile(tx, caller.App, in.ID)
	if err != nil {
		return err
	}
	if in.Nick != nil {
		a.Nick = *in.Nick
	}
	if in.FaceURL != nil {
		a.FaceURL = *in.FaceURL
	}
	return s.saveAccount(tx, caller, a)
}

// CheckAccountsBatch refuses a call that names no account or more than 100; field names the list in the error.
func CheckAccountsBatch(field string, n int) error {
	if n == 0 || n > maxAccountsBatch {
		return Refuse(CodeLoginParameter, "%s must hold 1 to %d accounts", field, maxAccountsBatch)
	}
	return nil
}

// AccountsImported tells for each of up to 100 ids, in their order, whether there is such an account: imported, registered,
// or an App admin (doc 34956).
func (s *Service) AccountsImported(ctx context.Context, caller Caller, ids []UserID) ([]bool, error) {
	if err := CheckAccountsBatch("CheckItem", len(ids)); err != nil {
		return nil, err
	}
	imported := make([]bool, len(ids))
	err := s.store.View(ctx, func(r Reader) error {
		for i, id := range ids {
			var err error
			if imported[i], err = s.isAccount(r, caller.App, id); err != nil {
				return err
			}
		}
		return nil
	})
	return imported, err
}

// DeleteAccounts removes up to 100 accounts with their profiles and follow relations, takes them out of the rooms they are
// in and ends their logins (doc 34955). What becomes of each is told in the order of users: nil, [CodeNoAccount], or
// [CodeNoDeletion] for an App admin. Relations beyond the first hundreds are removed by the clock. Rooms that they own,
// and what they are in rooms without being there, stay.
func (s *Service) DeleteAccounts(ctx context.Context, caller Caller, users []UserID) (outcomes []error, err error) {
	if err := CheckAccountsBatch("DeleteItem", len(users)); err != nil {
		return nil, err
	}
	var ended []Revocation
	outcomes = make([]error, len(users))
	err = s.store.Update(ctx, func(tx Tx) error {
		if err := tx.LockAccounts(caller.App, users); err != nil {
			return err
		}
		ended = nil
		budget := maxForgottenAtOnce
		for i, user := range users {
			r, err := s.deleteAccount(tx, caller, user, &budget)
			if outcomes[i] = refusal(err); err != nil && outcomes[i] == nil {
				return err
			}
			if err == nil {
				ended = append(ended, r)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, r := range ended {
		s.Heed(r)
	}
	return outcomes, nil
}

// refusal returns err when it is a refusal, nil when it is nil or a failure.
func refusal(err error) error {
	if e := (*Error)(nil); errors.As(err, &e) {
		return e
	}
	return nil
}

func (s *Service) deleteAccount(tx Tx, caller Caller, user UserID, budget *int) (Revocation, error) {
	if s.apps[caller.App].IsAdmin(user) {
		return Revocation{}, Refuse(CodeNoDeletion, "%q is an App admin, who cannot be deleted", user)
	}
	_, known, err := tx.Account(caller.App, user)
	if err != nil {
		return Revocation{}, err
	}
	if !known {
		return Revocation{}, noAccount(user)
	}
	if err := s.leaveRooms(tx, caller, user); err != nil {
		return Revocation{}, err
	}
	if err := s.forgetFollows(tx, caller.App, user, s.now(), budget); err != nil {
		return Revocation{}, err
	}
	if err := tx.DeleteAccount(caller.App, user); err != nil {
		return Revocation{}, err
	}
	return s.endLogins(tx, caller, user)
}

// leaveRooms takes user out of the rooms that it is in. Each is looked at again: until then others may have changed it.
func (s *Service) leaveRooms(tx Tx, caller Caller, user UserID) error {
	rooms, err := tx.RoomsOnline(caller.App, user, maxRoomsTold)
	if err != nil {
		return err
	}
	for _, id := range rooms {
		m, _, err := tx.Member(caller.App, id, user)
		if err != nil {
			return err
		}
		if !m.Online {
			continue
		}
		room, err := roomRow(tx, caller.App, id)
		if err != nil {
			return err
		}
		if err := tx.DeleteMember(caller.App, id, user); err != nil {
			return err
		}
		if err := s.goOffline(tx, caller, room, user, CauseLeave); err != nil {
			return err
		}
	}
	return nil
}

func noAccount(user UserID) error { return Refuse(CodeNoAccount, "there is no account %q", user) }

// isAccount tells whether user is known: imported, registered, or an App admin, who is an account by configuration.
func (s *Service) isAccount(r Reader, app AppID, user UserID) (bool, error) {
	if s.apps[app].IsAdmin(user) {
		return true, nil
	}
	_, ok, err := r.Account(app, user)
	return ok, err
}

// profile returns user's account, an empty one when there is none.
func profile(r Reader, app AppID, user UserID) (Account, error) {
	a, _, err := r.Account(app, user)
	a.ID = user
	return a, err
}

// Profile returns a user's account, an empty one when the user has none.
func (s *Service) Profile(ctx context.Context, caller Caller, user UserID) (Account, error) {
	var a Account
	err := s.store.View(ctx, func(r Reader) (err error) {
		a, err = profile(r, caller.App, user)
		return err
	})
	return a, err
}

// Register makes sure that a user who logged in with a valid UserSig has an account.
func (s *Service) Register(ctx context.Context, caller Caller) error {
	known := false
	err := s.store.View(ctx, func(r Reader) (err error) {
		_, known, err = r.Account(caller.App, caller.User)
		return err
	})
	if err != nil || known {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error { return register(tx, caller.App, caller.User) })
}

// register gives user an account with an empty profile unless it has one.
func register(tx Tx, app AppID, user UserID) error {
	_, ok, err := tx.Account(app, user)
	if err != nil || ok {
		return err
	}
	return tx.AddAccount(app, user)
}

// admit lets a command name user: registered when it never was, or refused where the app demands an import first.
func (s *Service) admit(tx Tx, app AppID, field string, user UserID) error {
	if err := s.mayName(tx, app, field, user); err != nil {
		return err
	}
	return register(tx, app, user)
}

// mayName refuses user where the app demands an import first and there was none.
func (s *Service) mayName(r Reader, app AppID, field string, user UserID) error {
	known, err := s.nameable(r, app, user)
	if err == nil && !known {
		err = badParameter("%s %q was never imported", field, user)
	}
	return err
}

// mayBeNamed tells whether a command may name user, and registers one who may and never was.
func (s *Service) mayBeNamed(tx Tx, app AppID, user UserID) (bool, error) {
	known, err := s.nameable(tx, app, user)
	if err != nil || !known {
		return false, err
	}
	return true, register(tx, app, user)
}

// nameable tells whether a command may name user: anybody, or in an app that demands an import first whoever has an
// account. App admins are accounts by configuration and need no import.
func (s *Service) nameable(r Reader, app AppID, user UserID) (bool, error) {
	if a := s.apps[app]; !a.RequireImportedAccounts || a.IsAdmin(user) {
		return true, nil
	}
	_, ok, err := r.Account(app, user)
	return ok, err
}
