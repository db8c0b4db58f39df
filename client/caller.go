package client

import (
	"errors"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/greenroom-live/greenroom/usersig"
)

const (
	sigLifetime = 24 * time.Hour // the least that doc 69883 advises
	sigRenewal  = sigLifetime / 2
)

// caller is who a client speaks as, and its proof.
type caller struct {
	app        uint32
	identifier string
	key        string // empty when usersig was given
	now        func() time.Time

	mu      sync.Mutex
	usersig string
	issued  time.Time
}

// WithApp calls as the App admin named admin of the app id, whose secret key is key. The client makes a UserSig for 24 h and
// a new one after 12 h, or as soon as the server no longer takes it.
func WithApp(id uint32, key, admin string) Option {
	return func(c *Client) { c.caller = &caller{app: id, identifier: admin, key: key, now: time.Now} }
}

// WithUserSig calls as identifier, an App admin of app, with a UserSig made elsewhere. It is never renewed.
func WithUserSig(app uint32, identifier, usersig string) Option {
	return func(c *Client) { c.caller = &caller{app: app, identifier: identifier, usersig: usersig} }
}

func (c *caller) check() error {
	switch {
	case c.app == 0:
		return errors.New("client: the app's id is missing")
	case c.identifier == "":
		return errors.New("client: the App admin's name is missing")
	case c.key == "" && c.usersig == "":
		return errors.New("client: the app's key, or a UserSig, is missing")
	case strings.ContainsFunc(c.usersig, notInUserSig):
		return errors.New("client: the UserSig has characters that none has")
	}
	return nil
}

// notInUserSig tells the characters outside of a UserSig's own base64 alphabet (doc 69883), all of which a query takes raw.
func notInUserSig(r rune) bool {
	alphabet := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("*-_", r)
	return !alphabet
}

// escapedIdentifier leaves names of letters, digits, "_", "-" and "." as they are.
func (c *caller) escapedIdentifier() string { return url.QueryEscape(c.identifier) }

// sig returns the UserSig for a call made now.
func (c *caller) sig() string {
	if c.key == "" {
		return c.usersig
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if age := now.Sub(c.issued); c.usersig == "" || age < 0 || age >= sigRenewal {
		c.usersig, c.issued = usersig.New(c.app, c.key, c.identifier, now, sigLifetime), now
	}
	return c.usersig
}

// refused hears that the server did not take sig any more: the next call gets a new one.
func (c *caller) refused(sig string) {
	if c.key == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.usersig == sig {
		c.usersig = ""
	}
}
