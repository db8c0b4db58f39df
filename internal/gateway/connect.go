package gateway

import (
	"context"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/centrifugal/centrifuge"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/greenroom-live/greenroom/internal/live"
)

// conn is one client connection.
type conn struct {
	g      *Gateway
	caller live.Caller
	client *centrifuge.Client
	issued atomic.Int64 // TLS.time of its UserSig, in Unix seconds

	stays map[live.RoomID]*stay // guarded by presence.mu, as is gone
	gone  bool

	mail    mail
	missing []live.RoomID // rooms that the client wants back, and in which its user is not any more
}

type (
	addressKey struct{}
	connKey    struct{}
)

// connOf returns the connection behind a client that has connected, else nil.
func connOf(client *centrifuge.Client) *conn {
	c, _ := client.Context().Value(connKey{}).(*conn)
	return c
}

// appID reads an SDKAppID given as a number or as a text of digits.
type appID live.AppID

func (a *appID) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	token, err := dec.ReadToken()
	if err != nil {
		return err
	}
	if k := token.Kind(); k != '0' && k != '"' {
		return badParameter("sdkAppID must be a number")
	}
	n, err := strconv.ParseUint(token.String(), 10, 32)
	if err != nil {
		return badParameter("sdkAppID must be a whole number below 2^32")
	}
	*a = appID(n)
	return nil
}

type connectData struct {
	SDKAppID *appID `json:"sdkAppID"`
	UserID   string `json:"userID"`
	Platform string `json:"platform"`
}

type connectReply struct {
	UserID     string `json:"userID"`
	SDKAppID   uint32 `json:"sdkAppID"`
	ServerTime int64  `json:"serverTime"` // ms
}

// connecting judges a client's login. A refusal goes back with the contract's code, which makes the SDKs give up; only
// an internal error makes them try again.
func (g *Gateway) connecting(ctx context.Context, e centrifuge.ConnectEvent) (reply centrifuge.ConnectReply, err error) {
	limited, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	err = g.guard("connect", live.Caller{}, func() error {
		if g.link != nil && !g.link.isUp() {
			return errAway
		}
		c, err := g.login(limited, e, &reply)
		if err == nil {
			reply.Context = context.WithValue(ctx, connKey{}, c)
		}
		return err
	})
	return reply, err
}

// login fills in what is to be said to a client that may connect, and makes its conn.
func (g *Gateway) login(ctx context.Context, e centrifuge.ConnectEvent, reply *centrifuge.ConnectReply) (*conn, error) {
	caller, issued, err := g.authenticate(ctx, e)
	if err != nil {
		return nil, err
	}
	if err := g.live.Register(ctx, caller); err != nil {
		return nil, err
	}
	c := &conn{g: g, caller: caller, stays: make(map[live.RoomID]*stay)}
	if reply.Subscriptions, err = c.resumable(ctx, e.Channels); err != nil {
		return nil, err
	}
	reply.Credentials = &centrifuge.Credentials{UserID: connectionUser(caller.App, caller.User)}
	reply.Data, err = encode(connectReply{string(caller.User), uint32(caller.App), time.Now().UnixMilli()})
	c.issued.Store(issued.Unix())
	return c, err
}

// connectionUser is a user as the real-time library knows it.
func connectionUser(app live.AppID, user live.UserID) string {
	return app.String() + ":" + string(user)
}

// authenticate finds out who connects, and when the UserSig was issued.
func (g *Gateway) authenticate(ctx context.Context, e centrifuge.ConnectEvent) (live.Caller, time.Time, error) {
	var data connectData
	if err := decode(e.Data, &data); err != nil {
		return live.Caller{}, time.Time{}, err
	}
	if data.SDKAppID == nil {
		return live.Caller{}, time.Time{}, badParameter("sdkAppID is missing")
	}
	user, err := live.ParseUserID("userID", data.UserID)
	if err != nil {
		return live.Caller{}, time.Time{}, err
	}
	address, _ := ctx.Value(addressKey{}).(string)
	caller := live.Caller{
		App: live.AppID(*data.SDKAppID), User: user, Kind: live.KindUser,
		IP: address, Platform: live.ParsePlatform(data.Platform),
	}
	login, err := g.live.Authenticate(caller.App, caller.User, e.Token)
	return caller, login.IssuedAt, err
}

// resumable returns the subscriptions to go on with among the channels that a returning client says it had: those of
// rooms in which its user still is a member. It notes the other rooms.
func (c *conn) resumable(ctx context.Context, channels []string) (map[string]centrifuge.SubscribeOptions, error) {
	subscriptions := make(map[string]centrifuge.SubscribeOptions)
	for _, channel := range channels {
		room, ok := roomOfChannel(c.caller.App, channel)
		if !ok || len(subscriptions)+len(c.missing) == maxRooms {
			continue
		}
		is, err := c.g.live.IsMember(ctx, c.caller, room)
		if err != nil {
			return nil, err
		}
		if is {
			subscriptions[channel] = roomSubscription()
		} else {
			c.missing = append(c.missing, room)
		}
	}
	return subscriptions, nil
}

// connected takes up a connection whose login was accepted. No command of the client is handled before it returns.
func (g *Gateway) connected(client *centrifuge.Client) {
	c := connOf(client)
	c.client = client
	g.metrics.Clients.Inc()
	client.OnRPC(c.rpc)
	client.OnSubscribe(c.subscribe)
	client.OnUnsubscribe(c.unsubscribed)
	client.OnMessage(func(centrifuge.MessageEvent) {}) // passed over: without this the library closes the connection for good
	client.OnDisconnect(func(centrifuge.DisconnectEvent) {
		g.metrics.Clients.Dec()
		g.presence.depart(c)
		g.goesOffline(c, client)
	})
	defer c.mail.flush(client)
	if c.revoked() { // since the login was judged
		c.kick()
		return
	}
	if g.link != nil && !g.link.isUp() { // since then too
		client.Disconnect(disconnectedAway)
		return
	}
	g.comesOnline(c, client)
	for _, channel := range client.Channels() {
		c.resume(channel)
	}
	for _, room := range c.missing {
		c.tellMissing(room)
	}
}

// resume brings a returning client back into a room that it has been subscribed to with the connect reply.
func (c *conn) resume(channel string) {
	room, ok := roomOfChannel(c.caller.App, channel)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(c.client.Context(), callTimeout)
	defer cancel()
	err := c.g.guard("resume", c.caller, func() error {
		defer c.g.presence.lock(c.membership(room))()
		return c.reenter(ctx, room)
	})
	switch {
	case err == nil:
	case codeOf(err) == live.CodeInternal:
		c.client.Disconnect(centrifuge.DisconnectForceReconnect)
	default:
		c.client.Unsubscribe(channel)
		c.tellMissing(room)
	}
}

func (c *conn) membership(room live.RoomID) live.Membership {
	return live.Membership{App: c.caller.App, Room: room, User: c.caller.User}
}
