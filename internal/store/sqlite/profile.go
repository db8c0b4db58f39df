package sqlite

import "github.com/greenroom-live/greenroom/internal/live"

func (r reader) ProfileValues(app live.AppID, user live.UserID) ([]live.ProfileItem, error) {
	var items []live.ProfileItem
	err := r.c.each(func(scan func(...any) error) error {
		var i live.ProfileItem
		err := scan(&i.Tag, &i.Value)
		items = append(items, i)
		return err
	}, "SELECT tag, value FROM profile_values WHERE app = ? AND user = ? ORDER BY tag", app, user)
	return items, err
}

func (t *tx) PutProfileValue(app live.AppID, user live.UserID, i live.ProfileItem) error {
	return t.put(`INSERT INTO profile_values (app, user, tag, value) VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET value = excluded.value`, app, user, string(i.Tag), i.Value)
}

func (t *tx) DeleteProfileValue(app live.AppID, user live.UserID, tag live.Tag) error {
	return t.put("DELETE FROM profile_values WHERE app = ? AND user = ? AND tag = ?", app, user, string(tag))
}
