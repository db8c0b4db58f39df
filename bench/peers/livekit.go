package main

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/webhook"

	"github.com/greenroom-live/greenroom/bench/rig"
)

// livekitWindow is how many events are with the notifier at once where its speed is measured: more than it needs to be always
// busy, and fewer than one of its queues holds, so that it drops none.
const livekitWindow = 128

// livekitFiller makes a body as long as the others.
var livekitFiller = strings.Repeat("x", 80)

// livekitPeer is LiveKit's notifier with its defaults, in this process: an event is taken when it is in a queue in memory.
type livekitPeer struct {
	notifier webhook.QueuedNotifier
	window   chan struct{} // nil: publish never waits
}

func newLivekit(window int) *livekitPeer {
	p := &livekitPeer{}
	if window > 0 {
		p.window = make(chan struct{}, window)
	}
	return p
}

func (p *livekitPeer) open(_ context.Context, hook *url.URL) error {
	if err := p.close(); err != nil {
		return err
	}
	const key, secret = "bench", "a secret for the run of the benchmark"
	webhook.InitWebhookStats(nil) // it counts what it does, and fails without the counters
	config := webhook.DefaultWebHookConfig
	config.URLs, config.APIKey = []string{hook.String()}, key
	n, err := webhook.NewDefaultNotifier(config, auth.NewSimpleKeyProvider(key, secret))
	if err != nil {
		return err
	}
	if p.window != nil {
		n.RegisterProcessedHook(func(context.Context, *livekit.WebhookInfo) { <-p.window })
	}
	p.notifier = n
	return nil
}

func (p *livekitPeer) prepare(context.Context, int, int) error { return nil }

func (p *livekitPeer) publish(ctx context.Context, m rig.Mark) error {
	if p.window != nil {
		select {
		case p.window <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return p.notifier.QueueNotify(ctx, &livekit.WebhookEvent{
		Event: webhook.EventRoomFinished, Id: m.String(), CreatedAt: time.Now().Unix(),
		Room: &livekit.Room{Name: roomID(m.Room), Sid: roomID(m.Room), Metadata: livekitFiller},
	})
}

func (p *livekitPeer) fill(context.Context, int, int) error { return errMemory }

func (p *livekitPeer) close() error {
	if p.notifier != nil {
		p.notifier.Stop(true)
	}
	return nil
}
