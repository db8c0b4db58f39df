package postgres

import (
	"time"

	"github.com/greenroom-live/greenroom/internal/live"
)

// mark is a session's row in which each of its commits leaves its number, so that somebody can find out what became of one whose
// answer was lost. The number that PostgreSQL gives a transaction would not do: after a crash it gives the numbers of those that
// were lost to others.
type mark struct {
	session int64
	commits int64
	used    time.Time // when the row was last written
}

const (
	// markUse is how often the row of a session that has nothing to do is written, so that it is not taken for a leftover.
	markUse = time.Hour
	// forgetMarks removes the rows of sessions that ended long ago: nobody waits for an answer of theirs any more.
	forgetMarks = "DELETE FROM sessions WHERE used_at < clock_timestamp() - interval '2 days'"
)

// newMark makes the row of a session that commits in the name of a life. It fails with errLost when that is over.
func newMark(c *conn, node live.NodeID) (mark, error) {
	m := mark{used: time.Now()}
	found, err := c.first(`INSERT INTO sessions (session, node)
		SELECT nextval('session_ids'), n.node FROM (SELECT node FROM nodes WHERE node = $1 FOR KEY SHARE) AS n RETURNING session`,
		[]any{int64(node)}, &m.session)
	if err == nil && !found {
		err = errLost
	}
	return m, err
}

// endSessions keeps the sessions of lives that are over from committing anything more; $1 are the lives. It waits for commits
// under way: who looks for their events afterwards finds all that there will ever be.
const endSessions = "UPDATE sessions SET ended = true WHERE node = ANY ($1) AND NOT ended"

// put leaves the number of the next commit in it. It fails, with stateEnded, when somebody has asked for the session's last commit,
// and so believes that the session is gone, or when the life is over in whose name it commits: what is under way in it then must
// not be committed any more.
func (m *mark) put(c *conn) {
	m.commits, m.used = m.commits+1, time.Now()
	c.later("UPDATE sessions SET commits = $2::bigint / (NOT ended)::int, used_at = clock_timestamp() WHERE session = $1", m.session, m.commits)
}

// keep keeps the row.
func (m *mark) keep(c *conn) {
	if time.Since(m.used) < markUse {
		return
	}
	m.used = time.Now()
	c.later("UPDATE sessions SET used_at = clock_timestamp() WHERE session = $1", m.session)
}

// find tells by another session whether the last commit came about; known is false when it is too long ago. It waits for a
// transaction that is under way, and keeps one that is still on its way from being committed.
func (m mark) find(c *conn) (committed, known bool, err error) {
	var commits int64
	known, err = c.first("UPDATE sessions SET ended = true WHERE session = $1 RETURNING commits", []any{m.session}, &commits)
	return commits == m.commits, known, err
}
