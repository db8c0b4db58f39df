package sqlite

import (
	"time"

	"github.com/greenroom-live/greenroom/internal/live"
)

func (r reader) Revocations(after live.Revocation, limit int) ([]live.Revocation, error) {
	var page []live.Revocation
	err := r.c.each(func(scan func(...any) error) error {
		var x live.Revocation
		var until int64
		err := scan(&x.App, &x.User, &until)
		x.Until = time.Unix(until, 0)
		page = append(page, x)
		return err
	}, "SELECT app, user, until FROM revocations WHERE (app, user) > (?, ?) ORDER BY app, user LIMIT ?",
		after.App, after.User, limit)
	return page, err
}

func (t *tx) PutRevocation(r live.Revocation) error {
	return t.put(`INSERT INTO revocations (app, user, until) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET until = max(until, excluded.until)`, r.App, r.User, r.Until.Unix())
}
