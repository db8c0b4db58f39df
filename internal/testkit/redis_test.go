//go:build unix

package testkit_test

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/testkit"
)

// ask sends one command to a Redis server and returns its answer.
func ask(t *testing.T, r *testkit.Redis, command string) string {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(r.URL, "redis://"))
	require.NoError(t, err)
	defer c.Close()
	_, err = fmt.Fprint(c, command, "\r\n")
	require.NoError(t, err)
	answer, err := bufio.NewReader(c).ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSpace(answer)
}

func TestRedisComesBack(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		options []testkit.RedisOption
		exists  string
	}{
		"empty":         {nil, ":0"},
		"with its data": {[]testkit.RedisOption{testkit.KeepData()}, ":1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := testkit.NewRedis(t, row.options...)
			require.Equal(t, "+OK", ask(t, r, "SET room hall"))
			r.Stop()
			_, err := net.Dial("tcp", strings.TrimPrefix(r.URL, "redis://"))
			require.Error(t, err)
			r.Start()
			require.Equal(t, row.exists, ask(t, r, "EXISTS room"))
		})
	}
}

func TestAPausedRedisSaysNothingUntilItGoesOn(t *testing.T) {
	t.Parallel()
	r := testkit.NewRedis(t)
	r.Pause()
	answer := make(chan string, 1)
	go func() { answer <- ask(t, r, "PING") }()
	select {
	case <-answer:
		require.Fail(t, "a paused server has answered")
	case <-time.After(100 * time.Millisecond): // it could only be noticed too late that it does answer
	}
	r.Resume()
	require.Equal(t, "+PONG", <-answer)
}
