package sqlite

import "github.com/greenroom-live/greenroom/internal/live"

func (r reader) Account(app live.AppID, user live.UserID) (live.Account, bool, error) {
	a := live.Account{ID: user}
	found, err := r.c.first("SELECT nick, face_url FROM accounts WHERE app = ? AND user = ?", []any{app, user},
		&a.Nick, &a.FaceURL)
	return a, found, err
}

func (t *tx) PutAccount(app live.AppID, a live.Account) error {
	return t.put(`INSERT INTO accounts (app, user, nick, face_url) VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET nick = excluded.nick, face_url = excluded.face_url`, app, a.ID, a.Nick, a.FaceURL)
}
