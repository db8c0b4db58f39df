package postgres

import (
	"math"
	"time"

	"github.com/greenroom-live/greenroom/internal/live"
)

func (r reader) Follow(app live.AppID, from, to live.UserID) (live.Follow, bool, error) {
	r.about(accountKey(app, from))
	r.about(accountKey(app, to))
	f := live.Follow{From: from, To: to}
	var since int64
	found, err := r.c.first("SELECT since, mutual FROM follows WHERE app = $1 AND user_id = $2 AND target = $3",
		[]any{int64(app), string(from), string(to)}, &since, &f.Mutual)
	f.Since = time.UnixMilli(since)
	return f, found, err
}

func (r reader) FollowCounts(app live.AppID, user live.UserID) (live.FollowCounts, error) {
	r.about(accountKey(app, user))
	var n live.FollowCounts
	_, err := r.c.first("SELECT followers, following, mutual FROM follow_counts WHERE app = $1 AND user_id = $2",
		[]any{int64(app), string(user)}, &n.Followers, &n.Following, &n.Mutual)
	return n, err
}

// followLists are the queries of the lists, each along an index of its own.
var followLists = map[live.FollowList]string{
	live.Followers: `SELECT user_id, target, since, mutual FROM follows WHERE app = $1 AND target = $2
		AND (since, user_id) < ($3, $4) ORDER BY since DESC, user_id DESC LIMIT $5`,
	live.Following: `SELECT user_id, target, since, mutual FROM follows WHERE app = $1 AND user_id = $2
		AND (since, target) < ($3, $4) ORDER BY since DESC, target DESC LIMIT $5`,
	live.Mutual: `SELECT user_id, target, since, mutual FROM follows WHERE app = $1 AND user_id = $2 AND mutual
		AND (since, target) < ($3, $4) ORDER BY since DESC, target DESC LIMIT $5`,
}

func (r reader) Follows(app live.AppID, user live.UserID, list live.FollowList, after live.FollowCursor, limit int) ([]live.Follow, error) {
	r.about(accountKey(app, user))
	since := int64(math.MaxInt64)
	if !after.Since.IsZero() {
		since = after.Since.UnixMilli()
	}
	return r.follows(followLists[list], int64(app), string(user), since, string(after.User), limit)
}

func (r reader) FollowsUntil(app live.AppID, user live.UserID, until time.Time, limit int) ([]live.Follow, error) {
	r.about(accountKey(app, user))
	following, err := r.follows(`SELECT user_id, target, since, mutual FROM follows WHERE app = $1 AND user_id = $2 AND since <= $3
		ORDER BY since LIMIT $4`, int64(app), string(user), until.UnixMilli(), limit)
	if err != nil || len(following) == limit {
		return following, err
	}
	followers, err := r.follows(`SELECT user_id, target, since, mutual FROM follows WHERE app = $1 AND target = $2 AND since <= $3
		ORDER BY since LIMIT $4`, int64(app), string(user), until.UnixMilli(), limit-len(following))
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
	t.about(accountKey(app, f.From))
	t.about(accountKey(app, f.To))
	return t.put(`INSERT INTO follows (app, user_id, target, since, mutual) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (app, user_id, target) DO UPDATE SET since = excluded.since, mutual = excluded.mutual`,
		int64(app), string(f.From), string(f.To), f.Since.UnixMilli(), f.Mutual)
}

func (t *tx) DeleteFollow(app live.AppID, from, to live.UserID) error {
	t.about(accountKey(app, from))
	t.about(accountKey(app, to))
	return t.put("DELETE FROM follows WHERE app = $1 AND user_id = $2 AND target = $3", int64(app), string(from), string(to))
}

func (t *tx) AddFollowCounts(app live.AppID, user live.UserID, add live.FollowCounts) error {
	t.about(accountKey(app, user))
	err := t.put(`INSERT INTO follow_counts AS c (app, user_id, followers, following, mutual) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (app, user_id) DO UPDATE SET followers = c.followers + excluded.followers,
		following = c.following + excluded.following, mutual = c.mutual + excluded.mutual`,
		int64(app), string(user), add.Followers, add.Following, add.Mutual)
	if err != nil || add.Followers+add.Following > 0 {
		return err
	}
	return t.put("DELETE FROM follow_counts WHERE app = $1 AND user_id = $2 AND followers = 0 AND following = 0",
		int64(app), string(user))
}
