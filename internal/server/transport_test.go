package server

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/config"
	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/testkit"
	"github.com/greenroom-live/greenroom/webhook"
)

const appID = 1400000123

// configured is a configuration with one app.
func configured(t *testing.T, change func(*config.Webhook)) *config.Config {
	c := config.Default()
	c.Listen, c.DataDir = "127.0.0.1:0", t.TempDir()
	app := config.DefaultApp()
	app.SDKAppID, app.SecretKey = appID, "a key of the app's own"
	change(&app.Webhook)
	c.Apps = []config.App{app}
	return c
}

// try has a server with that configuration send a sample webhook.
func try(t *testing.T, c *config.Config, url string) delivery.Trial {
	t.Helper()
	s, err := New(c, Options{Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	defer func() {
		require.NoError(t, s.listener.Close())
		require.NoError(t, s.store.Close())
	}()
	trial, err := s.delivery.Test(context.Background(), appID, webhook.CommandAfterDelMetadata, url)
	require.NoError(t, err)
	return trial
}

// pair makes a certificate that vouches for itself, for 127.0.0.1 and for clients, and writes it down.
func pair(t *testing.T) (certFile, keyFile string, pair tls.Certificate) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	require.NoError(t, os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	require.NoError(t, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), 0o600))
	pair, err = tls.LoadX509KeyPair(certFile, keyFile)
	require.NoError(t, err)
	return certFile, keyFile, pair
}

func TestAnAppIsReachedWithItsAuthorityAndItsCertificate(t *testing.T) {
	serverCert, _, serverPair := pair(t)
	clientCert, clientKey, clientPair := pair(t)
	receiver := testkit.NewAppServer(t)
	https := httptest.NewUnstartedServer(receiver)
	clients := x509.NewCertPool()
	clients.AddCert(clientPair.Leaf)
	https.TLS = &tls.Config{Certificates: []tls.Certificate{serverPair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients,
		MaxVersion: tls.VersionTLS12} // with TLS 1.3 the refusal can be lost when the connection is closed at once
	https.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	https.StartTLS()
	defer https.Close()

	trial := try(t, configured(t, func(w *config.Webhook) { w.AllowPrivateAddresses = true }), https.URL)
	require.Contains(t, trial.Reason, "webhook.ca_file")
	trial = try(t, configured(t, func(w *config.Webhook) { w.AllowPrivateAddresses, w.CAFile = true, serverCert }), https.URL)
	require.Contains(t, trial.Reason, "webhook.client_cert_file")
	trial = try(t, configured(t, func(w *config.Webhook) {
		w.AllowPrivateAddresses, w.CAFile, w.ClientCertFile, w.ClientKeyFile = true, serverCert, clientCert, clientKey
	}), https.URL)
	require.True(t, trial.Delivered, trial.Reason)
	require.Len(t, receiver.Requests(), 1)
}

func TestAFileThatCannotBeUsedIsNamedByItsKey(t *testing.T) {
	cert, key, _ := pair(t)
	_, otherKey, _ := pair(t)
	for want, change := range map[string]func(*config.Webhook){
		"webhook.ca_file of app 1400000123: open ":        func(w *config.Webhook) { w.CAFile = cert + "x" },
		"webhook.ca_file of app 1400000123: " + key:       func(w *config.Webhook) { w.CAFile = key },
		"webhook.client_cert_file or webhook.client_key":  func(w *config.Webhook) { w.ClientCertFile, w.ClientKeyFile = cert, otherKey },
		"webhook.client_cert_file or webhook.client_key_": func(w *config.Webhook) { w.ClientCertFile = cert },
		"webhook.proxy of app 1400000123: cannot be read": func(w *config.Webhook) { w.Proxy = "http://u:pass-word@[::1" },
	} {
		_, err := deliveryApps(configured(t, change))
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), "pass-word")
	}
}

// forwarding is a proxy as far as a test needs one: it answers for everybody, and keeps what it was asked for.
func forwarding(t *testing.T) (url string, asked func() []string) {
	var got []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.URL.Host+" "+r.Header.Get("Proxy-Authorization"))
		_, _ = w.Write([]byte(testkit.Success))
	}))
	t.Cleanup(proxy.Close)
	return proxy.Listener.Addr().String(), func() []string { return got }
}

func TestAProxyIsUsedWithItsPassword(t *testing.T) {
	proxy, asked := forwarding(t)
	c := configured(t, func(w *config.Webhook) { w.Proxy = config.Secret("http://greenroom:pass-word@" + proxy) })
	trial := try(t, c, "http://hooks.example/live")
	require.True(t, trial.Delivered, trial.Reason)
	require.Equal(t, []string{"hooks.example Basic Z3JlZW5yb29tOnBhc3Mtd29yZA=="}, asked())
	trial = try(t, c, "http://127.0.0.1:9/")
	require.Contains(t, trial.Reason, "the egress guard refuses the private address 127.0.0.1")
	require.Len(t, asked(), 1)
}

// TestTheEnvironmentsProxyIsUsedWhenTheAppLeavesItToIt runs itself again, because a process reads its proxies once.
func TestTheEnvironmentsProxyIsUsedWhenTheAppLeavesItToIt(t *testing.T) {
	c := configured(t, func(w *config.Webhook) { w.Proxy = config.ProxyFromEnvironment })
	switch os.Getenv("GREENROOM_TEST_PROXY") {
	case "good":
		trial := try(t, c, "http://hooks.example/live")
		require.True(t, trial.Delivered, trial.Reason)
		trial = try(t, c, "http://127.0.0.1:9/") // past the proxy, and refused
		require.Contains(t, trial.Reason, "the egress guard refuses the private address 127.0.0.1")
		trial = try(t, c, "http://2130706433/")
		require.Contains(t, trial.Reason, "the egress guard refuses the private address 127.0.0.1")
		return
	case "bad":
		_, err := deliveryApps(c)
		require.EqualError(t, err, "webhook.proxy of app 1400000123: HTTP_PROXY of the environment is no URL of a proxy")
		return
	}
	proxy, asked := forwarding(t)
	runAgain(t, "GREENROOM_TEST_PROXY=good", "HTTP_PROXY=http://greenroom:pass-word@"+proxy, "HTTPS_PROXY=", "NO_PROXY=", "http_proxy=",
		"https_proxy=", "no_proxy=", "REQUEST_METHOD=")
	require.Equal(t, []string{"hooks.example Basic Z3JlZW5yb29tOnBhc3Mtd29yZA=="}, asked())
	runAgain(t, "GREENROOM_TEST_PROXY=bad", "HTTP_PROXY=http://greenroom:pass-word@[::1", "http_proxy=", "REQUEST_METHOD=")
}

func runAgain(t *testing.T, environment ...string) {
	t.Helper()
	command := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1")
	command.Env = append(os.Environ(), environment...)
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	require.NoError(t, command.Run(), "%s", &out)
}
