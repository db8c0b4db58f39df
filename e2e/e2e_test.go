// Package e2e holds the tests from outside: the real binary as its own process, the official JavaScript SDK, and an app
// server that knows nothing of Greenroom's code but package webhook.
package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/client"
	"github.com/greenroom-live/greenroom/internal/testkit"
	"github.com/greenroom-live/greenroom/usersig"
	"github.com/greenroom-live/greenroom/webhook"
)

const (
	app, other    = 1400000123, 20005678
	key, otherKey = "7f3c0e5b9a1d4826c1e0b7f59d3a6482", "0fb1c2d3e4f5061728394a5b6c7d8e9f"
	token         = "Vb3kTq9ZsX"
	patience      = 60 * time.Second
	configuration = `
apps:
  - sdk_app_id: 1400000123
    secret_key: 7f3c0e5b9a1d4826c1e0b7f59d3a6482
    webhook: {allow_private_addresses: true}
    lifetime: {owner_left: 1s}
  - sdk_app_id: 20005678
    secret_key: 0fb1c2d3e4f5061728394a5b6c7d8e9f
    webhook: {allow_private_addresses: true}
`
)

func TestMain(m *testing.M) {
	code := m.Run()
	testkit.RemoveBinary()
	os.Exit(code)
}

// serve runs the binary on a new data folder and returns its URL. It is ended as an operator does, and must exit with 0.
func serve(t *testing.T) string {
	server := testkit.NewProcess(t, configuration)
	server.Start()
	t.Cleanup(server.Stop)
	server.Ready()
	return server.URL
}

func sign(app uint32, key, user string, at time.Time, expire time.Duration) string {
	return usersig.New(app, key, user, at, expire)
}

// seen is what the script says one client saw.
type seen struct {
	Events       []map[string]any `json:"events"`
	Disconnected struct {
		Code   int    `json:"code"`
		Reason string `json:"reason"`
	} `json:"disconnected"`
}

type script struct {
	Results struct {
		Started map[string]any `json:"started"`
		Joined  map[string]any `json:"joined"`
		Read    map[string]any `json:"read"`
		Ended   map[string]any `json:"ended"`
		Refused map[string]int `json:"refused"`
	} `json:"results"`
	Seen map[string]seen `json:"seen"`
}

// runScript runs a script against the server at url, and puts what it found into found.
func runScript(t *testing.T, name, url string, found any) {
	require.DirExists(t, "node_modules", "the JavaScript SDK is missing: `make deps` installs it")
	now := time.Now()
	env, err := json.Marshal(map[string]any{
		"rest": url, "adminSig": sign(app, key, "administrator", now, time.Hour),
		"url": "ws" + strings.TrimPrefix(url, "http") + "/connection/websocket", "app": app, "other": other,
		"sigs": map[string]string{
			"host": sign(app, key, "host", now, time.Hour), "fan": sign(app, key, "fan", now, time.Hour),
			"mod": sign(app, key, "mod", now, time.Hour),
		},
		"otherSig": sign(other, otherKey, "host", now, time.Hour),
		"badSigs": map[string]string{
			"none": "", "garbled": "not a token", "expired": sign(app, key, "fan", now.Add(-2*time.Hour), time.Hour),
			"otherKey": sign(app, otherKey, "fan", now, time.Hour), "otherUser": sign(app, key, "host", now, time.Hour),
			"otherApp": sign(other, key, "fan", now, time.Hour),
		},
	})
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	node := exec.CommandContext(ctx, "node", name)
	node.Env = append(os.Environ(), "E2E="+string(env))
	var complaints bytes.Buffer
	node.Stderr = &complaints
	out, err := node.Output()
	require.NoError(t, err, complaints.String())
	require.NoError(t, json.Unmarshal(out, found), string(out))
}

// appServer is an app server that has the given app's webhooks on.
func appServer(t *testing.T, url string, app uint32, key string, words ...string) *testkit.AppServer {
	s := testkit.NewAppServer(t)
	api, err := client.New(url, client.WithApp(app, key, "administrator"))
	require.NoError(t, err)
	require.NoError(t, api.SetCallback(t.Context(), client.Callback{URL: s.URL + "/live", Commands: words}))
	signed, enabled := token, true
	require.NoError(t, api.SetCallbackToken(t.Context(), &signed, &enabled))
	return s
}

func TestTheJavaScriptSDKAndTheAppServerSeeOneRoom(t *testing.T) {
	url := serve(t)
	words := []string{"Live.CallbackAfterCreateRoom", "Live.CallbackAfterDestroyRoom", "Live.CallbackAfterSetMetadata",
		"Live.CallbackAfterDelMetadata", "Live.CallbackAfterMemberStateChanged"}
	hooks, otherHooks := appServer(t, url, app, key, words...), appServer(t, url, other, otherKey, words...)
	var s script
	runScript(t, "live.mjs", url, &s)

	t.Run("the members see each change once, in order", func(t *testing.T) {
		require.Equal(t, []string{
			`live.onRoomMetadataChanged {"key":"theme","value":"dusk"}`,
			`live.onRoomMetadataChanged {"key":"lang","value":"pt"}`,
			`live.onRoomMetadataChanged {"key":"theme","value":null}`,
		}, told(t, s.Seen["fan"], "live.onRoomMetadataChanged"))
		require.Len(t, told(t, s.Seen["fan"], "live.onLiveEnded"), 1)
	})
	t.Run("replies say what there is", func(t *testing.T) {
		require.Equal(t, "show", s.Results.Started["liveInfo"].(map[string]any)["liveID"])
		require.Equal(t, "generalUser", s.Results.Joined["self"].(map[string]any)["role"])
		require.Equal(t, map[string]any{"theme": "dusk", "lang": "pt"}, s.Results.Read["metaData"])
		require.EqualValues(t, 3, s.Results.Ended["statistics"].(map[string]any)["totalViewers"])
	})
	t.Run("who may not is refused with its code", func(t *testing.T) {
		require.Equal(t, map[string]int{"write": 100006, "delete": 100006, "absent": 100503, "room": 100004,
			"otherApp": 100004, "gone": 100004}, s.Results.Refused)
	})
	t.Run("bad UserSigs are refused with their codes", func(t *testing.T) {
		for name, code := range map[string]int{"none": 70002, "garbled": 70003, "expired": 70001, "otherKey": 70009,
			"otherUser": 70013, "otherApp": 70014} {
			require.Equal(t, code, s.Seen[name].Disconnected.Code, name)
		}
	})
	t.Run("the app server hears of it in order", func(t *testing.T) {
		got := hooks.Wait(8)
		require.Len(t, got, 8)
		require.Equal(t, []string{
			"AfterCreateRoom iOS", "AfterMemberStateChanged  host Enter", "AfterMemberStateChanged  fan Enter",
			"AfterSetMetadata iOS [theme lang]", "AfterDelMetadata iOS [theme]", "AfterMemberStateChanged  fan Leave",
			"AfterMemberStateChanged  fan Enter", "AfterDestroyRoom iOS DestroyByUser host",
		}, stories(t, got))
	})
	t.Run("the other app's server hears of its own", func(t *testing.T) {
		for _, r := range otherHooks.Wait(3) {
			require.Equal(t, fmt.Sprint(other), r.Param("SdkAppid"))
		}
		for _, r := range hooks.Requests() {
			require.Equal(t, fmt.Sprint(app), r.Param("SdkAppid"))
		}
	})
	t.Run("every webhook is signed", func(t *testing.T) {
		for _, r := range hooks.Requests() {
			requireAccepted(t, r)
		}
	})
}

// told returns a client's events of a kind, with their data.
func told(t *testing.T, s seen, event string) []string {
	var all []string
	for _, e := range s.Events {
		if e["event"] == event {
			data, err := json.Marshal(e["data"], json.Deterministic(true))
			require.NoError(t, err)
			all = append(all, event+" "+string(data))
		}
	}
	return all
}

// stories puts webhooks into short words.
func stories(t *testing.T, requests []testkit.Request) []string {
	var all []string
	for _, r := range requests {
		_, command, _ := strings.Cut(r.Field(t, "CallbackCommand").(string), ".Callback")
		story := command + " " + r.Param("OptPlatform")
		event, err := webhook.Decode(r.Body)
		require.NoError(t, err)
		switch e := event.(type) {
		case webhook.AfterSetMetadata:
			keys := make([]string, len(e.Metadata))
			for i, p := range e.Metadata {
				keys[i] = p.Key
			}
			story += fmt.Sprintf(" %v", keys)
		case webhook.AfterDelMetadata:
			story += fmt.Sprintf(" %v", e.Keys)
		case webhook.AfterMemberStateChanged:
			story += " " + e.MemberList[0].MemberAccount + " " + e.EventCause
		default:
			story += stageStory(e)
		}
		all = append(all, story)
	}
	return all
}

// requireAccepted gives a recorded webhook to a Receiver that checks everything.
func requireAccepted(t *testing.T, r testkit.Request) {
	receiver, err := webhook.NewReceiver(webhook.ReceiverConfig{
		SDKAppID: app, Token: token, Secrets: []webhook.Secret{webhook.SecretFromKey(key)},
	})
	require.NoError(t, err)
	request, err := http.NewRequest(http.MethodPost, "http://app.example/live?"+r.Query, bytes.NewReader(r.Body))
	require.NoError(t, err)
	request.Header = r.Header
	answer := newAnswer()
	receiver.ServeHTTP(answer, request)
	require.Equal(t, http.StatusOK, answer.status, answer.body.String())
	require.JSONEq(t, testkit.Success, answer.body.String())
}

// answer collects what a handler answers.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newAnswer() *answer { return &answer{header: make(http.Header), status: http.StatusOK} }

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) { a.status = status }

func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }

func TestACallerWhoSendsTooMuchIsToldSo(t *testing.T) {
	url := fmt.Sprintf("%s/v4/live_engine_http_srv/create_room?sdkappid=%d&identifier=administrator&usersig=%s", serve(t), app,
		sign(app, key, "administrator", time.Now(), time.Hour))
	body := bytes.Repeat([]byte("x"), 8<<20)
	for name, reader := range map[string]io.Reader{"with its length": bytes.NewReader(body), "in chunks": io.MultiReader(bytes.NewReader(body))} {
		t.Run(name, func(t *testing.T) {
			response, err := http.Post(url, "application/json", reader)
			require.NoError(t, err)
			defer response.Body.Close()
			var envelope struct{ ErrorCode int }
			require.NoError(t, json.UnmarshalRead(response.Body, &envelope))
			require.Equal(t, 60002, envelope.ErrorCode)
		})
	}
}
