package postgres

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
	}, "SELECT app, user_id, until FROM revocations WHERE (app, user_id) > ($1, $2) ORDER BY app, user_id LIMIT $3",
		int64(after.App), string(after.User), limit)
	return page, err
}

func (t *tx) PutRevocation(r live.Revocation) error {
	t.about(accountKey(r.App, r.User))
	t.revoked = append(t.revoked, r)
	return t.put(`INSERT INTO revocations AS r (app, user_id, until) VALUES ($1, $2, $3)
		ON CONFLICT (app, user_id) DO UPDATE SET until = greatest(r.until, excluded.until)`,
		int64(r.App), string(r.User), r.Until.Unix())
}
