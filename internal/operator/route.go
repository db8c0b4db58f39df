package operator

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/greenroom-live/greenroom/internal/live"
)

type handler func(a *API, ctx context.Context, c *call) (any, error)

// route is one path, with {app} and {id} for what differs, and what it does by method.
type route struct {
	path      []string
	get, post handler
}

var routes = []route{
	{path: words("v1/nodes"), get: (*API).nodes},
	{path: words("v1/apps"), get: (*API).apps},
	{path: words("v1/apps/{app}"), get: (*API).app},
	{path: words("v1/apps/{app}/events"), get: (*API).events},
	{path: words("v1/apps/{app}/events/{id}"), get: (*API).event},
	{path: words("v1/apps/{app}/events/{id}/replay"), post: (*API).replayOne},
	{path: words("v1/apps/{app}/replay"), post: (*API).replayMany},
	{path: words("v1/apps/{app}/pause"), post: (*API).pause},
	{path: words("v1/apps/{app}/resume"), post: (*API).resume},
	{path: words("v1/apps/{app}/purge"), post: (*API).purge},
	{path: words("v1/apps/{app}/test"), post: (*API).test},
}

func words(path string) []string { return strings.Split(path, "/") }

// route finds out what the call wants.
func (a *API) route(c *call) (handler, error) {
	path := words(strings.TrimPrefix(c.r.URL.EscapedPath(), Prefix))
	for _, r := range routes {
		if args, ok := r.match(path); ok {
			if err := c.take(args); err != nil {
				return nil, err
			}
			return r.handler(c)
		}
	}
	return nil, notFound("there is nothing at %s", c.r.URL.Path)
}

func (r route) match(path []string) (args []string, ok bool) {
	if len(path) != len(r.path) {
		return nil, false
	}
	for i, want := range r.path {
		switch {
		case strings.HasPrefix(want, "{"):
			arg, err := url.PathUnescape(path[i])
			if err != nil || arg == "" {
				return nil, false
			}
			args = append(args, arg)
		case path[i] != want:
			return nil, false
		}
	}
	return args, true
}

// take reads what the path names.
func (c *call) take(args []string) error {
	if len(args) > 0 {
		n, err := strconv.ParseUint(args[0], 10, 32)
		if err != nil || n == 0 {
			return wrong("app", "must be an SDKAppID, a number from 1 to 4294967295")
		}
		c.app = live.AppID(n)
	}
	if len(args) > 1 {
		c.arg = args[1]
	}
	return nil
}

func (r route) handler(c *call) (handler, error) {
	allowed, handle := http.MethodGet, r.get
	if r.post != nil {
		allowed, handle = http.MethodPost, r.post
	}
	method := c.r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if method != allowed {
		c.w.Header().Set("Allow", allowed)
		return nil, refuse(http.StatusMethodNotAllowed, CodeMethodNotAllowed, "the method must be %s", allowed)
	}
	return handle, nil
}
