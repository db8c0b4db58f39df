package sqlite

import "github.com/greenroom-live/greenroom/internal/live"

func (r reader) Account(app live.AppID, user live.UserID) (live.Account, bool, error) {
	a := live.Account{ID: user}
	found, err := r.c.first("SELECT nick, face_url FROM accounts WHERE app = ? AND user = ?", []any{app, user},
		&a.Nick, &a.FaceURL)
	return a, found, err
}

func (r reader) RoomsOnline(app live.AppID, user live.UserID, limit int) ([]live.RoomID, error) {
	var rooms []live.RoomID
	err := r.c.each(func(scan func(...any) error) error {
		var room live.RoomID
		err := scan(&room)
		rooms = append(rooms, room)
		return err
	}, "SELECT room FROM room_members WHERE app = ? AND user = ? AND online = 1 ORDER BY room LIMIT ?", app, user, limit)
	return rooms, err
}

// LockAccounts has nothing to do: updates are carried out one after the other.
func (t *tx) LockAccounts(live.AppID, []live.UserID) error { return nil }

func (t *tx) AddAccount(app live.AppID, user live.UserID) error {
	return t.put("INSERT INTO accounts (app, user, nick, face_url) VALUES (?, ?, '', '') ON CONFLICT DO NOTHING", app, user)
}

func (t *tx) PutAccount(app live.AppID, a live.Account) error {
	return t.put(`INSERT INTO accounts (app, user, nick, face_url) VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET nick = excluded.nick, face_url = excluded.face_url`, app, a.ID, a.Nick, a.FaceURL)
}

func (t *tx) DeleteAccount(app live.AppID, user live.UserID) error {
	if err := t.put("DELETE FROM room_members WHERE app = ? AND user = ? AND online = 0", app, user); err != nil {
		return err
	}
	if err := t.put("DELETE FROM profile_values WHERE app = ? AND user = ?", app, user); err != nil {
		return err
	}
	return t.put("DELETE FROM accounts WHERE app = ? AND user = ?", app, user)
}
