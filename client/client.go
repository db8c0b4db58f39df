// Package client calls the REST API of a live-room server: POST /v4/{service}/{command} (doc 63398).
//
// A [Client] speaks for one App admin of one app. It makes its own UserSig from the app's key ([WithApp]) or carries one
// that was made elsewhere ([WithUserSig]), keeps connections alive and is safe for concurrent use.
//
//	c, err := client.New("http://127.0.0.1:8700", client.WithApp(1400000123, key, "administrator"))
//	...
//	err = c.SetMetadata(ctx, "live_mira7", client.MetadataPair{Key: "theme", Value: "dusk"})
//	if errors.Is(err, client.CodeRoomNotFound) {
//		// nobody opened the room, or it has ended
//	}
//
// Commands without a method of their own go through [Client.Do].
//
// A call fails in one of three ways: the server refused it ([*Error]), something that is not the API answered
// ([*HTTPError]), or no answer came, where the error wraps the transport's own. After the last two the change may have
// happened all the same. Errors of calls do not contain the UserSig.
package client

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	defaultTimeout = 10 * time.Second // above the server's own 3 s for one request (doc 63398)
	idlePerHost    = 64
)

// Client is an App admin's access to the REST API. Make one with [New]; it is safe for concurrent use.
type Client struct {
	base   string // without a slash at its end
	caller *caller
	http   *http.Client
}

// Option changes how [New] makes a client.
type Option func(*Client)

// WithHTTPClient sends the requests through hc. Without this option a client gives up on a call after 10 s, keeps up to
// 64 idle connections and follows no redirect.
func WithHTTPClient(hc *http.Client) Option {
	return func(c *Client) { c.http = hc }
}

// New returns a client of the server at baseURL: scheme http or https, host, and the path under which the server lives when
// it is not the root. One of [WithApp] and [WithUserSig] has to be given; when there are several, the last one counts.
func New(baseURL string, opts ...Option) (*Client, error) {
	base, err := parseBase(baseURL)
	if err != nil {
		return nil, err
	}
	c := &Client{base: base}
	for _, set := range opts {
		set(c)
	}
	if c.caller == nil {
		return nil, errors.New("client: nobody to call as: give WithApp or WithUserSig")
	}
	if err := c.caller.check(); err != nil {
		return nil, err
	}
	if c.http == nil {
		c.http = defaultHTTPClient()
	}
	return c, nil
}

func parseBase(baseURL string) (string, error) {
	u, err := url.Parse(baseURL)
	if err != nil {
		return "", fmt.Errorf("client: base URL: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return "", fmt.Errorf("client: base URL: scheme is %q, not http or https", u.Scheme)
	}
	if u.Host == "" {
		return "", errors.New("client: base URL: no host")
	}
	if u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return "", errors.New("client: base URL: only scheme, host and path are allowed")
	}
	return strings.TrimRight(u.String(), "/"), nil
}

func defaultHTTPClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			ForceAttemptHTTP2:   true,
			MaxIdleConnsPerHost: idlePerHost,
			IdleConnTimeout:     90 * time.Second,
		},
		Timeout: defaultTimeout,
		// The API never redirects, and following one would carry the UserSig to wherever it points.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// withoutURL takes the URL, which holds the UserSig, off an error of net/http and leaves its cause.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
