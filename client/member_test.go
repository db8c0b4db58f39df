package client

import (
	"context"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMemberMethodsSendTheirCommandAndReadItsAnswer(t *testing.T) {
	for name, tc := range map[string]struct {
		call   func(context.Context, *Client) (any, error)
		uri    string
		body   string
		answer string
		want   any
	}{
		"MuteMembers": {
			call: func(ctx context.Context, c *Client) (any, error) {
				return nil, c.MuteMembers(ctx, "live_mira7", 900, "noisy1", "noisy2")
			},
			uri: "live_engine_http_srv/mute_member", answer: okAnswer,
			body: `{"RoomId":"live_mira7","MemberList_Account":["noisy1","noisy2"],"MuteTime":900}`,
		},
		"UnmuteMembers": {
			call: func(ctx context.Context, c *Client) (any, error) {
				return nil, c.UnmuteMembers(ctx, "live_mira7", "noisy1")
			},
			uri: "live_engine_http_srv/mute_member", answer: okAnswer,
			body: `{"RoomId":"live_mira7","MemberList_Account":["noisy1"],"MuteTime":0}`,
		},
		"MutedMembers": {
			call: func(ctx context.Context, c *Client) (any, error) { return c.MutedMembers(ctx, "live_mira7") },
			uri:  "live_engine_http_srv/get_muted_member_list", body: `{"RoomId":"live_mira7"}`,
			answer: `{"ErrorCode":0,"Response":{"MutedAccountList":[{"Member_Account":"noisy1","MutedUntil":1767306000}]}}`,
			want:   []MutedMember{{"noisy1", 1767306000}},
		},
		"MutedMembers beside the envelope": {
			call: func(ctx context.Context, c *Client) (any, error) { return c.MutedMembers(ctx, "live_mira7") },
			uri:  "live_engine_http_srv/get_muted_member_list", body: `{"RoomId":"live_mira7"}`,
			answer: `{"ErrorCode":0,"MutedAccountList":[]}`, want: []MutedMember{},
		},
		"BanMembers": {
			call: func(ctx context.Context, c *Client) (any, error) {
				return nil, c.BanMembers(ctx, "live_mira7", Forever, "spam links", "troll9")
			},
			uri: "live_engine_http_srv/ban_member", answer: okAnswer,
			body: `{"RoomId":"live_mira7","MemberList_Account":["troll9"],"Duration":4294967295,"Reason":"spam links"}`,
		},
		"UnbanMembers": {
			call: func(ctx context.Context, c *Client) (any, error) {
				return nil, c.UnbanMembers(ctx, "live_mira7", "troll9")
			},
			uri: "live_engine_http_srv/unban_member", answer: okAnswer, body: `{"RoomId":"live_mira7","MemberList_Account":["troll9"]}`,
		},
		"KickMembers": {
			call: func(ctx context.Context, c *Client) (any, error) {
				return nil, c.KickMembers(ctx, "live_mira7", "", "troll9")
			},
			uri: "room_engine_http_srv/kick_user_out", answer: okAnswer, body: `{"RoomId":"live_mira7","MemberList_Account":["troll9"]}`,
		},
		"KickMembers with a reason": {
			call: func(ctx context.Context, c *Client) (any, error) {
				return nil, c.KickMembers(ctx, "live_mira7", "spam", "troll9")
			},
			uri: "room_engine_http_srv/kick_user_out", answer: okAnswer,
			body: `{"RoomId":"live_mira7","MemberList_Account":["troll9"],"Reason":"spam"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, tc.answer)
			got, err := tc.call(t.Context(), s.client(t))
			require.NoError(t, err)
			require.Equal(t, tc.want, got)
			require.Contains(t, s.last.uri, "/v4/"+tc.uri+"?")
			require.Equal(t, tc.body, s.last.body)
			s.answer = `{"ErrorCode":100004,"ErrorInfo":"no such room"}`
			_, err = tc.call(t.Context(), s.client(t))
			require.ErrorIs(t, err, CodeRoomNotFound)
		})
	}
}

// pages answers one call after the other, and keeps the bodies of the calls.
func pages(t *testing.T, answers ...string) (c *Client, bodies *[]string) {
	t.Helper()
	bodies = new([]string)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		*bodies = append(*bodies, string(body))
		_, _ = io.WriteString(w, answers[min(len(*bodies), len(answers))-1])
	}))
	t.Cleanup(s.Close)
	c, err := New(s.URL, WithUserSig(1400000123, "administrator", "sig"))
	require.NoError(t, err)
	return c, bodies
}

func collect[V any](all iter.Seq2[V, error]) (values []V, err error) {
	for v, e := range all {
		if e != nil {
			return values, e
		}
		values = append(values, v)
	}
	return values, nil
}

func TestMembersGoesThroughAllPages(t *testing.T) {
	first := `{"ErrorCode":0,"Response":{"Next":"2:b","MemberCount":3,"MemberList":[{"Member_Account":"a"},{"Member_Account":"b"}]}}`
	c, bodies := pages(t, first, `{"ErrorCode":0,"Response":{"Next":"","MemberCount":3,"MemberList":[{"Member_Account":"c"}]}}`)
	got, err := collect(c.Members(t.Context(), "live_mira7"))
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b", "c"}, got)
	require.Equal(t, []string{`{"RoomId":"live_mira7","Next":""}`, `{"RoomId":"live_mira7","Next":"2:b"}`}, *bodies)

	c, bodies = pages(t, first)
	for range c.Members(t.Context(), "live_mira7") {
		break
	}
	require.Len(t, *bodies, 1, "no page is asked for that nobody wants")
	_, err = collect(c.Members(t.Context(), "live_mira7"))
	require.NoError(t, err, "a server that turns in a circle ends it")

	c, _ = pages(t, first, `{"ErrorCode":100004,"ErrorInfo":"no such room"}`)
	got, err = collect(c.Members(t.Context(), "live_mira7"))
	require.ErrorIs(t, err, CodeRoomNotFound)
	require.Equal(t, []string{"a", "b"}, got)
}

func TestBannedMembersGoesThroughAllPages(t *testing.T) {
	first := `{"ErrorCode":0,"Response":{"BannedAccountList":[{"Member_Account":"a","BannedUntil":1767312000,"Reason":"spam"}],"NextOffset":100}}`
	c, bodies := pages(t, first, `{"ErrorCode":0,"Response":{"BannedAccountList":[{"Member_Account":"b","BannedUntil":4294967295}],"NextOffset":0}}`)
	got, err := collect(c.BannedMembers(t.Context(), "live_mira7"))
	require.NoError(t, err)
	require.Equal(t, []BannedMember{{"a", 1767312000, "spam"}, {"b", Forever, ""}}, got)
	require.Equal(t, []string{`{"RoomId":"live_mira7","Offset":0}`, `{"RoomId":"live_mira7","Offset":100}`}, *bodies)

	c, bodies = pages(t, first)
	for range c.BannedMembers(t.Context(), "live_mira7") {
		break
	}
	require.Len(t, *bodies, 1)
	_, err = collect(c.BannedMembers(t.Context(), "live_mira7"))
	require.NoError(t, err, "a server that turns in a circle ends it")

	c, _ = pages(t, `{"ErrorCode":100004,"ErrorInfo":"no such room"}`)
	_, err = collect(c.BannedMembers(t.Context(), "live_mira7"))
	require.ErrorIs(t, err, CodeRoomNotFound)
}
