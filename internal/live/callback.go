package live

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"github.com/greenroom-live/greenroom/webhook"
)

const (
	maxCallbackToken = 128 // characters, doc 69528
	maxCallbackURL   = 2048
)

// Callback is where an app's webhooks go, and which commands it has switched on.
type Callback struct {
	URL      string
	Commands []string // words as they were given, aliases included
}

// CallbackToken is the shared secret that webhooks are signed with (doc 64412).
type CallbackToken struct {
	Token   string
	Enabled bool
}

type callbackReader interface {
	Callback(app AppID) (Callback, bool, error)
	CallbackToken(app AppID) (CallbackToken, bool, error)
}

type callbackWriter interface {
	// PutCallback and DeleteCallback also end the pause that the app server asked for by answering 410 Gone, and never
	// one by an operator.
	PutCallback(app AppID, c Callback) error
	DeleteCallback(app AppID) error
	PutCallbackToken(app AppID, t CallbackToken) error
	DeleteCallbackToken(app AppID) error
}

// SetCallback configures the app's webhooks for the first time; [CodeCallbackExists] when they are (doc 64420).
func (s *Service) SetCallback(ctx context.Context, caller Caller, c Callback) error {
	return s.putCallback(ctx, caller, c, func(exists bool) error {
		if exists {
			return Refuse(CodeCallbackExists, "a webhook configuration exists already, use update_callback")
		}
		return nil
	})
}

// UpdateCallback replaces the app's webhook configuration; [CodeNoCallback] when there is none (docs 64419, 60728).
func (s *Service) UpdateCallback(ctx context.Context, caller Caller, c Callback) error {
	return s.putCallback(ctx, caller, c, func(exists bool) error {
		if !exists {
			return noCallback()
		}
		return nil
	})
}

func (s *Service) putCallback(ctx context.Context, caller Caller, c Callback, allowed func(exists bool) error) error {
	if err := checkCallback(c); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		_, exists, err := tx.Callback(caller.App)
		if err != nil {
			return err
		}
		if err := allowed(exists); err != nil {
			return err
		}
		return tx.PutCallback(caller.App, c)
	})
}

func checkCallback(c Callback) error {
	if err := CheckCallbackURL(c.URL); err != nil {
		return err
	}
	for _, word := range c.Commands {
		if _, known := webhook.Lookup(word); !known {
			return badParameter("CallbackCommandList names %q, which is no webhook command", word)
		}
	}
	return nil
}

// CheckCallbackURL accepts an absolute http or https URL with a host, and refuses others with [CodeBadParameter]. Whether
// its address may be called is decided when it is dialled, by what the name resolves to then.
func CheckCallbackURL(raw string) error {
	if raw == "" {
		return badParameter("Url is missing")
	}
	if len(raw) > maxCallbackURL {
		return badParameter("Url has %d bytes, at most %d are allowed", len(raw), maxCallbackURL)
	}
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || u.Opaque != "" || !printableASCII(raw) || strings.Contains(raw, " ") {
		return badParameter("Url is not a valid URL")
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return badParameter("Url must begin with http:// or https://")
	}
	if port := u.Port(); port != "" && !validPort(port) {
		return badParameter("Url has the port %s, which does not exist", port)
	}
	if u.User != nil {
		return badParameter("Url must not carry a user name or password")
	}
	return nil
}

func validPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}

// Callback returns the app's webhook configuration, or refuses with [CodeNoCallback].
func (s *Service) Callback(ctx context.Context, caller Caller) (Callback, error) {
	var c Callback
	err := s.store.View(ctx, func(r Reader) error {
		var ok bool
		var err error
		if c, ok, err = r.Callback(caller.App); err == nil && !ok {
			err = noCallback()
		}
		return err
	})
	return c, err
}

func noCallback() error { return Refuse(CodeNoCallback, "there is no webhook configuration") }

// DeleteCallback removes the app's webhook configuration. It is no error when there is none (doc 64421).
func (s *Service) DeleteCallback(ctx context.Context, caller Caller) error {
	return s.store.Update(ctx, func(tx Tx) error { return tx.DeleteCallback(caller.App) })
}

// SetCallbackToken sets the app's token, whether it is used, or both; a nil argument leaves that part as it is
// (doc 69528). The first call must give both.
func (s *Service) SetCallbackToken(ctx context.Context, caller Caller, token *string, enabled *bool) error {
	if token != nil && (*token == "" || len(*token) > maxCallbackToken || !printableASCII(*token)) {
		return badParameter("Token must be 1 to %d printable ASCII characters", maxCallbackToken)
	}
	if token == nil && enabled == nil {
		return badParameter("Token and IsTokenEnable are both missing")
	}
	return s.store.Update(ctx, func(tx Tx) error {
		t, exists, err := tx.CallbackToken(caller.App)
		if err != nil {
			return err
		}
		if !exists && token == nil {
			return badParameter("Token is missing and none was set before")
		}
		if !exists && enabled == nil {
			return badParameter("IsTokenEnable is missing and was not set before")
		}
		if token != nil {
			t.Token = *token
		}
		if enabled != nil {
			t.Enabled = *enabled
		}
		return tx.PutCallbackToken(caller.App, t)
	})
}

// CallbackToken returns the app's token configuration, or refuses with [CodeNoCallbackToken] (doc 69529).
func (s *Service) CallbackToken(ctx context.Context, caller Caller) (CallbackToken, error) {
	var t CallbackToken
	err := s.store.View(ctx, func(r Reader) error {
		var ok bool
		var err error
		if t, ok, err = r.CallbackToken(caller.App); err == nil && !ok {
			err = Refuse(CodeNoCallbackToken, "there is no webhook token")
		}
		return err
	})
	return t, err
}

// DeleteCallbackToken removes the app's token configuration: webhooks go unsigned by token from then on. It is no
// error when there is none.
func (s *Service) DeleteCallbackToken(ctx context.Context, caller Caller) error {
	return s.store.Update(ctx, func(tx Tx) error { return tx.DeleteCallbackToken(caller.App) })
}
