package sqlite

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

// TestAPageOfRoomsIsReadAlongItsIndex asks SQLite how it reads each form of the list: from the place where the page
// begins, in the order of the index, with nothing to sort.
func TestAPageOfRoomsIsReadAlongItsIndex(t *testing.T) {
	s, err := Open(options(folder(t)), deaf{})
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, s.Update(background, func(tx live.Tx) error {
		for i := range 300 {
			room := live.Room{
				ID: live.RoomID(fmt.Sprint("r", i)), PublicVisible: i%3 > 0, ViewCount: int64(i % 7), CreatedAt: time.Unix(int64(i), 0),
			}
			if err := tx.InsertRoom(live.AppID(1+i%2), room); err != nil {
				return err
			}
		}
		return nil
	}))
	c, err := openConn(s.db)
	require.NoError(t, err)
	defer c.close()
	require.NoError(t, c.do("ANALYZE"))
	for ascending, queries := range listQueries {
		for _, plan := range []struct {
			query, from string
			args        []any
		}{
			{queries.first, "(app=?)", []any{1, 20}},
			{queries.further, "(app=? AND (view_count,created_at,room)", []any{1, 3, 100, "r100", 20}},
		} {
			var steps []string
			err := c.each(func(scan func(...any) error) error {
				var id, parent, unused int
				var step string
				err := scan(&id, &parent, &unused, &step)
				steps = append(steps, step)
				return err
			}, "EXPLAIN QUERY PLAN "+plan.query, plan.args...)
			require.NoError(t, err)
			require.Len(t, steps, 1, "ascending=%v: %v", ascending, steps)
			require.True(t, strings.HasPrefix(steps[0], "SEARCH rooms USING INDEX rooms_listed "+plan.from), steps[0])
		}
	}
}

// TestMigratingCountsTheRoomsThereAre goes back to the tables before room_counts, with rooms in them, and up again.
func TestMigratingCountsTheRoomsThereAre(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(options(dir), deaf{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	require.NoError(t, s.Update(background, func(tx live.Tx) error {
		for i, room := range []live.Room{{ID: "a", ViewCount: 3}, {ID: "b", ViewCount: 3, OnlineCount: 1}, {ID: "c"}, {ID: "a"}} {
			if err := tx.InsertRoom(live.AppID(1+i/3), room); err != nil {
				return err
			}
		}
		return nil
	}))
	p, err := provider(s.db)
	require.NoError(t, err)
	_, err = p.DownTo(background, 3)
	require.NoError(t, err)
	_, err = p.Up(background)
	require.NoError(t, err)
	require.NoError(t, s.View(background, func(r live.Reader) error {
		for app, want := range map[live.AppID]int{1: 3, 2: 1, 3: 0} {
			got, err := r.RoomCount(app)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
		due, err := r.DueTimers(time.Now().Add(time.Hour), 10)
		require.NoError(t, err)
		require.Len(t, due, 1, "the room that was left empty ends one day, the others not")
		require.Equal(t, live.RoomID("a"), due[0].Room)
		require.Equal(t, live.AppID(1), due[0].App)
		require.WithinDuration(t, time.Now().Add(30*time.Minute), due[0].At, time.Minute)
		return nil
	}))
}
