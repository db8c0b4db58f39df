package client

import (
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// followServer has three pages of two users in each list, and fails to tell the last one of list 3.
func followServer(t *testing.T) (c *Client, calls *[]string) {
	calls = new([]string)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		*calls = append(*calls, string(body))
		n := 0
		if _, cursor, ok := strings.Cut(string(body), `"StartCursor":"page `); ok {
			n = int(cursor[0] - '0')
		}
		if n == 2 && strings.Contains(string(body), `"FollowType":3`) {
			_, _ = io.WriteString(w, `{"ActionStatus":"FAIL","ErrorCode":30001,"ErrorInfo":"no such cursor"}`)
			return
		}
		next := ""
		if n < 2 {
			next = fmt.Sprint("page ", n+1)
		}
		fmt.Fprintf(w, `{"ActionStatus":"OK","ErrorCode":0,"FollowItem":[{"To_Account":"u%d"},{"To_Account":"u%d"}],"NextCursor":%q}`, 2*n, 2*n+1, next)
	}))
	t.Cleanup(s.Close)
	c, err := New(s.URL, WithUserSig(1400000123, "administrator", "sig"))
	require.NoError(t, err)
	return c, calls
}

func TestAListIsWalkedPageByPage(t *testing.T) {
	c, calls := followServer(t)
	for number, walk := range map[int]iter.Seq2[Followed, error]{1: c.Followers(t.Context(), "mia"), 2: c.Following(t.Context(), "mia")} {
		*calls = nil
		all, err := collect(walk)
		require.NoError(t, err)
		require.Len(t, all, 6)
		require.Equal(t, "u5", all[5].UserID)
		require.Len(t, *calls, 3)
		require.Equal(t, fmt.Sprintf(`{"From_Account":"mia","FollowType":%d,"StartCursor":"page 2","WantNum":1000}`, number), (*calls)[2])
	}
	all, err := collect(c.MutualFollowers(t.Context(), "mia"))
	require.ErrorIs(t, err, CodeFollowParameter)
	require.Len(t, all, 4, "what came before the failure")

	*calls = nil
	for f, err := range c.Followers(t.Context(), "mia") {
		require.NoError(t, err)
		if f.UserID == "u1" {
			break
		}
	}
	require.Len(t, *calls, 1, "who has seen enough asks no more")
}

func TestOnlineTellsUsersApart(t *testing.T) {
	require.True(t, OnlineStatus{Status: "Online"}.Online())
	require.False(t, OnlineStatus{Status: "Offline"}.Online())
	require.False(t, OnlineStatus{Status: "PushOnline"}.Online())
}
