package main

import (
	"context"
	"net/url"

	"github.com/greenroom-live/greenroom/bench/rig"
)

// bare is what no peer can be faster than: it posts the event itself.
type bare struct {
	poster *rig.Poster
	hook   *url.URL
}

func (b *bare) open(_ context.Context, hook *url.URL) error {
	b.hook = hook
	return nil
}

func (b *bare) prepare(context.Context, int, int) error { return nil }

func (b *bare) publish(ctx context.Context, m rig.Mark) error {
	return b.poster.Post(ctx, b.hook, body(m))
}

func (b *bare) fill(context.Context, int, int) error { return errMemory }

func (b *bare) close() error { return nil }
