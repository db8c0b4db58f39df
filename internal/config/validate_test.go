package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func base64Of(size int) string { return base64.StdEncoding.EncodeToString(make([]byte, size)) }

func validConfig() *Config {
	c := Default()
	app := DefaultApp()
	app.SDKAppID, app.SecretKey = 1400000123, "a-secret-key"
	c.Apps = []App{app}
	return c
}

func TestEveryRuleNamesItsKey(t *testing.T) {
	prefixes := func(texts ...string) (all []netip.Prefix) {
		for _, text := range texts {
			all = append(all, netip.MustParsePrefix(text))
		}
		return all
	}
	tests := map[string]struct {
		change func(*Config)
		want   string // empty when it is allowed
	}{
		"nothing changed":               {func(*Config) {}, ""},
		"listen on all addresses":       {func(c *Config) { c.Listen = ":0" }, ""},
		"listen on IPv6":                {func(c *Config) { c.Listen = "[::1]:8700" }, ""},
		"listen on a name":              {func(c *Config) { c.Listen = "localhost:8700" }, ""},
		"listen without port":           {func(c *Config) { c.Listen = "localhost" }, "listen: must be host:port"},
		"listen on a port too high":     {func(c *Config) { c.Listen = ":65536" }, "listen: must be host:port"},
		"listen on a URL":               {func(c *Config) { c.Listen = "http://localhost:80" }, "listen: must be host:port"},
		"listen on a name with space":   {func(c *Config) { c.Listen = "my host:80" }, "listen: must be host:port"},
		"no data folder":                {func(c *Config) { c.DataDir = " " }, "data_dir: must name a folder"},
		"certificate without key":       {func(c *Config) { c.TLS.CertFile = "a" }, "tls.key_file: must be set when tls.cert_file is set"},
		"key without certificate":       {func(c *Config) { c.TLS.KeyFile = "a" }, "tls.cert_file: must be set when tls.key_file is set"},
		"proxies":                       {func(c *Config) { c.TrustedProxies = prefixes("10.0.0.0/8", "0.0.0.0/0", "fd00::/8") }, ""},
		"proxy with host bits":          {func(c *Config) { c.TrustedProxies = prefixes("10.0.0.1/8") }, "trusted_proxies[0]: has address bits beyond its length"},
		"proxy that is no network":      {func(c *Config) { c.TrustedProxies = make([]netip.Prefix, 1) }, "trusted_proxies[0]: must be a network"},
		"proxy as IPv6 of IPv4":         {func(c *Config) { c.TrustedProxies = prefixes("::ffff:10.0.0.0/104") }, "trusted_proxies[0]: must be written as an IPv4 network"},
		"log level":                     {func(c *Config) { c.Log.Level = "INFO" }, "log.level: must be one of debug, info, warn, error"},
		"log format":                    {func(c *Config) { c.Log.Format = "" }, "log.format: must be one of text, json"},
		"no header timeout":             {func(c *Config) { c.HTTP.ReadHeaderTimeout = 0 }, "http.read_header_timeout: must be from 1ms to 1h, not 0s"},
		"no read timeout":               {func(c *Config) { c.HTTP.ReadTimeout = 0 }, "http.read_timeout: must be from 1ms to 1h, not 0s"},
		"endless write timeout":         {func(c *Config) { c.HTTP.WriteTimeout = 2 * time.Hour }, "http.write_timeout: must be from 1ms to 1h, not 2h0m0s"},
		"no idle timeout":               {func(c *Config) { c.HTTP.IdleTimeout = -1 }, "http.idle_timeout: must be from 1ms to 24h, not -1ns"},
		"no request timeout":            {func(c *Config) { c.HTTP.RequestTimeout = 0 }, "http.request_timeout: must be from 1ms to 1h, not 0s"},
		"write ends before the request": {func(c *Config) { c.HTTP.WriteTimeout = time.Second }, "http.write_timeout: must not be shorter than http.request_timeout (3s)"},
		"body too small":                {func(c *Config) { c.HTTP.MaxBodyBytes = 1023 }, "http.max_body_bytes: must be from 1024 to 67108864, not 1023"},
		"headers too small":             {func(c *Config) { c.HTTP.MaxHeaderBytes = 0 }, "http.max_header_bytes: must be from 1024 to 1048576, not 0"},
		"shutdown at once":              {func(c *Config) { c.HTTP.ShutdownTimeout = 0 }, ""},
		"shutdown too long":             {func(c *Config) { c.HTTP.ShutdownTimeout = time.Hour }, "http.shutdown_timeout: must be from 0s to 10m, not 1h0m0s"},
		"no members":                    {func(c *Config) { c.Limits.MaxMembers = 0 }, "limits.max_members: must be from 1 to 10000000, not 0"},
		"too many seats":                {func(c *Config) { c.Limits.MaxSeats = 1001 }, "limits.max_seats: must be from 1 to 1000, not 1001"},
		"no admins in rooms":            {func(c *Config) { c.Limits.MaxAdmins = 0 }, ""},
		"negative admins":               {func(c *Config) { c.Limits.MaxAdmins = -1 }, "limits.max_admins: must be from 0 to 1000, not -1"},
		"negative categories":           {func(c *Config) { c.Limits.MaxCategories = -1 }, "limits.max_categories: must be from 0 to 1000, not -1"},
		"no UserSig cache":              {func(c *Config) { c.Limits.UserSigCache = 0 }, ""},
		"negative UserSig cache":        {func(c *Config) { c.Limits.UserSigCache = -1 }, "limits.user_sig_cache: must be from 0 to 10000000, not -1"},
		"offline before a ping":         {func(c *Config) { c.Client.OfflineAfter = c.Client.PingInterval }, "client.offline_after: must be longer than client.ping_interval (25s)"},
		"never a ping":                  {func(c *Config) { c.Client.PingInterval = 0 }, "client.ping_interval: must be from 1s to 1h, not 0s"},
		"messages too small":            {func(c *Config) { c.Client.MaxMessageBytes = 1 }, "client.max_message_bytes: must be from 1024 to 16777216, not 1"},
		"origins": {func(c *Config) {
			c.Client.AllowedOrigins = []string{"https://a.example", "http://localhost:3000", "capacitor://localhost", "https://[::1]:8443"}
		}, ""},
		"origin with a path":             {func(c *Config) { c.Client.AllowedOrigins = []string{"https://a.example", "https://a.example/"} }, "client.allowed_origins[1]: must be an origin"},
		"origin in capitals":             {func(c *Config) { c.Client.AllowedOrigins = []string{"https://A.example"} }, "client.allowed_origins[0]: must be an origin"},
		"origin with its own port":       {func(c *Config) { c.Client.AllowedOrigins = []string{"https://a.example:443"} }, "client.allowed_origins[0]: must be an origin"},
		"origin without scheme":          {func(c *Config) { c.Client.AllowedOrigins = []string{"a.example"} }, "client.allowed_origins[0]: must be an origin"},
		"origin with a wildcard":         {func(c *Config) { c.Client.AllowedOrigins = []string{"https://*.example"} }, "client.allowed_origins[0]: must be an origin"},
		"no batch":                       {func(c *Config) { c.Store.MaxBatch = 0 }, "store.max_batch: must be from 1 to 10000, not 0"},
		"no cache":                       {func(c *Config) { c.Store.CacheMiB = 0 }, "store.cache_mib: must be from 1 to 65536, not 0"},
		"no deliveries":                  {func(c *Config) { c.Delivery.Concurrency = 0 }, "delivery.concurrency: must be from 1 to 10000, not 0"},
		"no window":                      {func(c *Config) { c.Delivery.LaneWindow = 0 }, "delivery.lane_window: must be from 1 to 100000, not 0"},
		"negative grace":                 {func(c *Config) { c.Delivery.ShutdownGrace = -time.Second }, "delivery.shutdown_grace: must be from 0s to 10m, not -1s"},
		"no apps":                        {func(c *Config) { c.Apps = nil }, ""},
		"no SDKAppID":                    {func(c *Config) { c.Apps[0].SDKAppID = 0 }, "apps[0].sdk_app_id: is required"},
		"the same SDKAppID":              {func(c *Config) { c.Apps = append(c.Apps, c.Apps[0]) }, "apps[1].sdk_app_id: is 1400000123, as that of apps[0] already is"},
		"no secret key":                  {func(c *Config) { c.Apps[0].SecretKey = "" }, "apps[0].secret_key: is required"},
		"a secret key of 7 characters":   {func(c *Config) { c.Apps[0].SecretKey = "ééééééé" }, "apps[0].secret_key: must have at least 8 characters"},
		"a secret key of 8 characters":   {func(c *Config) { c.Apps[0].SecretKey = "12345678" }, ""},
		"a secret key with a line break": {func(c *Config) { c.Apps[0].SecretKey = "a-secret-key\n" }, "apps[0].secret_key: must not begin or end with white space"},
		"the secret key of the sample":   {func(c *Config) { c.Apps[0].SecretKey = "replace-with-a-long-random-text" }, "apps[0].secret_key: is still the text of the sample"},
		"10 admins":                      {func(c *Config) { c.Apps[0].Admins = strings.Split("abcdefghij", "") }, ""},
		"11 admins":                      {func(c *Config) { c.Apps[0].Admins = strings.Split("abcdefghijk", "") }, "apps[0].admins: must name 1 to 10 users, not 11"},
		"no app admins":                  {func(c *Config) { c.Apps[0].Admins = nil }, "apps[0].admins: must name 1 to 10 users, not 0"},
		"the same admin":                 {func(c *Config) { c.Apps[0].Admins = []string{"a", "b", "a"} }, "apps[0].admins[2]: is the same as admins[0]"},
		"an admin of 32 bytes":           {func(c *Config) { c.Apps[0].Admins = []string{strings.Repeat("a", 32)} }, ""},
		"an admin of 33 bytes":           {func(c *Config) { c.Apps[0].Admins = []string{strings.Repeat("a", 33)} }, "apps[0].admins[0]: must be a UserID"},
		"an empty admin":                 {func(c *Config) { c.Apps[0].Admins = []string{""} }, "apps[0].admins[0]: must be a UserID"},
		"an admin beyond ASCII":          {func(c *Config) { c.Apps[0].Admins = []string{"é"} }, "apps[0].admins[0]: must be a UserID"},
		"an admin with a tab":            {func(c *Config) { c.Apps[0].Admins = []string{"a\tb"} }, "apps[0].admins[0]: must be a UserID"},
		"webhook timeout too short":      {func(c *Config) { c.Apps[0].Webhook.Timeout = 999 * time.Millisecond }, "apps[0].webhook.timeout: must be from 1s to 30s, not 999ms"},
		"webhook timeout too long":       {func(c *Config) { c.Apps[0].Webhook.Timeout = 31 * time.Second }, "apps[0].webhook.timeout: must be from 1s to 30s, not 31s"},
		"retry window of 30 days":        {func(c *Config) { c.Apps[0].Webhook.RetryWindow = 720 * time.Hour }, ""},
		"retry window too long":          {func(c *Config) { c.Apps[0].Webhook.RetryWindow = 720*time.Hour + 1 }, "apps[0].webhook.retry_window: must be from 1s to 720h, not 720h0m0.000000001s"},
		"retry window too short":         {func(c *Config) { c.Apps[0].Webhook.RetryWindow = 0 }, "apps[0].webhook.retry_window: must be from 1s to 720h, not 0s"},
		"first retry at once":            {func(c *Config) { c.Apps[0].Webhook.RetryFirstDelay = 0 }, "apps[0].webhook.retry_first_delay: must be from 10ms to 1h, not 0s"},
		"retries that wait for days":     {func(c *Config) { c.Apps[0].Webhook.RetryMaxDelay = 25 * time.Hour }, "apps[0].webhook.retry_max_delay: must be from 10ms to 24h, not 25h0m0s"},
		"retries that come faster":       {func(c *Config) { c.Apps[0].Webhook.RetryMaxDelay = 500 * time.Millisecond }, "apps[0].webhook.retry_max_delay: must not be shorter than webhook.retry_first_delay (1s)"},
		"query command":                  {func(c *Config) { c.Apps[0].Webhook.DelMetadataQueryCommand = "both" }, "apps[0].webhook.del_metadata_query_command: must be one of canonical, documented"},
		"no policy for messages":         {func(c *Config) { c.Apps[0].Webhook.MessageOnNoAnswer = "" }, "apps[0].webhook.message_on_no_answer: must be one of deliver, refuse"},
		"no messages at all":             {func(c *Config) { c.Limits.RoomMessagesPerSecond = -1 }, "limits.room_messages_per_second: must be from 0 to 100000, not -1"},
		"messages without a limit":       {func(c *Config) { c.Limits.RoomMessagesPerSecond = 0 }, ""},
		"negative concurrency":           {func(c *Config) { c.Apps[0].Webhook.Concurrency = -1 }, "apps[0].webhook.concurrency: must be from 0 to 10000, not -1"},
		"retries that do not slow down":  {func(c *Config) { c.Apps[0].Webhook.RetryFactor = 0 }, "apps[0].webhook.retry_factor: must be from 1 to 10, not 0"},
		"events that are never poison":   {func(c *Config) { c.Apps[0].Webhook.PoisonAttempts = 0 }, ""},
		"a network with host bits":       {func(c *Config) { c.Apps[0].Webhook.AllowNetworks = prefixes("10.0.0.1/8") }, "apps[0].webhook.allow_networks[0]: has address bits beyond its length"},
		"no file of authorities":         {func(c *Config) { c.Apps[0].Webhook.CAFile = "/nowhere" }, "apps[0].webhook.ca_file: cannot be read"},
		"authorities that are no PEM":    {func(c *Config) { c.Apps[0].Webhook.CAFile = "validate_test.go" }, "apps[0].webhook.ca_file: holds no certificate"},
		"client key alone":               {func(c *Config) { c.Apps[0].Webhook.ClientKeyFile = "a" }, "apps[0].webhook.client_cert_file: must be set when webhook.client_key_file is set"},
		"a proxy":                        {func(c *Config) { c.Apps[0].Webhook.Proxy = "http://user:password@proxy.example:3128/" }, ""},
		"the environment's proxy":        {func(c *Config) { c.Apps[0].Webhook.Proxy = "environment" }, ""},
		"a proxy without scheme":         {func(c *Config) { c.Apps[0].Webhook.Proxy = "proxy.example:3128" }, "apps[0].webhook.proxy: must be an http:// or https:// URL"},
		"a proxy with a path":            {func(c *Config) { c.Apps[0].Webhook.Proxy = "http://proxy.example/path" }, "apps[0].webhook.proxy: must be an http:// or https:// URL"},
		"a short operator token":         {func(c *Config) { c.Operator.Token = "123456789012345" }, "operator.token: must have at least 16 characters"},
		"an operator token with blanks":  {func(c *Config) { c.Operator.Token = "1234567 901234567" }, "operator.token: must have at least 16 characters"},
		"an operator token":              {func(c *Config) { c.Operator.Token = "1234567890123456" }, ""},
		"no operator API":                {func(c *Config) { c.Operator.Networks = nil }, ""},
		"operator network":               {func(c *Config) { c.Operator.Networks = prefixes("10.0.0.1/8") }, "operator.networks[0]: has address bits beyond its length"},
		"a log of no size":               {func(c *Config) { c.DeliveryLog.MaxMiB = 0 }, "delivery_log.max_mib: must be from 1 to 1048576, not 0"},
		"no log":                         {func(c *Config) { c.DeliveryLog.Keep = 0 }, ""},
		"signing secrets": {func(c *Config) {
			c.Apps[0].Webhook.SigningSecrets = []Secret{Secret("whsec_" + base64Of(24)), Secret("whsec_" + base64Of(64))}
		}, ""},
		"signing secret of 23 bytes":    {func(c *Config) { c.Apps[0].Webhook.SigningSecrets = []Secret{Secret("whsec_" + base64Of(23))} }, "apps[0].webhook.signing_secrets[0]: must be whsec_"},
		"signing secret of 65 bytes":    {func(c *Config) { c.Apps[0].Webhook.SigningSecrets = []Secret{Secret("whsec_" + base64Of(65))} }, "apps[0].webhook.signing_secrets[0]: must be whsec_"},
		"signing secret without prefix": {func(c *Config) { c.Apps[0].Webhook.SigningSecrets = []Secret{Secret(base64Of(32))} }, "apps[0].webhook.signing_secrets[0]: must be whsec_"},
		"signing secret without padding": {func(c *Config) {
			c.Apps[0].Webhook.SigningSecrets = []Secret{Secret("whsec_" + strings.TrimRight(base64Of(25), "="))}
		}, "apps[0].webhook.signing_secrets[0]: must be whsec_"},
		"signing secret not base64": {func(c *Config) { c.Apps[0].Webhook.SigningSecrets = []Secret{"whsec_!"} }, "apps[0].webhook.signing_secrets[0]: must be whsec_"},
		"owners who may stay away": {func(c *Config) {
			c.Apps[0].Lifetime = Lifetime{Empty: time.Second, OwnerLeft: 0, OwnerOffline: 0}
		}, ""},
		"empty rooms for ever":            {func(c *Config) { c.Apps[0].Lifetime.Empty = 0 }, "apps[0].lifetime.empty: must be from 1s to 720h, not 0s"},
		"owners who left before":          {func(c *Config) { c.Apps[0].Lifetime.OwnerLeft = -1 }, "apps[0].lifetime.owner_left: must be from 0s to 720h, not -1ns"},
		"owners who may be lost for long": {func(c *Config) { c.Apps[0].Lifetime.OwnerOffline = 721 * time.Hour }, "apps[0].lifetime.owner_offline: must be from 0s to 720h, not 721h0m0s"},
		"a negative quota of rooms":       {func(c *Config) { c.Apps[0].MaxRooms = -1 }, "apps[0].max_rooms: must be from 0 to 100000000, not -1"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := validConfig()
			tc.change(c)
			err := c.Validate()
			if tc.want == "" {
				require.NoError(t, err)
				return
			}
			require.Error(t, err)
			require.Contains(t, "\n"+err.Error(), "\n"+tc.want)
			require.Len(t, err, 1, "nothing else is wrong")
		})
	}
}

// writePair writes a new certificate and its key and returns their paths.
func writePair(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	require.NoError(t, err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)

	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	require.NoError(t, os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	require.NoError(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), 0o600))
	return cert, key
}

func TestTLSFilesMustLoad(t *testing.T) {
	cert, key := writePair(t)
	_, otherKey := writePair(t)
	missing := filepath.Join(t.TempDir(), "missing.pem")

	c := Default()
	c.TLS = TLS{CertFile: cert, KeyFile: key}
	require.NoError(t, c.Validate())
	require.True(t, c.TLS.Enabled())

	c.TLS = TLS{CertFile: missing, KeyFile: missing}
	require.ErrorIs(t, c.Validate(), os.ErrNotExist)
	require.Regexp(t, `^tls\.cert_file: cannot be read: .*\ntls\.key_file: cannot be read: `, c.Validate().Error())

	c.TLS = TLS{CertFile: cert, KeyFile: otherKey}
	require.ErrorContains(t, c.Validate(), "tls: the two files are not a certificate with its key: ")
}
