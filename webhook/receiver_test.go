package webhook_test

import (
	"context"
	"errors"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/webhook"
)

const (
	app   = 1400000123
	token = "Vb3kTq9ZsX"
	okay  = `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}`

	deleted = `{"CallbackCommand":"Live.CallbackAfterDelMetadata","Operator_Account":"host_7","RoomId":"live_1","Keys":["theme"],"EventTime":1767225600444}`
)

var (
	now    = time.Unix(1767225600, 0)
	secret = webhook.SecretFromKey("7f3c0e5b9a1d4826c1e0b7f59d3a64820fb1c2d3e4f5061728394a5b6c7d8e9f")
)

// appServer is an app server on the loopback, with a Receiver at its webhook URL.
type appServer struct {
	*webhook.Receiver
	url string
	t   *testing.T
}

func newAppServer(t *testing.T, config webhook.ReceiverConfig) *appServer {
	config.SDKAppID = app
	config.Now = func() time.Time { return now }
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	receiver, err := webhook.NewReceiver(config)
	require.NoError(t, err)
	server := httptest.NewUnstartedServer(receiver)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	t.Cleanup(server.Close)
	return &appServer{Receiver: receiver, url: server.URL + "/hooks?tenant=eu1", t: t}
}

// send posts deleted as the live server would, after change, and returns what the app server answered.
func (a *appServer) send(change ...func(*http.Request)) (status int, body string) {
	response, err := a.try(change...)
	require.NoError(a.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(a.t, err)
	require.Equal(a.t, "application/json", response.Header.Get("Content-Type"))
	return response.StatusCode, string(text)
}

func (a *appServer) try(change ...func(*http.Request)) (*http.Response, error) {
	query := webhook.Query{
		SDKAppID: app, Command: webhook.CommandAfterDelMetadata, ClientIP: "203.0.113.9", Platform: webhook.PlatformREST,
		Token: token, RequestTime: now.Unix(),
	}
	request, err := http.NewRequest(http.MethodPost, query.AppendTo(a.url), strings.NewReader(deleted))
	require.NoError(a.t, err)
	signWith(secret)(request)
	for _, c := range change {
		c(request)
	}
	return http.DefaultClient.Do(request)
}

func signWith(secrets ...webhook.Secret) func(*http.Request) {
	return signAt("evt_1", now.Unix(), deleted, secrets...)
}

func withID(id string) func(*http.Request) { return signAt(id, now.Unix(), deleted, secret) }

func withBody(body string) func(*http.Request) {
	return func(request *http.Request) {
		signAt("evt_1", now.Unix(), body, secret)(request)
		setBody(request, body)
	}
}

func setBody(request *http.Request, body string) {
	request.Body = io.NopCloser(strings.NewReader(body))
	request.ContentLength = int64(len(body))
}

func signAt(id string, timestamp int64, body string, secrets ...webhook.Secret) func(*http.Request) {
	var signatures []string
	for _, s := range secrets {
		signatures = append(signatures, s.Signature(id, timestamp, []byte(body)))
	}
	return func(request *http.Request) {
		request.Header.Set(webhook.HeaderID, id)
		request.Header.Set(webhook.HeaderTimestamp, strconv.FormatInt(timestamp, 10))
		request.Header.Set(webhook.HeaderSignature, strings.Join(signatures, " "))
	}
}

func withoutHeader(name string) func(*http.Request) {
	return func(request *http.Request) { request.Header.Del(name) }
}

// inQuery replaces text in the query; an empty text is appended to.
func inQuery(old, new string) func(*http.Request) {
	return func(request *http.Request) {
		if old == "" {
			request.URL.RawQuery += new
			return
		}
		request.URL.RawQuery = strings.Replace(request.URL.RawQuery, old, new, 1)
	}
}

func requestAt(at time.Time) func(*http.Request) {
	return func(request *http.Request) {
		before, _, _ := strings.Cut(request.URL.RawQuery, "&Sign=")
		request.URL.RawQuery = before + "&Sign=" + webhook.Sign(token, at.Unix()) + "&RequestTime=" + strconv.FormatInt(at.Unix(), 10)
	}
}

var bothChecks = webhook.ReceiverConfig{Token: token, Secrets: []webhook.Secret{secret}}

func TestTheAppServerHearsOfADeletion(t *testing.T) {
	server := newAppServer(t, bothChecks)
	var got []webhook.Delivery
	webhook.On(server.Receiver, func(_ context.Context, d webhook.Delivery, e webhook.AfterDelMetadata) error {
		require.Equal(t, webhook.AfterDelMetadata{
			OperatorAccount: "host_7", RoomID: "live_1", Keys: []string{"theme"}, EventTime: 1767225600444}, e)
		got = append(got, d)
		return nil
	})
	webhook.On(server.Receiver, func(_ context.Context, _ webhook.Delivery, e webhook.AfterSetMetadata) error {
		t.Errorf("no metadata was set: %v", e)
		return nil
	})

	status, body := server.send()
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, okay, body)
	require.Equal(t, []webhook.Delivery{{
		ID: "evt_1", SDKAppID: app, ClientIP: "203.0.113.9", Platform: "RESTAPI", ReceivedAt: now, Body: []byte(deleted)}}, got)
}

func TestReceiverAccepts(t *testing.T) {
	other := webhook.SecretFromKey("the secret before this one")
	cases := []struct {
		name   string
		config webhook.ReceiverConfig
		change func(*http.Request)
	}{
		{"with every check", bothChecks, withID("evt_1")},
		{"set, as doc 68223 prints the query's command", bothChecks, inQuery("AfterDelMetadata", "AfterSetMetadata")},
		{"no command in the query", bothChecks, inQuery("&CallbackCommand=Live.CallbackAfterDelMetadata", "")},
		{"a query of the URL's own that is not well-formed", bothChecks, inQuery("tenant=eu1", "a=%zz;b&tenant=1&tenant=2")},
		{"a RequestTime 1 minute old", bothChecks, requestAt(now.Add(-time.Minute))},
		{"a RequestTime 1 minute ahead", bothChecks, requestAt(now.Add(time.Minute))},
		{"a timestamp 5 minutes old", bothChecks, signAt("evt_1", now.Unix()-300, deleted, secret)},
		{"a timestamp 5 minutes ahead", bothChecks, signAt("evt_1", now.Unix()+300, deleted, secret)},
		{"the right signature among others", bothChecks, signWith(other, secret, other)},
		{"either secret while they change", webhook.ReceiverConfig{Secrets: []webhook.Secret{secret, other}}, signWith(other)},
		{"any Sign without a token", webhook.ReceiverConfig{}, inQuery("&Sign=", "&Sign=0")},
		{"no headers without a secret", webhook.ReceiverConfig{Token: token}, func(r *http.Request) { r.Header = http.Header{} }},
		{"an id of 256 bytes", bothChecks, withID(strings.Repeat("i", 256))},
		{"no Content-Type", bothChecks, withoutHeader("Content-Type")},
		{"1 MiB", bothChecks, withBody(deleted + strings.Repeat(" ", 1<<20-len(deleted)))},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			server := newAppServer(t, c.config)
			calls := 0
			webhook.On(server.Receiver, func(context.Context, webhook.Delivery, webhook.AfterDelMetadata) error {
				calls++
				return nil
			})
			status, body := server.send(c.change)
			require.Equal(t, http.StatusOK, status, body)
			require.Equal(t, okay, body)
			require.Equal(t, 1, calls)
		})
	}
}

func TestReceiverRefuses(t *testing.T) {
	const bad, forbidden, tooLarge = http.StatusBadRequest, http.StatusForbidden, http.StatusRequestEntityTooLarge
	other := webhook.SecretFromKey("the key of another app")
	right := secret.Signature("evt_1", now.Unix(), []byte(deleted))
	cases := []struct {
		name   string
		change func(*http.Request)
		status int
	}{
		{"GET", func(r *http.Request) { r.Method = http.MethodGet }, http.StatusMethodNotAllowed},
		{"PUT", func(r *http.Request) { r.Method = http.MethodPut }, http.StatusMethodNotAllowed},
		{"another app", inQuery("SdkAppid=1400000123", "SdkAppid=1400000124"), forbidden},
		{"no app", inQuery("SdkAppid=1400000123", ""), forbidden},
		{"two apps", inQuery("", "&SdkAppid=1400000123"), forbidden},
		{"an app that wraps around", inQuery("SdkAppid=1400000123", "SdkAppid=5694967419"), forbidden},
		{"an app in other spelling", inQuery("SdkAppid", "SdkAppId"), forbidden},
		{"no query", func(r *http.Request) { r.URL.RawQuery = "" }, forbidden},
		{"no Sign", inQuery("&Sign=", "&Sig="), forbidden},
		{"an empty Sign", inQuery("&Sign="+webhook.Sign(token, now.Unix()), "&Sign="), forbidden},
		{"a wrong Sign", inQuery("&Sign=", "&Sign=0"), forbidden},
		{"an upper-case Sign", inQuery(webhook.Sign(token, now.Unix()), strings.ToUpper(webhook.Sign(token, now.Unix()))), forbidden},
		{"two Signs", inQuery("", "&Sign=0"), forbidden},
		{"another token's Sign", inQuery(webhook.Sign(token, now.Unix()), webhook.Sign("token", now.Unix())), forbidden},
		{"no RequestTime", inQuery("&RequestTime", "&Time"), forbidden},
		{"another RequestTime than signed", inQuery("RequestTime=1767225600", "RequestTime=1767225601"), forbidden},
		{"RequestTime not a number", inQuery("RequestTime=1767225600", "RequestTime=now"), forbidden},
		{"RequestTime in ms", requestAt(time.Unix(now.UnixMilli(), 0)), forbidden},
		{"RequestTime 61 s old", requestAt(now.Add(-61 * time.Second)), forbidden},
		{"RequestTime 61 s ahead", requestAt(now.Add(61 * time.Second)), forbidden},
		{"no webhook-id", withoutHeader(webhook.HeaderID), forbidden},
		{"an empty webhook-id, signed", withID(""), forbidden},
		{"another webhook-id than signed", func(r *http.Request) { r.Header.Set(webhook.HeaderID, "evt_2") }, forbidden},
		{"a webhook-id of 257 bytes", withID(strings.Repeat("i", 257)), bad},
		{"no webhook-timestamp", withoutHeader(webhook.HeaderTimestamp), forbidden},
		{"another webhook-timestamp than signed", func(r *http.Request) { r.Header.Set(webhook.HeaderTimestamp, "1767225601") }, forbidden},
		{"webhook-timestamp not a number", func(r *http.Request) { r.Header.Set(webhook.HeaderTimestamp, "now") }, forbidden},
		{"webhook-timestamp over 5 minutes old", signAt("evt_1", now.Unix()-301, deleted, secret), forbidden},
		{"webhook-timestamp over 5 minutes ahead", signAt("evt_1", now.Unix()+301, deleted, secret), forbidden},
		{"greatest webhook-timestamp", signAt("evt_1", 1<<63-1, deleted, secret), forbidden},
		{"least webhook-timestamp", signAt("evt_1", -1<<63, deleted, secret), forbidden},
		{"no webhook-signature", withoutHeader(webhook.HeaderSignature), forbidden},
		{"signed with another secret", signWith(other, other), forbidden},
		{"a signature of another version", func(r *http.Request) { r.Header.Set(webhook.HeaderSignature, "v1a"+right[2:]) }, forbidden},
		{"a signature without its version", func(r *http.Request) { r.Header.Set(webhook.HeaderSignature, right[3:]) }, forbidden},
		{"another body than signed", func(r *http.Request) { setBody(r, strings.Replace(deleted, "theme", "Theme", 1)) }, forbidden},
		{"over 1 MiB", withBody(deleted + strings.Repeat(" ", 1<<20+1-len(deleted))), tooLarge},
		{"no body", withBody(""), bad},
		{"a body that is not JSON", withBody("Keys=theme"), bad},
		{"a body without a command", withBody("{}"), bad},
		{"a field of another type", withBody(strings.Replace(deleted, `["theme"]`, `"theme"`, 1)), bad},
		{"a body that is not UTF-8", withBody(strings.Replace(deleted, "theme", "\xff", 1)), bad},
		{"a name that is not UTF-8", withBody(strings.Replace(deleted, "Keys", "\xff", 1)), bad},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			server := newAppServer(t, bothChecks)
			server.OnAny(func(_ context.Context, d webhook.Delivery, _ webhook.Event) error {
				t.Errorf("a refused delivery arrived: %s", d.Body)
				return nil
			})
			status, body := server.send(c.change)
			require.Equal(t, c.status, status, body)
			requireFail(t, c.status, body)
		})
	}
}

func requireFail(t *testing.T, code int, body string) {
	t.Helper()
	var answer struct {
		ActionStatus *string `json:"ActionStatus"`
		ErrorCode    *int    `json:"ErrorCode"`
		ErrorInfo    *string `json:"ErrorInfo"`
	}
	require.NoError(t, json.Unmarshal([]byte(body), &answer, json.RejectUnknownMembers(true)), body)
	require.Equal(t, "FAIL", *answer.ActionStatus)
	require.Equal(t, code, *answer.ErrorCode)
	require.NotEmpty(t, *answer.ErrorInfo)
}

func TestARefusedMethodIsToldTheRightOne(t *testing.T) {
	response, err := newAppServer(t, bothChecks).try(func(r *http.Request) { r.Method = http.MethodPut })
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, "POST", response.Header.Get("Allow"))
}

func TestOnAnyHearsOfEverything(t *testing.T) {
	const update = `{"CallbackCommand":"Live.CallbackAfterTomorrow","EventTime":7}`
	server := newAppServer(t, webhook.ReceiverConfig{})
	var all []webhook.Event
	server.OnAny(func(_ context.Context, d webhook.Delivery, e webhook.Event) error {
		all = append(all, e)
		return nil
	})
	var unknown []*webhook.Unknown
	webhook.On(server.Receiver, func(_ context.Context, d webhook.Delivery, e *webhook.Unknown) error {
		require.Equal(t, update, string(d.Body))
		unknown = append(unknown, e)
		return nil
	})
	for _, change := range []func(*http.Request){withID("evt_1"), func(r *http.Request) { withBody(update)(r); r.Header.Set(webhook.HeaderID, "evt_2") }} {
		status, body := server.send(change)
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, okay, body)
	}
	require.Len(t, all, 2)
	require.Equal(t, webhook.CommandAfterDelMetadata, all[0].Command())
	require.Equal(t, []*webhook.Unknown{{Word: "Live.CallbackAfterTomorrow", Body: []byte(update)}}, unknown)
}

func TestFunctionsAreCalledInTheOrderOfRegistrationUntilOneFails(t *testing.T) {
	server := newAppServer(t, webhook.ReceiverConfig{})
	var calls []string
	register := func(name string, err error) {
		webhook.On(server.Receiver, func(context.Context, webhook.Delivery, webhook.AfterDelMetadata) error {
			calls = append(calls, name)
			return err
		})
	}
	register("first", nil)
	register("second", errors.New("disk full"))
	register("third", nil)
	status, _ := server.send()
	require.Equal(t, http.StatusInternalServerError, status)
	require.Equal(t, []string{"first", "second"}, calls)
}

func TestAFailedFunctionIsLoggedAndTheSenderTriesAgain(t *testing.T) {
	var log strings.Builder
	server := newAppServer(t, webhook.ReceiverConfig{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	failure := errors.New("disk full")
	webhook.On(server.Receiver, func(context.Context, webhook.Delivery, webhook.AfterDelMetadata) error { return failure })

	status, body := server.send()
	require.Equal(t, http.StatusInternalServerError, status)
	requireFail(t, http.StatusInternalServerError, body)
	require.NotContains(t, body, "disk full")
	require.Contains(t, log.String(), `command=Live.CallbackAfterDelMetadata id=evt_1 error="disk full"`)

	failure = nil
	status, body = server.send()
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, okay, body)
}

func TestAPanicDoesNotTakeTheEvent(t *testing.T) {
	server := newAppServer(t, bothChecks)
	calls := 0
	webhook.On(server.Receiver, func(context.Context, webhook.Delivery, webhook.AfterDelMetadata) error {
		calls++
		if calls == 1 {
			panic("nil map")
		}
		return nil
	})
	response, err := server.try(func(r *http.Request) { r.GetBody = nil }) // so that the client does not try again by itself
	if err == nil {
		response.Body.Close()
	}
	require.Error(t, err, "the connection is cut, which the sender counts as a failure")

	status, body := server.send()
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, okay, body)
	require.Equal(t, 2, calls)
}

func TestNewReceiverRefusesWhatCannotBeMeant(t *testing.T) {
	for name, config := range map[string]webhook.ReceiverConfig{
		"no app":                {Token: token},
		"an empty secret":       {SDKAppID: app, Secrets: []webhook.Secret{secret, webhook.SecretFromKey("")}},
		"a negative RememberID": {SDKAppID: app, RememberIDs: -1},
	} {
		t.Run(name, func(t *testing.T) {
			receiver, err := webhook.NewReceiver(config)
			require.Error(t, err)
			require.Nil(t, receiver)
		})
	}
}

func TestTheCallersListOfSecretsIsCopied(t *testing.T) {
	secrets := []webhook.Secret{secret}
	server := newAppServer(t, webhook.ReceiverConfig{Secrets: secrets})
	secrets[0] = webhook.SecretFromKey("changed")
	status, _ := server.send()
	require.Equal(t, http.StatusOK, status)
}

func TestOnDoesNotTakeAFunctionThatNoEventCouldReach(t *testing.T) {
	server := newAppServer(t, webhook.ReceiverConfig{})
	require.PanicsWithValue(t, "webhook: On: no event is a *webhook.AfterDelMetadata", func() {
		webhook.On(server.Receiver, func(context.Context, webhook.Delivery, *webhook.AfterDelMetadata) error { return nil })
	})
	require.Panics(t, func() {
		webhook.On(server.Receiver, func(context.Context, webhook.Delivery, impostor) error { return nil })
	})
	require.NotPanics(t, func() {
		webhook.On(server.Receiver, func(context.Context, webhook.Delivery, webhook.Event) error { return nil })
	})
}
