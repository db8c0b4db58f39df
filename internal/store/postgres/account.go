package postgres

import "github.com/greenroom-live/greenroom/internal/live"

// Account locks nothing: most who ask only show it. Who changes what it says begins with LockAccounts.
func (r reader) Account(app live.AppID, user live.UserID) (live.Account, bool, error) {
	a := live.Account{ID: user}
	found, err := r.c.first("SELECT nick, face_url FROM accounts WHERE app = $1 AND user_id = $2", []any{int64(app), string(user)},
		&a.Nick, &a.FaceURL)
	return a, found, err
}

// RoomsOnline locks nothing: a room in it is looked at again, under its own lock, before anything is done there.
func (r reader) RoomsOnline(app live.AppID, user live.UserID, limit int) ([]live.RoomID, error) {
	var rooms []live.RoomID
	err := r.c.each(func(scan func(...any) error) error {
		var room live.RoomID
		err := scan(&room)
		rooms = append(rooms, room)
		return err
	}, "SELECT room FROM room_members WHERE app = $1 AND user_id = $2 AND online ORDER BY room LIMIT $3",
		int64(app), string(user), limit)
	return rooms, err
}

func (t *tx) LockAccounts(app live.AppID, users []live.UserID) error {
	for _, user := range users {
		t.about(accountKey(app, user))
	}
	return nil
}

func (t *tx) AddAccount(app live.AppID, user live.UserID) error {
	t.about(accountKey(app, user))
	return t.put("INSERT INTO accounts (app, user_id, nick, face_url) VALUES ($1, $2, '', '') ON CONFLICT (app, user_id) DO NOTHING",
		int64(app), string(user))
}

func (t *tx) PutAccount(app live.AppID, a live.Account) error {
	t.about(accountKey(app, a.ID))
	return t.put(`INSERT INTO accounts (app, user_id, nick, face_url) VALUES ($1, $2, $3, $4)
		ON CONFLICT (app, user_id) DO UPDATE SET nick = excluded.nick, face_url = excluded.face_url`,
		int64(app), string(a.ID), a.Nick, a.FaceURL)
}

// DeleteAccount removes memberships without a lock on their rooms, which can be any number, and so must not wait for a row:
// one that somebody has at this moment is about to be removed too, for who comes into a room has the account's lock.
func (t *tx) DeleteAccount(app live.AppID, user live.UserID) error {
	t.about(accountKey(app, user))
	args := []any{int64(app), string(user)}
	err := t.put(`DELETE FROM room_members WHERE ctid = ANY (ARRAY(
		SELECT ctid FROM room_members WHERE app = $1 AND user_id = $2 AND NOT online FOR UPDATE SKIP LOCKED))`, args...)
	if err != nil {
		return err
	}
	if err := t.put("DELETE FROM profile_values WHERE app = $1 AND user_id = $2", args...); err != nil {
		return err
	}
	return t.put("DELETE FROM accounts WHERE app = $1 AND user_id = $2", args...)
}
