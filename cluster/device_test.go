package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "github.com/centrifugal/centrifuge-go"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/usersig"
)

// told stands, among the values that a device saw, for the moment at which it was told that it may have missed some.
const told = "told that something may be missing"

// device is an app user's app, as docs/client.md asks apps to be: it joins its room anew whenever it is told that it has missed
// something. The nodes are behind a load balancer, which brings every new connection to another node.
type device struct {
	*sdk.Client
	t    *testing.T
	user string
	room string // that it is in; empty before it has joined one

	mu           sync.Mutex
	addresses    []string
	next         int      // of the addresses, for the next connection
	history      []string // what became of its connections, for who reads why a test failed
	seen         []string
	connections  int
	disconnected *sdk.DisconnectedEvent // for good
	connecting   []uint32               // why it lost connections
	unsubscribed int
	missing      int           // how often it was told that something is missing
	news         chan struct{} // closed and made anew with everything that happens
}

type m = map[string]any

// sign returns a UserSig.
func sign(user string) string { return usersig.New(app, key, user, time.Now(), time.Hour) }

// device returns a user's app that is connected, to that node first.
func (w *world) device(user string, node int) *device {
	w.t.Helper()
	d := w.newDevice(user, node, sign(user))
	require.NoError(w.t, d.Connect())
	d.until("connected", func() bool { return d.connections > 0 })
	return d
}

// newDevice returns a user's app that does not connect yet.
func (w *world) newDevice(user string, node int, sig string) *device {
	w.t.Helper()
	data, err := json.Marshal(m{"sdkAppID": app, "userID": user, "platform": "iOS"})
	require.NoError(w.t, err)
	d := &device{t: w.t, user: user, next: node, news: make(chan struct{})}
	for _, n := range w.nodes {
		d.addresses = append(d.addresses, strings.TrimPrefix(n.URL, "http://"))
	}
	d.Client = sdk.NewJsonClient("ws"+strings.TrimPrefix(w.nodes[node].URL, "http")+"/connection/websocket", sdk.Config{
		Token: sig, Data: data, NetDialContext: d.dial, MaxServerPingDelay: 2 * time.Second,
		MinReconnectDelay: 10 * time.Millisecond, MaxReconnectDelay: 200 * time.Millisecond,
	})
	d.listen()
	w.t.Cleanup(func() {
		d.Close()
		d.tell()
	})
	return d
}

// dial connects to the node whose turn it is.
func (d *device) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	d.mu.Lock()
	address := d.addresses[d.next%len(d.addresses)]
	d.remember("calls node ", d.next%len(d.addresses))
	d.next++
	d.mu.Unlock()
	return new(net.Dialer).DialContext(ctx, network, address)
}

// listen notes what happens.
func (d *device) listen() {
	d.OnError(func(e sdk.ErrorEvent) { d.note(func() { d.remember("error: ", e.Error) }) })
	d.OnConnected(func(sdk.ConnectedEvent) {
		d.note(func() {
			d.connections++
			d.remember("is connected")
		})
	})
	d.OnConnecting(func(e sdk.ConnectingEvent) {
		d.note(func() {
			d.connecting = append(d.connecting, e.Code)
			d.remember("connects: ", e.Code, " ", e.Reason)
		})
	})
	d.OnDisconnected(func(e sdk.DisconnectedEvent) { d.note(func() { d.disconnected = &e }) })
	d.OnSubscribing(func(sdk.ServerSubscribingEvent) {}) // without which the SDK does not tell of the unsubscribed
	d.OnSubscribed(func(e sdk.ServerSubscribedEvent) {
		if !e.Recovered {
			d.note(func() { d.seen, d.missing = append(d.seen, told), d.missing+1 })
		}
	})
	d.OnUnsubscribed(func(sdk.ServerUnsubscribedEvent) {
		d.note(func() { d.seen, d.missing, d.unsubscribed = append(d.seen, told), d.missing+1, d.unsubscribed+1 })
	})
	d.OnPublication(func(e sdk.ServerPublicationEvent) {
		var event struct {
			Event string `json:"event"`
			Data  struct {
				Value string `json:"value"`
			} `json:"data"`
		}
		if err := json.Unmarshal(e.Data, &event); err != nil {
			d.t.Errorf("publication %q: %v", e.Data, err)
		}
		if event.Event == "live.onRoomMetadataChanged" {
			d.note(func() { d.seen = append(d.seen, event.Data.Value) })
		}
	})
}

// remember adds to the history. The caller holds mu.
func (d *device) remember(what ...any) {
	d.history = append(d.history, time.Now().Format("15:04:05.000 ")+fmt.Sprint(what...))
}

// tell writes the history into the log of a test that has failed.
func (d *device) tell() {
	if d.t.Failed() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.t.Logf("%s:\n%s", d.user, strings.Join(d.history, "\n"))
	}
}

// note writes down what happened.
func (d *device) note(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f()
	close(d.news)
	d.news = make(chan struct{})
}

// until waits until done holds, which is asked again with everything that happens, with mu held.
func (d *device) until(what string, done func() bool) {
	d.t.Helper()
	expired := time.After(patience)
	for {
		d.mu.Lock()
		holds, news := done(), d.news
		d.mu.Unlock()
		if holds {
			return
		}
		select {
		case <-news:
		case <-expired:
			require.FailNowf(d.t, "a client waits in vain", "%s: %s, within %s", d.user, what, patience)
		}
	}
}

// ask calls a method.
func (d *device) ask(method string, params any) (m, error) {
	data, err := json.Marshal(params)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	result, err := d.RPC(ctx, method, data)
	if err != nil {
		return nil, err
	}
	var reply m
	return reply, json.Unmarshal(result.Data, &reply)
}

// starts makes a room of the device's user and joins it.
func (d *device) starts(room string) {
	d.t.Helper()
	d.room = room
	_, err := d.ask("live.startLive", m{"liveInfo": m{"liveID": room}})
	require.NoError(d.t, err)
	d.until("subscribed", func() bool { return d.missing > 0 })
}

// joins joins a room, and joins it anew from now on when the device is told that something is missing.
func (d *device) joins(room string) {
	d.t.Helper()
	d.room = room
	_, err := d.ask("live.joinLive", m{"liveID": room})
	require.NoError(d.t, err)
	d.until("subscribed", func() bool { return d.missing > 0 })
}

// state returns the room's metadata as the device finds them on joining anew.
func (d *device) state() map[string]string {
	d.t.Helper()
	var state map[string]string
	require.Eventually(d.t, func() bool {
		reply, err := d.ask("live.joinLive", m{"liveID": d.room})
		if err != nil {
			return false
		}
		state = make(map[string]string)
		for key, value := range reply["liveInfo"].(m)["metaData"].(m) {
			state[key] = fmt.Sprint(value)
		}
		return true
	}, patience, 50*time.Millisecond, "%s cannot join again", d.user)
	return state
}

// sawAll demands that the device saw what happened in its room, in order, up to the last change of all; and that it was told of
// every gap, at the gap or later.
func (d *device) sawAll(order []string) {
	d.t.Helper()
	at := make(map[string]int)
	for i, value := range order {
		at[value] = i
	}
	var gap string // of which the device was not told yet
	defer func() {
		if d.t.Failed() && gap != "" {
			d.t.Logf("%s was not told of a gap: %s", d.user, gap)
		}
	}()
	d.until("the last change, and to be told of all gaps", func() bool {
		last := len(d.seen) - 1
		gap = d.gap(order, at)
		return gap == "" && (d.seen[last] == told || d.seen[last] == order[len(order)-1])
	})
}

// gap describes the latest gap in what the device saw that it was not told of; empty when there is none. The caller holds mu.
func (d *device) gap(order []string, at map[string]int) (gap string) {
	before := told
	for n, value := range d.seen {
		if value == told {
			before, gap = told, ""
			continue
		}
		i, known := at[value]
		if !known {
			d.t.Errorf("%s saw %s, which did not happen", d.user, value)
		}
		if before != told && i != at[before]+1 {
			gap = fmt.Sprintf("%q, while it happened %q", d.seen[max(0, n-5):min(n+10, len(d.seen))],
				order[max(0, min(i, at[before])-5):min(max(i, at[before])+10, len(order))])
		}
		if before != told && i <= at[before] {
			d.t.Errorf("%s saw something that had happened before: %s", d.user, gap)
		}
		before = value
	}
	return gap
}

// reconnects waits until the device has a connection again, after it had that many.
func (d *device) reconnects(had int) {
	d.t.Helper()
	d.until("connected again", func() bool { return d.connections > had })
}

// had returns how many connections the device has had.
func (d *device) had() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.connections
}

// lost returns how many connections the device has lost.
func (d *device) lost() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.connecting) - 1 // the first was not lost but asked for
}

// gaps returns how often the device was told that something may be missing after it had joined its room.
func (d *device) gaps() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.missing - 1
}
