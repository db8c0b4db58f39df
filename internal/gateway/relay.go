package gateway

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/centrifugal/centrifuge"
	"golang.org/x/sync/errgroup"
)

// Names of what the nodes tell each other in Redis. No client can ask for such a channel.
const (
	redisPrefix = "greenroom"
	// nodesChannel carries words from each node to all others, ownChannel and a node's id what it tells itself.
	nodesChannel, ownChannel = "@nodes", "@node:"
	// generationChannel has a position and no listeners: see [relay.generation].
	generationChannel = "@generation"
)

// Tags of publications that are for nodes and not for clients.
const (
	// tagLost marks a gap: what was published before may be incomplete.
	tagLost = "lost"
	// tagFence has the number of a fence: see [relay.fence].
	tagFence = "fence"
)

const (
	// fencePatience bounds how long a fence is waited for. One that is late costs the order at worst.
	fencePatience = 500 * time.Millisecond
	// bumpMemory is how long Redis knows that a generation was followed by another.
	bumpMemory = time.Hour
	// wordsKept is how many of the nodes' words are kept, for historyTTL, for those to whom they did not get through.
	wordsKept = 4096
)

// relay is centrifuge's Redis broker with two additions.
//
// Positions hold within one generation, which is part of every epoch that clients see. When publications may have been lost
// in rooms that nobody can name, because a node is gone, the generation ends, and with it every position: whoever comes back
// with an older one is told that it cannot be continued. The generation is itself the position of a channel in Redis, so it
// is the same for all nodes and ends with Redis's data.
//
// When publications of a known room were lost, a publication that is marked as a gap takes their place: clients do not get it,
// those who are in the room come back, and no position before it can be continued.
type relay struct {
	*centrifuge.RedisBroker
	nodeID string
	// heard is called with what nodes say, unheard when some of it is lost, gap with the channel of a gap. All must return
	// quickly.
	heard   func([]byte)
	unheard func()
	gap     func(channel string)

	handler   centrifuge.BrokerEventHandler
	beats     atomic.Uint64 // the number of the last beat that came back
	fences    sync.Map      // string to chan struct{}
	lastFence atomic.Uint64

	mu       sync.RWMutex
	epoch    string            // of this node's generation; empty as long as it is not known
	lagging  map[string]string // generations of channels whose subscribers have not been told of the present one
	listened bool              // the nodes' channels are subscribed to

	hearing sync.Mutex                // makes one word follow the other
	heardTo centrifuge.StreamPosition // of the last word; without epoch as long as nobody has listened
}

func (r *relay) own() string { return ownChannel + r.nodeID }

// RegisterBrokerEventHandler starts the connections that receive. A Redis that is away now is looked for until it is back.
func (r *relay) RegisterBrokerEventHandler(h centrifuge.BrokerEventHandler) error {
	r.handler = h
	_ = r.RedisBroker.RegisterBrokerEventHandler(received{r})
	return nil
}

// PublishControl sends what nodes tell each other for the library's own purposes, none of which has to arrive.
func (r *relay) PublishControl(data []byte, nodeID, shardKey string) error {
	_ = r.RedisBroker.PublishControl(data, nodeID, shardKey)
	return nil
}

// listen subscribes to the nodes' channels, which lasts from then on.
func (r *relay) listen() error {
	if r.listened {
		return nil
	}
	err := r.Subscribe(nodesChannel, r.own())
	r.listened = err == nil
	return err
}

// received is what comes from Redis.
type received struct{ r *relay }

// HandlePublication implements centrifuge.BrokerEventHandler.
func (in received) HandlePublication(ch string, p *centrifuge.Publication, at centrifuge.StreamPosition, delta bool,
	before *centrifuge.Publication) error {
	r := in.r
	switch {
	case ch == nodesChannel:
		r.hear(at, p.Data)
		return nil
	case ch == r.own():
		n, _ := strconv.ParseUint(string(p.Data), 10, 64)
		r.beats.Store(n)
		return nil
	case len(p.Tags) > 0:
		if p.Tags[tagLost] != "" {
			r.gap(ch)
		}
		if waiting, ok := r.fences.LoadAndDelete(p.Tags[tagFence]); ok {
			close(waiting.(chan struct{}))
		}
		return nil
	}
	at.Epoch = r.epochOf(ch, at.Epoch)
	return r.handler.HandlePublication(ch, p, at, delta, before)
}

// HandleJoin implements centrifuge.BrokerEventHandler.
func (in received) HandleJoin(ch string, info *centrifuge.ClientInfo) error {
	return in.r.handler.HandleJoin(ch, info)
}

// HandleLeave implements centrifuge.BrokerEventHandler.
func (in received) HandleLeave(ch string, info *centrifuge.ClientInfo) error {
	return in.r.handler.HandleLeave(ch, info)
}

// epochOf is a channel's epoch as clients know it.
func (r *relay) epochOf(ch, epoch string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if old, ok := r.lagging[ch]; ok {
		return old + "/" + epoch
	}
	return r.epoch + "/" + epoch
}

// Publish implements centrifuge.Broker.
func (r *relay) Publish(ch string, data []byte, opts centrifuge.PublishOptions) (centrifuge.PublishResult, error) {
	result, err := r.RedisBroker.Publish(ch, data, opts)
	result.Epoch = r.epochOf(ch, result.Epoch)
	return result, err
}

// History implements centrifuge.Broker. Nothing before a gap is part of it.
func (r *relay) History(ch string, opts centrifuge.HistoryOptions) ([]*centrifuge.Publication, centrifuge.StreamPosition, error) {
	kept, at, err := r.RedisBroker.History(ch, opts)
	at.Epoch = r.epochOf(ch, at.Epoch)
	for i := len(kept) - 1; i >= 0; i-- {
		if kept[i].Tags[tagLost] != "" {
			return kept[i+1:], at, err
		}
	}
	return kept, at, err
}

// say tells all nodes something.
func (r *relay) say(data []byte) error {
	_, err := r.RedisBroker.Publish(nodesChannel, data, centrifuge.PublishOptions{HistorySize: wordsKept, HistoryTTL: historyTTL})
	return err
}

// hear passes on the word at a position, if it is the next one. One that comes when others have not is read with them.
func (r *relay) hear(at centrifuge.StreamPosition, data []byte) {
	r.hearing.Lock()
	defer r.hearing.Unlock()
	if at.Epoch == r.heardTo.Epoch && at.Offset == r.heardTo.Offset+1 {
		r.heardTo = at
		r.heard(data)
	}
}

// catchUp reads what nodes have said and what did not arrive: connections break, and what is too much for one is dropped.
func (r *relay) catchUp() error {
	r.hearing.Lock()
	since := r.heardTo
	r.hearing.Unlock()
	filter := centrifuge.HistoryFilter{Limit: centrifuge.NoLimit, Since: &since}
	if since.Epoch == "" {
		filter = centrifuge.HistoryFilter{} // where it is now
	}
	words, now, err := r.RedisBroker.History(nodesChannel, centrifuge.HistoryOptions{Filter: filter})
	if err != nil {
		return err
	}
	if now.Epoch == since.Epoch {
		for _, w := range words {
			r.hear(centrifuge.StreamPosition{Offset: w.Offset, Epoch: now.Epoch}, w.Data)
		}
	}
	r.hearing.Lock()
	defer r.hearing.Unlock()
	if now.Epoch == r.heardTo.Epoch && now.Offset <= r.heardTo.Offset {
		return nil
	}
	r.heardTo = now // what was before is there no more
	if since.Epoch != "" {
		r.unheard()
	}
	return nil
}

// beat goes the way that publications go, hears what did not arrive, and tells the generation. It lasts as long as Redis
// makes it.
func (r *relay) beat(n uint64) (generation string, err error) {
	if err := r.listen(); err != nil {
		return "", err
	}
	if _, err := r.RedisBroker.Publish(r.own(), strconv.AppendUint(nil, n, 10), centrifuge.PublishOptions{}); err != nil {
		return "", err
	}
	var words errgroup.Group
	words.Go(r.catchUp)
	generation, err = r.generation()
	return generation, errors.Join(err, words.Wait())
}

// generation reads which generation it is.
func (r *relay) generation() (string, error) {
	_, at, err := r.RedisBroker.History(generationChannel, centrifuge.HistoryOptions{})
	return at.Epoch + "." + strconv.FormatUint(at.Offset, 36), err
}

// end ends a generation, unless another node did so, and returns the present one.
func (r *relay) end(generation string) (string, error) {
	_, err := r.RedisBroker.Publish(generationChannel, []byte("{}"), centrifuge.PublishOptions{
		HistorySize: 1, HistoryTTL: positionTTL, HistoryMetaTTL: positionTTL,
		IdempotencyKey: generation, IdempotentResultTTL: bumpMemory,
	})
	if err != nil {
		return "", err
	}
	return r.generation()
}

// present returns the generation that this node takes part in.
func (r *relay) present() string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.epoch
}

// turn begins a generation; channels that have subscribers here follow when those are told, see [relay.follow]. With none,
// it begins for all channels.
func (r *relay) turn(generation string, subscribed []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if subscribed == nil {
		clear(r.lagging)
	}
	for _, ch := range subscribed {
		if _, lags := r.lagging[ch]; !lags {
			r.lagging[ch] = r.epoch
		}
	}
	r.epoch = generation
}

// follow brings a channel into the present generation.
func (r *relay) follow(ch string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.lagging, ch)
}

// breakOff marks that publications of a channel were lost.
func (r *relay) breakOff(ch string) error {
	_, err := r.RedisBroker.Publish(ch, []byte("{}"), centrifuge.PublishOptions{
		HistorySize: historySize, HistoryTTL: historyTTL, Tags: map[string]string{tagLost: "1"},
	})
	return err
}

var errFenceLate = errors.New("a fence did not come back")

// fence waits until everything that was published in a channel that this node listens to has been handed to the clients here.
func (r *relay) fence(ctx context.Context, ch string) error {
	ctx, cancel := context.WithTimeout(ctx, fencePatience)
	defer cancel()
	number, waiting := r.nodeID+strconv.FormatUint(r.lastFence.Add(1), 36), make(chan struct{})
	r.fences.Store(number, waiting)
	defer r.fences.Delete(number)
	opts := centrifuge.PublishOptions{Tags: map[string]string{tagFence: number}}
	if _, err := r.RedisBroker.Publish(ch, []byte("{}"), opts); err != nil {
		return err
	}
	select {
	case <-waiting:
		return nil
	case <-ctx.Done():
		return errFenceLate
	}
}
