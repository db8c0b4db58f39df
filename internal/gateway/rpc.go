package gateway

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strconv"

	"github.com/centrifugal/centrifuge"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/greenroom-live/greenroom/internal/live"
)

// method is one row of the registry.
type method struct {
	name string
	// aka is the name under which the calls are counted, where it is not name.
	aka string
	run func(context.Context, *call, []byte) (any, error)
}

// methods is the registry: every method that clients may call.
var methods = []method{
	{name: "live.startLive", run: handle(startLive)},
	{name: "live.createLive", aka: "live.startLive", run: handle(startLive)},
	{name: "live.joinLive", run: handle(joinLive)},
	{name: "live.leaveLive", run: handle(leaveLive)},
	{name: "live.endLive", run: handle(endLive)},
	{name: "live.fetchLiveInfo", run: handle(fetchLiveInfo)},
	{name: "live.queryMetaData", run: handle(queryMetaData)},
	{name: "live.updateLiveMetaData", run: handle(updateLiveMetaData)},
	{name: "live.deleteLiveMetaData", run: handle(deleteLiveMetaData)},
	{name: "live.updateLiveInfo", run: handle(updateLiveInfo)},
	{name: "live.fetchLiveList", run: handle(fetchLiveList)},
	{name: "summary.getLiveSummary", run: handle(getLiveSummary)},

	{name: "audience.fetchAudienceList", run: handle(fetchAudienceList)},
	{name: "audience.getUserInfo", run: handle(getUserInfo)},
	{name: "audience.setAdministrator", run: handle(setAdministrator)},
	{name: "audience.revokeAdministrator", run: handle(revokeAdministrator)},
	{name: "audience.kickUserOutOfRoom", run: handle(kickUserOutOfRoom)},
	{name: "audience.disableSendMessage", run: handle(disableSendMessage)},

	{name: "barrage.sendTextMessage", run: handle(sendTextMessage)},
	{name: "barrage.sendCustomMessage", run: handle(sendCustomMessage)},

	{name: "seat.getSeatList", run: handle(getSeatList)},
	{name: "seat.takeSeat", run: handle(takeSeat)},
	{name: "seat.leaveSeat", run: handle(leaveSeat)},
	{name: "coGuest.disconnect", aka: "seat.leaveSeat", run: handle(leaveSeat)},
	{name: "seat.lockSeat", run: handle(lockSeat)},
	{name: "seat.unlockSeat", run: handle(unlockSeat)},
	{name: "seat.kickUserOutOfSeat", run: handle(kickUserOutOfSeat)},
	{name: "seat.moveUserToSeat", run: handle(moveUserToSeat)},
	{name: "seat.closeRemoteMicrophone", run: handle(setDevice(live.Microphone, true))},
	{name: "seat.closeRemoteCamera", run: handle(setDevice(live.Camera, true))},
	{name: "seat.openRemoteMicrophone", run: handle(setDevice(live.Microphone, false))},
	{name: "seat.openRemoteCamera", run: handle(setDevice(live.Camera, false))},

	{name: "gift.refreshUsableGifts", run: handle(refreshUsableGifts)},
	{name: "gift.sendGift", run: handle(sendGift)},
	{name: "gift.getGiftCountByAnchor", run: handle(getGiftCountByAnchor)},
	{name: "like.sendLike", run: handle(sendLike)},
	{name: "like.getLikesCount", run: handle(getLikesCount)},

	{name: "battle.exitBattle", run: handle(exitBattle)},

	{name: "login.setSelfInfo", run: handle(setSelfInfo)},
	{name: "login.getSelfInfo", run: handle(getSelfInfo)},
	{name: "login.renew", run: handle(renew)},
	{name: "login.logout", run: handle(logout)},

	{name: "follow.followUser", run: handle(followUser)},
	{name: "follow.unfollowUser", run: handle(unfollowUser)},
	{name: "follow.checkFollowType", run: handle(checkFollowType)},
	{name: "follow.getUserFollowInfo", run: handle(getUserFollowInfo)},
	{name: "follow.getMyFollowingList", run: handle(getMyFollowingList)},
	{name: "follow.getMyFollowersList", run: handle(getMyFollowersList)},
	{name: "follow.getMutualFollowersList", run: handle(getMutualFollowersList)},
}

var methodsByName = func() map[string]method {
	byName := make(map[string]method, len(methods))
	for _, m := range methods {
		if m.aka == "" {
			m.aka = m.name
		}
		byName[m.name] = m
	}
	return byName
}()

// call is one call on its way.
type call struct {
	*conn
	after func() // what is to be done when the reply has been written; nil when nothing
}

// none is the reply of methods that have nothing to say.
type none struct{}

// handle makes a row's run from a function on the decoded params.
func handle[In, Out any](f func(context.Context, *call, *In) (*Out, error)) func(context.Context, *call, []byte) (any, error) {
	return func(ctx context.Context, c *call, params []byte) (any, error) {
		in := new(In)
		if len(params) > 0 && string(params) != "null" {
			if err := decode(params, in); err != nil {
				return nil, err
			}
		}
		return f(ctx, c, in)
	}
}

// rpc answers one call. A client's calls are carried out one after the other.
func (c *conn) rpc(e centrifuge.RPCEvent, answer centrifuge.RPCCallback) {
	m, ok := methodsByName[e.Method]
	if !ok {
		c.g.metrics.ClientCalls.WithLabelValues("unknown", strconv.Itoa(int(centrifuge.ErrorMethodNotFound.Code))).Inc()
		answer(centrifuge.RPCReply{}, centrifuge.ErrorMethodNotFound)
		return
	}
	ctx, cancel := context.WithTimeout(c.client.Context(), callTimeout)
	defer cancel()
	call := &call{conn: c}
	var data []byte
	err := c.g.guard(m.aka, c.caller, func() error {
		out, err := m.run(ctx, call, e.Data)
		if err != nil {
			return err
		}
		data, err = encode(out)
		return err
	})
	if call.after != nil {
		defer call.after()
	}
	answer(centrifuge.RPCReply{Data: data}, err)
}

// guard runs one piece of work for a client and turns its error into one that may be told to the client. What is no
// refusal, panics among it, is logged, and the client learns only that it happened.
func (g *Gateway) guard(what string, caller live.Caller, f func() error) (err error) {
	err = protect(f)
	g.metrics.ClientCalls.WithLabelValues(what, strconv.Itoa(int(codeOf(err)))).Inc()
	if err == nil {
		return nil
	}
	if wire := (*centrifuge.Error)(nil); errors.As(err, &wire) {
		return wire
	}
	if refusal := (*live.Error)(nil); errors.As(err, &refusal) && refusal.Code != live.CodeInternal {
		return &centrifuge.Error{Code: uint32(refusal.Code), Message: refusal.Info}
	}
	info := "internal error, try again"
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		info = fmt.Sprintf("no answer within %s; the call may have been carried out or not", callTimeout)
	case !errors.Is(err, context.Canceled) && !errors.Is(err, errGone):
		g.log.Error("call failed", "method", what, "app", caller.App, "user", caller.User, "error", err)
	}
	return &centrifuge.Error{Code: uint32(live.CodeInternal), Message: info, Temporary: true}
}

func protect(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return f()
}

// codeOf is live.CodeOf, also for errors that are in their form for clients already.
func codeOf(err error) live.Code {
	if wire := (*centrifuge.Error)(nil); errors.As(err, &wire) {
		return live.Code(wire.Code)
	}
	return live.CodeOf(err)
}

func badParameter(format string, args ...any) error {
	return live.Refuse(live.CodeBadParameter, format, args...)
}

func encode(v any) ([]byte, error) { return json.Marshal(v) }

// decode reads the JSON object of a client into in. Names are case-sensitive and unknown ones are passed over; all else
// that is not as expected is refused with [live.CodeBadParameter].
func decode(data []byte, in any) error {
	err := json.Unmarshal(data, in)
	var refusal *live.Error
	var semantic *json.SemanticError
	var syntactic *jsontext.SyntacticError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refusal):
		return refusal
	case errors.Is(err, jsontext.ErrDuplicateName):
		return badParameter("a field is named twice")
	case errors.As(err, &semantic) && semantic.JSONPointer != "":
		return badParameter("%s has the wrong type", semantic.JSONPointer)
	case errors.As(err, &syntactic):
		return badParameter("not valid JSON")
	}
	return badParameter("a JSON object is expected")
}
