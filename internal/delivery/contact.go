package delivery

import (
	"context"
	"net/http/httptrace"
	"sync/atomic"
)

// contact notes whether a request got a connection. Without one the event cannot be why the attempt failed.
type contact struct{ made atomic.Bool }

// watch returns a context whose requests are noted.
func (c *contact) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { c.made.Store(false) }, // also when the request is sent again on another connection
		GotConn: func(httptrace.GotConnInfo) { c.made.Store(true) },
	})
}
