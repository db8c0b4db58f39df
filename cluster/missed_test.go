package cluster

import (
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/client"
	"github.com/greenroom-live/greenroom/internal/testkit"
	"github.com/greenroom-live/greenroom/internal/testkit/witness"
)

// TestWhatWasMissedIsFoundWhenANodeHearsAgain changes the database behind the nodes' backs, which is what a node finds that could
// not hear the others for a while, and then cuts what they hear through.
func TestWhatWasMissedIsFoundWhenANodeHearsAgain(t *testing.T) {
	t.Parallel()
	url := testkit.Database(t)
	w := serve(t, settings{database: url})
	rooms := w.opens(nodes)
	var path atomic.Value
	w.Behave(func(a witness.Attempt) (bool, http.HandlerFunc) {
		path.Store(a.Request.URL.Path)
		return true, nil
	})
	sig := sign("ben")
	var devices []*device
	for node := range w.nodes {
		d := w.newDevice("ben", node, sig)
		require.NoError(t, d.Connect())
		d.until("connected", func() bool { return d.connections > 0 })
		devices = append(devices, d)
	}
	db, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer db.Close(t.Context())
	for _, statement := range []string{
		"INSERT INTO revocations (app, user_id, until) SELECT app, 'ben', extract(epoch FROM now())::bigint + 1 FROM callbacks",
		"UPDATE callbacks SET url = url || '/anew'",
		`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE datname = current_database() AND application_name = 'greenroom ear'`,
	} {
		_, err := db.Exec(t.Context(), statement)
		require.NoError(t, err, statement)
	}
	for _, d := range devices {
		d.until("disconnected", func() bool { return d.disconnected != nil })
		require.Contains(t, []uint32{4501, uint32(client.CodeUserSigRevoked)}, d.disconnected.Code)
	}
	for node, room := range rooms {
		require.NoError(t, w.change(node, room, "k"))
		w.Settled(patience)
		require.Regexp(t, "/anew$", path.Load(), "by node %d", node)
	}
}
