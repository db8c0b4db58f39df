package promises

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"net/http"
	"path/filepath"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite" // the driver

	"github.com/greenroom-live/greenroom/client"
)

// TestALockedStoreFailsTheCallAndLosesNothing: another process holds the database's write lock, as a backup tool may.
func TestALockedStoreFailsTheCallAndLosesNothing(t *testing.T) {
	t.Parallel()
	failingStore(t, func(w *world) (end func()) {
		db, err := sql.Open("sqlite", filepath.Join(w.DataDir, "greenroom.db")+"?_pragma=busy_timeout(10000)")
		require.NoError(t, err)
		_, err = db.Exec("BEGIN IMMEDIATE") // on the only connection
		require.NoError(t, err)
		return func() {
			_, err := db.Exec("ROLLBACK")
			require.NoError(t, err)
			require.NoError(t, db.Close())
		}
	})
}

// TestAFullDiskFailsTheCallAndLosesNothing. The disk is full for the server alone: no file of it may grow, which fails its
// writes in the same places.
func TestAFullDiskFailsTheCallAndLosesNothing(t *testing.T) {
	t.Parallel()
	failingStore(t, func(w *world) (end func()) {
		limitFiles(t, w.PID(), 0)
		return func() { limitFiles(t, w.PID(), math.MaxUint64) }
	})
}

// limitFiles sets how long, in bytes, a file may become that a process writes to.
func limitFiles(t *testing.T, pid int, limit uint64) {
	t.Helper()
	const fileSize = 1 // RLIMIT_FSIZE
	rule := syscall.Rlimit{Cur: limit, Max: math.MaxUint64}
	_, _, failed := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(pid), fileSize, uintptr(unsafe.Pointer(&rule)), 0, 0, 0)
	require.Zero(t, failed)
}

// failingStore holds what must hold when the store cannot be written to, from the time begin is called until end is.
func failingStore(t *testing.T, begin func(*world) (end func())) {
	w, a := one(t, "", quick)
	a.opens("stage")
	a.server.hasTaken(1)
	a.server.refuses(refuseAll(status(500)))
	a.changes("stage", 1, 2)
	a.server.hasRefused(1)

	end := begin(w)
	fails(t, a.change("stage", 3))
	_, err := a.api.CreateRoom(t.Context(), client.RoomInfo{RoomID: "half"})
	fails(t, err)
	require.Equal(t, "2", a.value("stage"), "reading goes on, and shows nothing of what failed")
	a.server.takes()
	a.server.hasTaken(3) // what was acknowledged is delivered all the same

	end()
	require.Eventually(t, func() bool { return a.change("stage", 4) == nil }, patience, time.Millisecond, "calls are taken again")
	_, err = a.api.RoomInfo(t.Context(), "half")
	require.ErrorIs(t, err, client.CodeRoomNotFound, "nothing is half done")
	a.opens("whole")
	a.server.hasTaken(5)
	require.Equal(t, []int{0, 1, 2, 4}, a.server.of("stage"))
	require.Equal(t, []int{0}, a.server.of("whole"))
	require.Empty(t, a.server.of("half"), "nothing is told of what did not happen")
	require.Zero(t, a.server.count().repeated, "what was taken while that could not be written down is not sent again")
	ready(t, w)

	w.Stop()
	w.Start()
	w.Ready()
	a.changes("stage", 5, 5)
	a.server.hasTaken(6)
	require.Zero(t, a.server.count().repeated)
}

// fails demands the internal error's code, or that of a call whose time was over before its turn came.
func fails(t *testing.T, err error) {
	t.Helper()
	const outOfTime = client.Code(60008)
	require.Condition(t, func() bool { return errors.Is(err, client.CodeInternal) || errors.Is(err, outOfTime) }, "%v", err)
}

func ready(t *testing.T, w *world) {
	t.Helper()
	request, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, w.URL+"/readyz", nil)
	require.NoError(t, err)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusOK, answer.StatusCode)
}
