package webhook_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/webhook"
)

// FuzzReceiverQuery holds that no query makes the Receiver panic, that every answer is the contract's JSON, and that none
// is OK unless the query names the app and is signed with the token for a time within a minute.
func FuzzReceiverQuery(f *testing.F) {
	good := webhook.Query{SDKAppID: app, Command: webhook.CommandAfterDelMetadata, Token: token, RequestTime: now.Unix()}.AppendTo("")[1:]
	f.Add(good)
	f.Add("tenant=eu1&" + good)
	f.Add(strings.ReplaceAll(good, "Sign=", "Sign=0"))
	f.Add(good + "&Sign=")
	f.Add(strings.ReplaceAll(good, "&", ";"))
	f.Add("SdkAppid=1400000123&RequestTime=9223372036854775807&Sign=%zz")
	f.Add("")

	receiver, err := webhook.NewReceiver(webhook.ReceiverConfig{SDKAppID: app, Token: token, Now: func() time.Time { return now }})
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, query string) {
		response := httptest.NewRecorder()
		receiver.ServeHTTP(response, &http.Request{
			Method: http.MethodPost,
			URL:    &url.URL{Path: "/", RawQuery: query},
			Header: http.Header{},
			Body:   io.NopCloser(strings.NewReader(deleted)),
		})
		if response.Code != http.StatusOK {
			requireFail(t, response.Code, response.Body.String())
			return
		}
		require.Equal(t, okay, response.Body.String())
		given, _ := url.ParseQuery(query)
		requestTime, err := strconv.ParseInt(given.Get("RequestTime"), 10, 64)
		require.NoError(t, err)
		require.InDelta(t, now.Unix(), requestTime, 60)
		require.Equal(t, []string{webhook.Sign(token, requestTime)}, given["Sign"])
		require.Len(t, given["SdkAppid"], 1)
	})
}

// FuzzDecode holds that no body makes Decode panic, that what it accepts can be encoded under the same command, and that
// this is then read and written without a change.
func FuzzDecode(f *testing.F) {
	for _, s := range samples {
		f.Add([]byte(s.body))
		f.Add([]byte(s.body[:len(s.body)/2]))
	}
	f.Add([]byte(`{"CallbackCommand":"Live.CallbackMemberStateChanged","MemberList":null}`))
	f.Add([]byte(`{"CallbackCommand":"Live.CallbackAfterTomorrow"}`))

	f.Fuzz(func(t *testing.T, body []byte) {
		event, err := webhook.Decode(body)
		if err != nil {
			require.ErrorIs(t, err, webhook.ErrBody)
			return
		}
		if unknown, ok := event.(*webhook.Unknown); ok {
			require.NotEmpty(t, unknown.Word)
			require.Equal(t, body, unknown.Body)
			return
		}
		encoded, err := webhook.Encode(event)
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(string(encoded), `{"CallbackCommand":"`+string(event.Command())+`",`))
		again, err := webhook.Decode(encoded)
		require.NoError(t, err)
		encodedAgain, err := webhook.Encode(again)
		require.NoError(t, err)
		require.Equal(t, string(encoded), string(encodedAgain))
	})
}
