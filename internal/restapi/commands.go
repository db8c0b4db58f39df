package restapi

import (
	"context"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/observe"
)

// command is one row of the registry. Every command is for App admins only (doc 63398).
type command struct {
	path string // service/command
	// perSecond is how often an app may call it in the cloud; enforced only where the operator asks for that.
	perSecond float64
	doc       string // its page in the vendor's documentation; empty for what only real clients show
	does      string // what it is for, in a sentence
	handler
	// codes are the refusals of its own, beside [commonCodes] and the code for bad parameters.
	codes []live.Code
	// both puts the payload beside the envelope's fields as well as into Response: real clients read both places.
	both bool
}

func codes(list ...live.Code) []live.Code { return list }

// commonCodes are the refusals that every command can answer with.
var commonCodes = []live.Code{
	live.CodeBadRequest, live.CodeBadJSON, live.CodeBadApp, live.CodeTooOften, live.CodeTimeout, live.CodeNotAppAdmin,
	live.CodeAppMissing, live.CodeBadContentType, live.CodeSigExpired, live.CodeSigMissing, live.CodeSigMalformed,
	live.CodeSigWrongKey, live.CodeSigOtherUser, live.CodeSigOtherApp, live.CodeUnknownApp, live.CodeSigRevoked,
	live.CodeInternal,
}

// family is what the commands of one service have in common.
type family struct {
	// flat puts the payload beside the envelope's fields, as the commands taken over from chat do.
	flat bool
	// parameter is the code for a bad parameter.
	parameter live.Code
}

// families are the services, by the first part of a command's path.
var families = map[string]family{
	"live_engine_http_srv": {parameter: live.CodeBadParameter},
	"live_engine_http_pk":  {parameter: live.CodeBadParameter},
	"room_engine_http_mic": {parameter: live.CodeBadParameter},
	"room_engine_http_srv": {parameter: live.CodeBadParameter},
	"live_config":          {parameter: live.CodeBadParameter},
	"im_open_login_svc":    {parameter: live.CodeLoginParameter, flat: true},
	"openim":               {parameter: live.CodeLoginParameter, flat: true},
	"profile":              {parameter: live.CodeProfileParameter, flat: true},
	"group_open_http_svc":  {parameter: live.CodeGroupParameter, flat: true},
	"follow":               {parameter: live.CodeRelParameter, flat: true},
}

func (c command) family() family {
	service, _, _ := strings.Cut(c.path, "/")
	return families[service]
}

// commands is the registry: every command that is served.
var commands = []command{
	// Rooms
	{path: "live_engine_http_srv/create_room", perSecond: 200, doc: "63401", does: "Creates a room.",
		handler: handle(createRoom), codes: codes(live.CodeRoomExists, live.CodeOverLimit, live.CodeTooManyTags, live.CodeOwnRoomExists, live.CodeBadRoomType, live.CodeCreateTooOften)},
	{path: "live_engine_http_srv/destroy_room", perSecond: 200, doc: "63406", does: "Ends a room, and all that belongs to it.",
		handler: handle(destroyRoom), codes: codes(live.CodeNoRoom)},
	{path: "live_engine_http_srv/get_room_info", perSecond: 200, doc: "63404", does: "Tells what a room is like now.",
		handler: handle(getRoomInfo), codes: codes(live.CodeNoRoom)},
	{path: "live_engine_http_srv/set_room_metadata", perSecond: 200, doc: "64375", does: "Adds metadata to a room, or overwrites it.",
		handler: handle(setRoomMetadata), codes: codes(live.CodeNoRoom, live.CodeTooManyKeys, live.CodeValueTooBig, live.CodeMetadataTooBig, live.CodeKeyTooBig)},
	{path: "live_engine_http_srv/get_room_metadata", perSecond: 200, doc: "64374", does: "Tells a room's metadata.",
		handler: handle(getRoomMetadata), codes: codes(live.CodeNoRoom)},
	{path: "live_engine_http_srv/del_room_metadata", perSecond: 200, doc: "64376", does: "Deletes metadata of a room.",
		handler: handle(delRoomMetadata), codes: codes(live.CodeNoRoom, live.CodeNoSuchKey)},
	{path: "live_engine_http_srv/modify_admin", perSecond: 200, doc: "63411", does: "Makes users administrators of a room, or takes that from them.",
		handler: handle(modifyAdmin), codes: codes(live.CodeNoRoom, live.CodeTooManyAdmins)},
	{path: "live_engine_http_srv/get_admin_list", perSecond: 200, doc: "63409", does: "Tells who are a room's administrators.",
		handler: handle(getAdminList), codes: codes(live.CodeNoRoom)},

	// Members

	// Messages
	{path: "live_engine_http_srv/send_text_msg", perSecond: 200, doc: "74353", does: "Sends a text to a room. Beside the codes below, those from 10100 to 10200 with which the app server refuses a message are passed on.",
		handler: handle(sendTextMsg), codes: codes(live.CodeNoRoom, live.CodeMuted, live.CodeMsgRefused, live.CodeMsgTooLong, live.CodeMsgNoAnswer)},
	{path: "live_engine_http_srv/send_custom_msg", perSecond: 200, doc: "74354", does: "Sends a message of the app's own kind to a room. Beside the codes below, those from 10100 to 10200 with which the app server refuses a message are passed on.",
		handler: handle(sendCustomMsg), codes: codes(live.CodeNoRoom, live.CodeMuted, live.CodeMsgRefused, live.CodeMsgTooLong, live.CodeMsgNoAnswer)},
	{path: "group_open_http_svc/send_group_msg", perSecond: 200, doc: "34959", does: "Sends a message of any form to a room. Beside the codes below, those from 10100 to 10200 with which the app server refuses a message are passed on.",
		handler: handle(sendGroupMsg), codes: codes(live.CodeNoGroup, live.CodeSenderMuted, live.CodeNoGroupAccount, live.CodeMsgRefused, live.CodeMsgTooLong, live.CodeMsgNoAnswer)},

	// Seats

	// Robots

	// Gifts

	// Battles

	// Webhook configuration
	{path: "live_config/set_callback", perSecond: 200, doc: "64420", does: "Configures the app's webhooks for the first time.",
		handler: handle(setCallback), codes: codes(live.CodeCallbackExists)},
	{path: "live_config/update_callback", perSecond: 200, doc: "64419", does: "Replaces the configuration of the app's webhooks.",
		handler: handle(updateCallback), codes: codes(live.CodeNoCallback)},
	{path: "live_config/get_callback", perSecond: 200, doc: "64418", does: "Tells the configuration of the app's webhooks.",
		handler: handle(getCallback), codes: codes(live.CodeNoCallback)},
	{path: "live_config/delete_callback", perSecond: 200, doc: "64421", does: "Removes the configuration of the app's webhooks: none is sent any more.",
		handler: handle(deleteCallback)},
	{path: "live_config/set_callback_token", perSecond: 200, doc: "69528", does: "Sets the token that webhooks are signed with, or whether they are.",
		handler: handle(setCallbackToken)},
	{path: "live_config/get_callback_token", perSecond: 200, doc: "69529", does: "Tells the token that webhooks are signed with.",
		handler: handle(getCallbackToken), codes: codes(live.CodeNoCallbackToken)},
	{path: "live_config/delete_callback_token", perSecond: 200, doc: "1071/78182", does: "Removes the token that webhooks are signed with.",
		handler: handle(deleteCallbackToken)},

	// Accounts
	{path: "im_open_login_svc/account_import", perSecond: 200, doc: "34953", does: "Registers an account, or updates its profile.",
		handler: handle(accountImport), codes: codes(live.CodeProfileTooLong)},
	{path: "im_open_login_svc/account_check", perSecond: 100, doc: "34956", does: "Tells which accounts were imported.",
		handler: handle(accountCheck)},

	// Profiles

	// Follow relations
}

// Commands returns the paths of all commands, without the prefix.
func Commands() []string {
	paths := make([]string, len(commands))
	for i, c := range commands {
		paths[i] = c.path
	}
	return paths
}

// handler carries a command out: run decodes a body of type in, does it, and returns a payload of type out.
type handler struct {
	in, out reflect.Type
	run     func(ctx context.Context, c *call, body []byte, parameter live.Code) (any, error)
}

// handle makes a row's handler from a function on the decoded body. A nil Out has no payload.
func handle[In, Out any](f func(context.Context, *call, *In) (*Out, error)) handler {
	return handler{in: reflect.TypeFor[In](), out: reflect.TypeFor[Out](), run: func(ctx context.Context, c *call, body []byte, parameter live.Code) (any, error) {
		in := new(In)
		if err := decode(body, in, parameter); err != nil {
			return nil, err
		}
		out, err := f(ctx, c, in)
		if err != nil || out == nil {
			return nil, err
		}
		return out, nil
	}}
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
