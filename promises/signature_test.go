package promises

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/webhook"
)

const (
	oldSecret     = "whsec_" + "b2xkLW9sZC1vbGQtb2xkLW9sZC1vbGQtb2xkLW9sZC0="
	newSecret     = "whsec_" + "bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LW5ldy0="
	callbackToken = "callback-token-of-this-test"
	operatorToken = "operator-token-of-this-test"
)

// TestWebhooksAreSignedWithBothSecretsAndTheToken: an app server that knows either secret can check the body, and one that
// knows the token the request.
func TestWebhooksAreSignedWithBothSecretsAndTheToken(t *testing.T) {
	t.Parallel()
	_, a := one(t, "", quick+", signing_secrets: ["+oldSecret+", "+newSecret+"]")
	require.NoError(t, a.api.SetCallbackToken(t.Context(), new(callbackToken), new(true)))
	a.opens("stage")
	a.server.hasTaken(1)
	got := a.server.requests("stage")[0]
	header, query := got.request.Header, got.request.URL.Query()
	stamp, err := strconv.ParseInt(header.Get(webhook.HeaderTimestamp), 10, 64)
	require.NoError(t, err)
	require.InDelta(t, got.at.Unix(), stamp, 60)
	signatures := strings.Fields(header.Get(webhook.HeaderSignature))
	require.Len(t, signatures, 2)
	for i, text := range []string{oldSecret, newSecret} {
		secret, err := webhook.ParseSecret(text)
		require.NoError(t, err)
		require.Equal(t, secret.Signature(got.id, stamp, got.body), signatures[i])
	}
	at, err := strconv.ParseInt(query.Get("RequestTime"), 10, 64)
	require.NoError(t, err)
	require.Equal(t, webhook.Sign(callbackToken, at), query.Get("Sign"))
	for _, known := range []string{oldSecret, newSecret} {
		require.Equal(t, http.StatusOK, verify(t, a, got, known), "a receiver with only one of the secrets")
	}
	require.Equal(t, http.StatusForbidden, verify(t, a, got, "whsec_"+"c29tZS1vdGhlci1zZWNyZXQtc29tZS1vdGhlci1zZWM="))
}

// verify shows an arrival to a receiver that knows one secret, and returns what it answers.
func verify(t *testing.T, a *app, got arrival, secret string) int {
	t.Helper()
	parsed, err := webhook.ParseSecret(secret)
	require.NoError(t, err)
	receiver, err := webhook.NewReceiver(webhook.ReceiverConfig{SDKAppID: a.id, Token: callbackToken, Secrets: []webhook.Secret{parsed}})
	require.NoError(t, err)
	request := got.request.Clone(t.Context())
	request.Body = io.NopCloser(strings.NewReader(string(got.body)))
	answer := newAnswer()
	receiver.ServeHTTP(answer, request)
	return answer.status
}

// answer keeps the status of an answer. A Receiver says HTTP 200 with every one that the contract knows.
type answer struct {
	header http.Header
	status int
}

func newAnswer() *answer { return &answer{header: make(http.Header), status: http.StatusOK} }

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(p []byte) (int, error) { return len(p), nil }

// TestSecretsAreNeitherLoggedNorMeasured, whatever goes wrong: keys, tokens, signing secrets, the proxy's password and the
// signatures made with them.
func TestSecretsAreNeitherLoggedNorMeasured(t *testing.T) {
	t.Parallel()
	closed := newReceiver(t)
	closed.Close()
	proxy := strings.Replace(closed.URL, "http://", "http://user:proxy-password@", 1)
	const signed = ", signing_secrets: [" + oldSecret + ", " + newSecret + "]"
	w := serve(t, "log: {level: debug}\noperator: {token: "+operatorToken+"}", quick+signed, quick+signed+", proxy: '"+proxy+"'", quick+signed,
		"timeout: 1s, retry_first_delay: 10ms, retry_max_delay: 40ms"+signed)
	for i, to := range []string{w.apps[0].server.URL, w.apps[1].server.URL, closed.URL, closed.URL} {
		a := w.apps[i]
		a.subscribe(to)
		require.NoError(t, a.api.SetCallbackToken(t.Context(), new(callbackToken), new(true)))
		a.opens("stage")
	}
	first := w.apps[0]
	first.server.hasTaken(1)
	got := first.server.requests("stage")[0]
	first.server.refuses(refuseAll(status(500)))
	first.changes("stage", 1, 1)
	first.server.hasRefused(2)
	first.server.refuses(refuseAll(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	first.server.hasRefused(4)
	for _, a := range w.apps[1:] {
		w.Log.Wait(t, strings.ReplaceAll(a.label(), `"`, ""), "webhook failed", "attempt=2")
	}
	seen := w.metrics()
	w.Stop()
	seen += w.Log.String()
	secrets := []string{
		oldSecret, newSecret, strings.TrimPrefix(oldSecret, "whsec_"), strings.TrimPrefix(newSecret, "whsec_"), "old-old-", "new-new-",
		callbackToken, operatorToken, "proxy-password", got.request.URL.Query().Get("Sign"), "Sign=", "usersig=",
	}
	for _, a := range w.apps {
		secrets = append(secrets, a.key)
	}
	secrets = append(secrets, strings.Fields(got.request.Header.Get(webhook.HeaderSignature))...)
	for _, secret := range secrets {
		require.NotEmpty(t, secret)
		require.NotContains(t, seen, secret)
	}
}
