package live

import "context"

// Account is a user of an app, as far as the server knows it.
type Account struct {
	ID      UserID
	Nick    string // at most 500 bytes
	FaceURL string // at most 500 bytes
}

const (
	maxProfileValue  = 500 // bytes, doc 33520
	maxAccountsBatch = 100 // doc 34956
)

type accountReader interface {
	Account(app AppID, user UserID) (Account, bool, error)
}

type accountWriter interface {
	PutAccount(app AppID, a Account) error
}

// AccountImport is what an import says of one account. A nil field stays as it is.
type AccountImport struct {
	ID      UserID
	Nick    *string
	FaceURL *string
}

// ImportAccount registers an account or updates its profile (doc 34953). Importing twice is harmless.
func (s *Service) ImportAccount(ctx context.Context, caller Caller, in AccountImport) error {
	for _, v := range []*string{in.Nick, in.FaceURL} {
		if v != nil && len(*v) > maxProfileValue {
			return Refuse(CodeProfileTooLong, "a profile value may be %d bytes at most", maxProfileValue)
		}
	}
	return s.store.Update(ctx, func(tx Tx) error {
		a, _, err := tx.Account(caller.App, in.ID)
		if err != nil {
			return err
		}
		a.ID = in.ID
		if in.Nick != nil {
			a.Nick = *in.Nick
		}
		if in.FaceURL != nil {
			a.FaceURL = *in.FaceURL
		}
		return tx.PutAccount(caller.App, a)
	})
}

// AccountsImported tells for each of up to 100 ids, in their order, whether it has been imported (doc 34956).
func (s *Service) AccountsImported(ctx context.Context, caller Caller, ids []UserID) ([]bool, error) {
	if len(ids) == 0 || len(ids) > maxAccountsBatch {
		return nil, Refuse(CodeLoginParameter, "CheckItem must hold 1 to %d accounts", maxAccountsBatch)
	}
	imported := make([]bool, len(ids))
	err := s.store.View(ctx, func(r Reader) error {
		for i, id := range ids {
			_, ok, err := r.Account(caller.App, id)
			if err != nil {
				return err
			}
			imported[i] = ok
		}
		return nil
	})
	return imported, err
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
	return tx.PutAccount(app, Account{ID: user})
}

// admit lets a command name user: registered when it never was, or refused where the app demands an import first.
func (s *Service) admit(tx Tx, app AppID, field string, user UserID) error {
	if err := s.mayName(tx, app, field, user); err != nil {
		return err
	}
	return register(tx, app, user)
}

// mayName refuses user where the app demands an import first and there was none. App admins are accounts by
// configuration and need no import.
func (s *Service) mayName(r Reader, app AppID, field string, user UserID) error {
	if a := s.apps[app]; !a.RequireImportedAccounts || a.IsAdmin(user) {
		return nil
	}
	_, ok, err := r.Account(app, user)
	if err == nil && !ok {
		err = badParameter("%s %q was never imported", field, user)
	}
	return err
}
