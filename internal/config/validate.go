package config

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/greenroom-live/greenroom/internal/live"
)

const (
	minSecretKey    = 8  // characters
	maxAdmins       = 10 // App admins of one app, doc 76828
	maxSigningBytes = 64 // Standard Webhooks
)

// sampleSecretKey is the placeholder of the sample file.
var sampleSecretKey = appKeys[slices.IndexFunc(appKeys, func(k key) bool { return k.name == "secret_key" })].example

// Validate checks every value and how the values suit each other, and loads the TLS files. The error is [Mistakes],
// in the order of the keys and without origins.
func (c *Config) Validate() error { return c.mistakes().err() }

func (c *Config) mistakes() Mistakes {
	found := outOfBounds(reflect.ValueOf(c).Elem(), configKeys)
	found = append(found, c.listenerMistakes()...)
	found = append(found, c.TLS.mistakes()...)
	found = append(found, c.clientMistakes()...)
	found = append(found, c.Operator.mistakes()...)
	found = append(found, c.databaseMistakes()...)
	return append(found, c.appMistakes()...)
}

// outOfBounds checks what the tags say: that the keys without a default are there, and min, max and oneof.
func outOfBounds(root reflect.Value, keys []key) Mistakes {
	var found Mistakes
	for _, k := range leaves(keys) {
		field := root.FieldByIndex(k.index)
		switch {
		case k.required() && field.IsZero():
			found = append(found, wrong(k.path, "is required"))
		case len(k.choices) > 0 && !slices.Contains(k.choices, field.String()):
			found = append(found, wrong(k.path, "must be %s", k.bounds()))
		case k.min != "" && !inBounds(field, k):
			found = append(found, wrong(k.path, "must be %s, not %v", k.bounds(), field))
		}
	}
	return found
}

func inBounds(v reflect.Value, k key) bool {
	low, _ := scalars[k.typ].read(k.min) // TestEveryDefaultIsValid holds that the tags can be read
	high, _ := scalars[k.typ].read(k.max)
	if v.CanUint() {
		return reflect.ValueOf(low).Uint() <= v.Uint() && v.Uint() <= reflect.ValueOf(high).Uint()
	}
	return reflect.ValueOf(low).Int() <= v.Int() && v.Int() <= reflect.ValueOf(high).Int()
}

func wrong(path, format string, args ...any) Mistake {
	return Mistake{Key: path, Err: fmt.Errorf(format, args...)}
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`)

func isListenAddress(address string) bool {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return false
	}
	_, err = netip.ParseAddr(host)
	return err == nil || host == "" || hostName.MatchString(host)
}

func (c *Config) listenerMistakes() Mistakes {
	var found Mistakes
	if !isListenAddress(c.Listen) {
		found = append(found, wrong("listen", "must be host:port, such as 127.0.0.1:8700 or :8700, with a port from 0 to 65535"))
	}
	if strings.TrimSpace(c.DataDir) == "" {
		found = append(found, wrong("data_dir", "must name a folder"))
	}
	found = append(found, networkMistakes("trusted_proxies", c.TrustedProxies)...)
	if c.HTTP.WriteTimeout < c.HTTP.RequestTimeout {
		found = append(found, wrong("http.write_timeout", "must not be shorter than http.request_timeout (%s)", c.HTTP.RequestTimeout))
	}
	return found
}

func (t TLS) mistakes() Mistakes {
	return pairMistakes("tls", "tls.cert_file", t.CertFile, "tls.key_file", t.KeyFile)
}

// pairMistakes checks a certificate and its key: both files or none. It tells apart which of the two is at fault, as far
// as that can be known.
func pairMistakes(both, certPath, certFile, keyPath, keyFile string) Mistakes {
	if certFile == "" && keyFile == "" {
		return nil
	}
	if certFile == "" {
		return Mistakes{wrong(certPath, "must be set when %s is set", keyPath)}
	}
	if keyFile == "" {
		return Mistakes{wrong(keyPath, "must be set when %s is set", certPath)}
	}
	var found Mistakes
	cert, err := os.ReadFile(certFile)
	if err != nil {
		found = append(found, wrong(certPath, "cannot be read: %w", err))
	}
	key, err := os.ReadFile(keyFile)
	if err != nil {
		found = append(found, wrong(keyPath, "cannot be read: %w", err))
	}
	if len(found) > 0 {
		return found
	}
	if _, err := tls.X509KeyPair(cert, key); err != nil {
		return Mistakes{wrong(both, "the two files are not a certificate with its key: %w", err)}
	}
	return nil
}

func (c *Config) clientMistakes() Mistakes {
	var found Mistakes
	if c.Client.OfflineAfter <= c.Client.PingInterval {
		found = append(found, wrong("client.offline_after", "must be longer than client.ping_interval (%s)", c.Client.PingInterval))
	}
	for i, origin := range c.Client.AllowedOrigins {
		if !isOrigin(origin) {
			found = append(found, wrong(fmt.Sprintf("client.allowed_origins[%d]", i),
				"must be an origin as a browser sends it: scheme://host in lower case, with the port unless it is the scheme's own, and nothing behind"))
		}
	}
	return found
}

func isOrigin(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || strings.ContainsAny(u.Host, "*") {
		return false
	}
	if u.Scheme == "https" && u.Port() == "443" || u.Scheme == "http" && u.Port() == "80" {
		return false
	}
	return text == strings.ToLower(text) && text == u.Scheme+"://"+u.Host && !strings.HasSuffix(u.Host, ":")
}

func (c *Config) appMistakes() Mistakes {
	var found Mistakes
	first := map[uint32]int{}
	for i, app := range c.Apps {
		own := app.mistakes()
		if j, taken := first[app.SDKAppID]; taken && app.SDKAppID != 0 {
			own = append(own, wrong("sdk_app_id", "is %d, as that of apps[%d] already is", app.SDKAppID, j))
		} else {
			first[app.SDKAppID] = i
		}
		for _, m := range own {
			m.Key = fmt.Sprintf("apps[%d].%s", i, m.Key)
			found = append(found, m)
		}
	}
	return found
}

func (a App) mistakes() Mistakes {
	found := outOfBounds(reflect.ValueOf(a), appKeys)
	if err := checkSecretKey(a.SecretKey.Reveal()); err != nil {
		found = append(found, Mistake{Key: "secret_key", Err: err})
	}
	found = append(found, a.adminMistakes()...)
	return append(found, a.Webhook.mistakes()...)
}

func checkSecretKey(secret string) error {
	switch {
	case secret == "": // outOfBounds says so
		return nil
	case strings.TrimSpace(secret) != secret:
		return errors.New("must not begin or end with white space")
	case utf8.RuneCountInString(secret) < minSecretKey:
		return fmt.Errorf("must have at least %d characters", minSecretKey)
	case secret == sampleSecretKey:
		return errors.New("is still the text of the sample, which everybody knows")
	default:
		return nil
	}
}

func (a App) adminMistakes() Mistakes {
	var found Mistakes
	if len(a.Admins) == 0 || len(a.Admins) > maxAdmins {
		found = append(found, wrong("admins", "must name 1 to %d users, not %d", maxAdmins, len(a.Admins)))
	}
	for i, admin := range a.Admins {
		path := fmt.Sprintf("admins[%d]", i)
		if !live.ValidUserID(admin) {
			found = append(found, wrong(path, "must be a UserID of 1 to 32 bytes of printable ASCII"))
		} else if j := slices.Index(a.Admins, admin); j < i {
			found = append(found, wrong(path, "is the same as admins[%d]", j))
		}
	}
	return found
}
