package server

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/greenroom-live/greenroom/internal/config"
	"github.com/greenroom-live/greenroom/internal/delivery"
)

// reach sets how the app server is reached: the authorities, the certificate and the proxy. The files are read once, so
// another certificate needs a restart.
func reach(app *delivery.App, w config.Webhook) (err error) {
	if app.CAs, err = authorities(w.CAFile); err != nil {
		return fmt.Errorf("webhook.ca_file of app %d: %w", app.ID, err)
	}
	if app.ClientCert, err = clientCertificate(w.ClientCertFile, w.ClientKeyFile); err != nil {
		return fmt.Errorf("webhook.client_cert_file or webhook.client_key_file of app %d: %w", app.ID, err)
	}
	if app.Proxy, err = proxy(w.Proxy); err != nil {
		return fmt.Errorf("webhook.proxy of app %d: %w", app.ID, err)
	}
	return nil
}

// authorities returns those of the system and those of the file; nil, for the system's, when there is none.
func authorities(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("read the system's authorities: %w", err)
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s holds no certificate in PEM form", file)
	}
	return pool, nil
}

func clientCertificate(certFile, keyFile string) (*tls.Certificate, error) {
	if certFile == "" && keyFile == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, err
	}
	return &pair, nil
}

// proxy returns the proxy that a URL is reached through. What the environment says is read once, here.
func proxy(setting config.Secret) (func(*url.URL) (*url.URL, error), error) {
	switch setting.Reveal() {
	case "":
		return nil, nil
	case config.ProxyFromEnvironment:
		return environmentProxy, checkEnvironment()
	}
	through, err := url.Parse(setting.Reveal())
	if err != nil {
		return nil, errors.New("cannot be read as a URL") // the cause would cite it, password and all
	}
	return func(*url.URL) (*url.URL, error) { return through, nil }, nil
}

func environmentProxy(u *url.URL) (*url.URL, error) {
	return http.ProxyFromEnvironment(&http.Request{URL: u})
}

// checkEnvironment has the environment read, and finds what would otherwise be passed over in silence: of a proxy that is
// no URL, net/http makes another one, or none.
func checkEnvironment() error {
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"} {
		if value := os.Getenv(name); value != "" && !isProxy(value) {
			return fmt.Errorf("%s of the environment is no URL of a proxy", name) // which may hold a password
		}
	}
	for _, scheme := range []string{"http", "https"} {
		if _, err := environmentProxy(&url.URL{Scheme: scheme, Host: "webhooks.invalid"}); err != nil {
			return fmt.Errorf("the environment names no usable proxy for %s", scheme) // as above
		}
	}
	return nil
}

func isProxy(text string) bool {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https" || u.Scheme == "socks5" || u.Scheme == "socks5h")
}
