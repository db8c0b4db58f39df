package restapi

import (
	"context"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/observe"
)

// command is one row of the registry.
type command struct {
	path string // service/command
	// perSecond is how often an app may call it in the cloud; enforced only where the operator asks for that.
	perSecond int
	// flat puts the payload beside the envelope's fields, as the commands taken over from chat do.
	flat bool
	run  func(ctx context.Context, c *call, body []byte) (any, error)
}

// commands is the registry: every command that is served.
var commands = []command{
	{path: "live_engine_http_srv/create_room", perSecond: 200, run: handle(createRoom)},
	{path: "live_engine_http_srv/destroy_room", perSecond: 200, run: handle(destroyRoom)},
	{path: "live_engine_http_srv/get_room_info", perSecond: 200, run: handle(getRoomInfo)},
	{path: "live_engine_http_srv/set_room_metadata", perSecond: 200, run: handle(setRoomMetadata)},
	{path: "live_engine_http_srv/get_room_metadata", perSecond: 200, run: handle(getRoomMetadata)},
	{path: "live_engine_http_srv/del_room_metadata", perSecond: 200, run: handle(delRoomMetadata)},
	{path: "live_engine_http_srv/modify_admin", perSecond: 200, run: handle(modifyAdmin)},
	{path: "live_engine_http_srv/get_admin_list", perSecond: 200, run: handle(getAdminList)},

	{path: "live_config/set_callback", perSecond: 200, run: handle(setCallback)},
	{path: "live_config/update_callback", perSecond: 200, run: handle(updateCallback)},
	{path: "live_config/get_callback", perSecond: 200, run: handle(getCallback)},
	{path: "live_config/delete_callback", perSecond: 200, run: handle(deleteCallback)},
	{path: "live_config/set_callback_token", perSecond: 200, run: handle(setCallbackToken)},
	{path: "live_config/get_callback_token", perSecond: 200, run: handle(getCallbackToken)},
	{path: "live_config/delete_callback_token", perSecond: 200, run: handle(deleteCallbackToken)},

	{path: "im_open_login_svc/account_import", perSecond: 200, flat: true, run: handleLogin(accountImport)},
	{path: "im_open_login_svc/account_check", perSecond: 100, flat: true, run: handleLogin(accountCheck)},
}

// Commands returns the paths of all commands, without the prefix.
func Commands() []string {
	paths := make([]string, len(commands))
	for i, c := range commands {
		paths[i] = c.path
	}
	return paths
}

// handle makes a row's run from a function on the decoded body. A nil Out has no payload.
func handle[In, Out any](f func(context.Context, *call, *In) (*Out, error)) func(context.Context, *call, []byte) (any, error) {
	return handleWith(live.CodeBadParameter, f)
}

// handleLogin is handle for the login family, which has a code of its own for illegal parameters.
func handleLogin[In, Out any](f func(context.Context, *call, *In) (*Out, error)) func(context.Context, *call, []byte) (any, error) {
	return handleWith(live.CodeLoginParameter, f)
}

func handleWith[In, Out any](wrongType live.Code, f func(context.Context, *call, *In) (*Out, error)) func(context.Context, *call, []byte) (any, error) {
	return func(ctx context.Context, c *call, body []byte) (any, error) {
		in := new(In)
		if err := decode(body, in, wrongType); err != nil {
			return nil, err
		}
		out, err := f(ctx, c, in)
		if err != nil || out == nil {
			return nil, err
		}
		return out, nil
	}
}

// none is the payload of commands that have none.
type none struct{}

// served is a command with its counters.
type served struct {
	command
	ok      prometheus.Counter
	failed  *prometheus.CounterVec
	seconds prometheus.Observer
}

func serve(c command, m *observe.Metrics) *served {
	return &served{
		command: c, ok: m.RESTCalls.WithLabelValues(c.path, "0"),
		failed: m.RESTCalls, seconds: m.RESTDuration.WithLabelValues(c.path),
	}
}

func (s *served) observe(code live.Code, took time.Duration) {
	s.seconds.Observe(took.Seconds())
	if code == 0 {
		s.ok.Inc()
		return
	}
	s.failed.WithLabelValues(s.path, strconv.Itoa(int(code))).Inc()
}
