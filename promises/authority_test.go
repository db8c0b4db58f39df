package promises

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestAnAuthorityOfTheAppsOwnIsAddedToThoseOfTheSystem: with webhook.ca_file an app reaches app servers of both, and a third
// one of neither.
func TestAnAuthorityOfTheAppsOwnIsAddedToThoseOfTheSystem(t *testing.T) {
	system, own, nobodys := selfSigned(t), selfSigned(t), selfSigned(t)
	t.Setenv("SSL_CERT_FILE", pemFile(t, system))
	t.Setenv("SSL_CERT_DIR", t.TempDir())
	const failsSoon = "allow_private_addresses: true, timeout: 2s, retry_first_delay: 1h, retry_max_delay: 1h, ca_file: "
	file := pemFile(t, own)
	w := serve(t, "", failsSoon+file, failsSoon+file, failsSoon+file)
	for i, cert := range []tls.Certificate{system, own, nobodys} {
		a := w.apps[i]
		secure := httptest.NewUnstartedServer(a.server)
		secure.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
		secure.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
		secure.StartTLS()
		t.Cleanup(secure.Close)
		a.subscribe(secure.URL)
		a.opens("stage")
	}
	w.apps[0].server.hasTaken(1)
	w.apps[1].server.hasTaken(1)
	require.Contains(t, w.Log.Wait(t, "webhook failed"), "webhook.ca_file")
	require.Zero(t, w.apps[2].server.count().arrived)
}

// selfSigned makes a certificate for 127.0.0.1 that is its own authority.
func selfSigned(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func pemFile(t *testing.T, cert tls.Certificate) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "authority.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]})
	require.NoError(t, os.WriteFile(file, text, 0o600))
	return file
}
