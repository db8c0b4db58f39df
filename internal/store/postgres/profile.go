package postgres

import "github.com/greenroom-live/greenroom/internal/live"

// ProfileValues locks nothing, as Account.
func (r reader) ProfileValues(app live.AppID, user live.UserID) ([]live.ProfileItem, error) {
	var items []live.ProfileItem
	err := r.c.each(func(scan func(...any) error) error {
		var i live.ProfileItem
		err := scan(&i.Tag, &i.Value)
		items = append(items, i)
		return err
	}, "SELECT tag, value FROM profile_values WHERE app = $1 AND user_id = $2 ORDER BY tag", int64(app), string(user))
	return items, err
}

func (t *tx) PutProfileValue(app live.AppID, user live.UserID, i live.ProfileItem) error {
	t.about(accountKey(app, user))
	return t.put(`INSERT INTO profile_values (app, user_id, tag, value) VALUES ($1, $2, $3, $4)
		ON CONFLICT (app, user_id, tag) DO UPDATE SET value = excluded.value`, int64(app), string(user), string(i.Tag), i.Value)
}

func (t *tx) DeleteProfileValue(app live.AppID, user live.UserID, tag live.Tag) error {
	t.about(accountKey(app, user))
	return t.put("DELETE FROM profile_values WHERE app = $1 AND user_id = $2 AND tag = $3", int64(app), string(user), string(tag))
}
