package postgres

import (
	"github.com/jackc/pgx/v5"

	"github.com/greenroom-live/greenroom/internal/live"
)

// fewCounts is how many rows of room_counts an app may have before they are put together.
const fewCounts = 64

// RoomCount adds up an app's rows. An update that asks is about to judge a limit, so nobody else who does may make a room.
func (r reader) RoomCount(app live.AppID) (int, error) {
	r.about(countKey(app))
	var rooms, rows int
	_, err := r.c.first("SELECT coalesce(sum(rooms), 0)::bigint, count(*) FROM room_counts WHERE app = $1", []any{int64(app)},
		&rooms, &rows)
	if err == nil && r.t != nil && rows > fewCounts {
		err = r.t.put(mergeCounts, int64(app))
	}
	return rooms, err
}

// mergeCounts makes one row of an app's. It takes up the rows that nobody else is putting together, so it never waits.
const mergeCounts = `WITH few AS (SELECT ctid FROM room_counts WHERE app = $1 FOR UPDATE SKIP LOCKED),
	gone AS (DELETE FROM room_counts c USING few WHERE c.ctid = few.ctid RETURNING c.rooms)
	INSERT INTO room_counts (app, rooms) SELECT $1, sum(rooms) FROM gone HAVING count(*) > 0`

// mergeCounts makes one row of each app's that has many: of those without a limit, whose rooms nobody counts.
func (s *Store) mergeCounts() error {
	rows, _ := s.readers.Query(background, "SELECT app FROM room_counts GROUP BY app HAVING count(*) > $1", fewCounts)
	apps, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return err
	}
	for _, app := range apps {
		if _, err := s.readers.Exec(background, mergeCounts, app); err != nil {
			return err
		}
	}
	return nil
}
