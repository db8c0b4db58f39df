package sqlite

import (
	"math"
	"time"

	"github.com/greenroom-live/greenroom/internal/live"
)

func (r reader) Follow(app live.AppID, from, to live.UserID) (live.Follow, bool, error) {
	f := live.Follow{From: from, To: to}
	var since int64
	found, err := r.c.first("SELECT since, mutual FROM follows WHERE app = ? AND user = ? AND target = ?", []any{app, from, to},
		&since, &f.Mutual)
	f.Since = time.UnixMilli(since)
	return f, found, err
}

func (r reader) FollowCounts(app live.AppID, user live.UserID) (live.FollowCounts, error) {
	var n live.FollowCounts
	_, err := r.c.first("SELECT followers, following, mutual FROM follow_counts WHERE app = ? AND user = ?", []any{app, user},
		&n.Followers, &n.Following, &n.Mutual)
	return n, err
}

// followLists are the queries of the lists, each along an index of its own.
var followLists = map[live.FollowList]string{
	live.Followers: `SELECT user, target, since, mutual FROM follows WHERE app = ? AND target = ? AND (since, user) < (?, ?)
		ORDER BY since DESC, user DESC LIMIT ?`,
	live.Following: `SELECT user, target, since, mutual FROM follows WHERE app = ? AND user = ? AND (since, target) < (?, ?)
		ORDER BY since DESC, target DESC LIMIT ?`,
	live.Mutual: `SELECT user, target, since, mutual FROM follows WHERE app = ? AND user = ? AND mutual = 1
		AND (since, target) < (?, ?) ORDER BY since DESC, target DESC LIMIT ?`,
}

func (r reader) Follows(app live.AppID, user live.UserID, list live.FollowList, after live.FollowCursor, limit int) ([]live.Follow, error) {
	since := int64(math.MaxInt64)
	if !after.Since.IsZero() {
		since = after.Since.UnixMilli()
	}
	return r.follows(followLists[list], app, user, since, after.User, limit)
}

func (r reader) FollowsUntil(app live.AppID, user live.UserID, until time.Time, limit int) ([]live.Follow, error) {
	following, err := r.follows(`SELECT user, target, since, mutual FROM follows WHERE app = ? AND user = ? AND since <= ?
		ORDER BY since LIMIT ?`, app, user, until.UnixMilli(), limit)
	if err != nil || len(following) == limit {
		return following, err
	}
	followers, err := r.follows(`SELECT user, target, since, mutual FROM follows WHERE app = ? AND target = ? AND since <= ?
		ORDER BY since LIMIT ?`, app, user, until.UnixMilli(), limit-len(following))
	return append(following, followers...), err
}

func (r reader) follows(query string, args ...any) ([]live.Follow, error) {
	var page []live.Follow
	err := r.c.each(func(scan func(...any) error) error {
		var f live.Follow
		var since int64
		err := scan(&f.From, &f.To, &since, &f.Mutual)
		f.Since = time.UnixMilli(since)
		page = append(page, f)
		return err
	}, query, args...)
	return page, err
}

func (t *tx) PutFollow(app live.AppID, f live.Follow) error {
	return t.put(`INSERT INTO follows (app, user, target, since, mutual) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET since = excluded.since, mutual = excluded.mutual`,
		app, f.From, f.To, f.Since.UnixMilli(), f.Mutual)
}

func (t *tx) DeleteFollow(app live.AppID, from, to live.UserID) error {
	return t.put("DELETE FROM follows WHERE app = ? AND user = ? AND target = ?", app, from, to)
}

func (t *tx) AddFollowCounts(app live.AppID, user live.UserID, add live.FollowCounts) error {
	err := t.put(`INSERT INTO follow_counts (app, user, followers, following, mutual) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET followers = followers + excluded.followers, following = following + excluded.following,
		mutual = mutual + excluded.mutual`, app, user, add.Followers, add.Following, add.Mutual)
	if err != nil || add.Followers+add.Following > 0 {
		return err
	}
	return t.put("DELETE FROM follow_counts WHERE app = ? AND user = ? AND followers = 0 AND following = 0", app, user)
}
