package testkit_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/testkit"
)

// doomed tells this binary to be the process of TestServersEndWithTheProcessOfTheTests that is killed.
const doomed = "GREENROOM_TEST_IS_DOOMED"

// TestServersEndWithTheProcessOfTheTests: however that ends, and in whatever state they are.
func TestServersEndWithTheProcessOfTheTests(t *testing.T) {
	if os.Getenv(doomed) != "" {
		serveUntilKilled(t)
	}
	t.Parallel()
	temporary, err := os.MkdirTemp("", "greenroom-parent-")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(temporary)) })
	require.NoError(t, os.Chmod(temporary, 0o711)) // PostgreSQL may run as somebody else
	cmd := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), doomed+"=1", "TMPDIR="+temporary)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	folders, err := filepath.Glob(filepath.Join(temporary, "greenroom-test-*"))
	require.NoError(t, err)
	require.Len(t, folders, 4, "two clusters, what they are copied from, Redis")
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait() // it was killed, which is an error here

	processes := strings.Fields(line)
	require.GreaterOrEqual(t, len(processes), 8)
	require.Eventually(t, func() bool {
		for _, pid := range processes {
			if alive(pid) {
				return false
			}
		}
		return true
	}, 20*time.Second, 10*time.Millisecond, "a server outlives its tests")
	require.Eventually(t, func() bool {
		left, err := filepath.Glob(filepath.Join(temporary, "greenroom-test-*"))
		return err == nil && len(left) == 0
	}, 20*time.Second, 10*time.Millisecond, "a folder outlives its tests")
}

// alive tells whether a process runs, or stands still. One that has ended may be in the list until somebody looks.
func alive(pid string) bool {
	text, err := os.ReadFile(filepath.Join("/proc", pid, "stat"))
	return err == nil && stat(text)[0] != "Z"
}

// stat returns the fields of a process's state: the state itself, the parent... What precedes them is the name, in
// parentheses, which may have any character.
func stat(text []byte) []string {
	return strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
}

// serveUntilKilled starts servers, tells of all processes that has made, and waits for its end.
func serveUntilKilled(t *testing.T) {
	testkit.Database(t)
	paused := testkit.NewPostgres(t)
	testkit.NewRedis(t)
	paused.Pause()
	var all []string
	for _, p := range descendants(t, fmt.Sprint(os.Getpid())) {
		// The shells that remove the folders live longer.
		if name, err := os.ReadFile(filepath.Join("/proc", p, "comm")); err == nil && string(name) != "sh\n" {
			all = append(all, p)
		}
	}
	fmt.Println(strings.Join(all, " "))
	select {}
}

// descendants returns the ids of the processes that a process has started, and that those have.
func descendants(t *testing.T, parent string) (found []string) {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it is no more
		}
		if pid := strings.Split(file, "/")[2]; stat(text)[1] == parent {
			found = append(append(found, pid), descendants(t, pid)...)
		}
	}
	return found
}
