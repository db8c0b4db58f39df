package config

import (
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"
)

// writeFile puts text into a new greenroom.yaml and returns its path.
func writeFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "greenroom.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func parseFlags(t *testing.T, args ...string) *pflag.FlagSet {
	t.Helper()
	flags := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	flags.String("config", "", "")
	RegisterFlags(flags)
	require.NoError(t, flags.Parse(args))
	return flags
}

func TestALaterLayerWins(t *testing.T) {
	tests := map[string]struct {
		get                  func(*Config) any
		file, variable, flag string
		want                 [4]any // by default, file, environment, flag
	}{
		"text": {
			get:  func(c *Config) any { return c.Listen },
			file: "listen: :1", variable: "GREENROOM_LISTEN=:2", flag: "--listen=:3",
			want: [4]any{"127.0.0.1:8700", ":1", ":2", ":3"},
		},
		"duration": {
			get:  func(c *Config) any { return c.HTTP.IdleTimeout },
			file: "http: {idle_timeout: 1s}", variable: "GREENROOM_HTTP_IDLE_TIMEOUT=2s", flag: "--http-idle-timeout=3s",
			want: [4]any{2 * time.Minute, time.Second, 2 * time.Second, 3 * time.Second},
		},
		"number": {
			get:  func(c *Config) any { return c.Limits.MaxSeats },
			file: "limits: {max_seats: 1}", variable: "GREENROOM_LIMITS_MAX_SEATS=2", flag: "--limits-max-seats=3",
			want: [4]any{16, 1, 2, 3},
		},
		"word": {
			get:  func(c *Config) any { return c.Log.Level },
			file: "log: {level: debug}", variable: "GREENROOM_LOG_LEVEL=warn", flag: "--log-level=error",
			want: [4]any{"info", "debug", "warn", "error"},
		},
		"list": {
			get:  func(c *Config) any { return c.TrustedProxies },
			file: "trusted_proxies: [10.1.0.0/16, 10.2.0.0/16]", variable: "GREENROOM_TRUSTED_PROXIES=::1/128", flag: "--trusted-proxies=10.3.0.0/16, 10.4.0.0/16",
			want: [4]any{
				[]netip.Prefix(nil),
				[]netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("10.2.0.0/16")},
				[]netip.Prefix{netip.MustParsePrefix("::1/128")},
				[]netip.Prefix{netip.MustParsePrefix("10.3.0.0/16"), netip.MustParsePrefix("10.4.0.0/16")},
			},
		},
		"frequency": {
			get:  func(c *Config) any { return c.Limits.Frequency.String() },
			file: "limits: {frequency: {a/b: 5, a/c: 6}}", variable: "GREENROOM_LIMITS_FREQUENCY=contract", flag: "--limits-frequency=x/y=7,v/w=8",
			want: [4]any{"off", "a/b=5,a/c=6", "contract", "v/w=8,x/y=7"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			file := writeFile(t, tc.file)
			layers := []Options{
				{Flags: parseFlags(t)},
				{File: file, Flags: parseFlags(t)},
				{File: file, Environ: []string{tc.variable}, Flags: parseFlags(t)},
				{File: file, Environ: []string{tc.variable}, Flags: parseFlags(t, tc.flag)},
			}
			for i, opts := range layers {
				c, warnings, err := Load(opts)
				require.NoError(t, err)
				require.Empty(t, warnings)
				require.Equal(t, tc.want[i], tc.get(c), "layer %d", i)
			}
		})
	}
}

func TestALayerChangesOnlyItsKeys(t *testing.T) {
	file := writeFile(t, "http:\n  idle_timeout: 7s\n  read_timeout: 8s\n")
	c, _, err := Load(Options{File: file, Environ: []string{"GREENROOM_HTTP_READ_TIMEOUT=9s"}})
	require.NoError(t, err)

	want := Default()
	want.HTTP.IdleTimeout, want.HTTP.ReadTimeout = 7*time.Second, 9*time.Second
	require.Equal(t, want, c)
}

func TestAnEmptyVariableOrKeyIsNotSet(t *testing.T) {
	file := writeFile(t, "listen: :1\ndata_dir:\nhttp:\nlog: {level: ~}\napps:\n")
	c, warnings, err := Load(Options{File: file, Environ: []string{"GREENROOM_LISTEN=", "GREENROOM_APPS="}})
	require.NoError(t, err)
	require.Empty(t, warnings)

	want := Default()
	want.Listen = ":1"
	require.Equal(t, want, c)
}

func TestAFlagEmptiesAList(t *testing.T) {
	file := writeFile(t, "trusted_proxies: [10.0.0.0/8]\n")
	c, _, err := Load(Options{File: file, Flags: parseFlags(t, "--trusted-proxies=")})
	require.NoError(t, err)
	require.Empty(t, c.TrustedProxies)
}

func TestEveryKeyHasAVariableAndAFlag(t *testing.T) {
	set := map[string]string{
		"whole number": "1024", "duration": "30m", "list of networks": "10.0.0.0/8", "list of texts": "https://a.example",
		"off, contract or a map": "contract", "secret text": "a-token-of-some-length",
	}
	for _, k := range leaves(configKeys) {
		text := set[k.typeName()]
		switch {
		case k.shape == items || strings.HasPrefix(k.path, "tls."):
			continue
		case len(k.choices) > 0:
			text = k.choices[len(k.choices)-1]
		case k.typeName() == "text":
			text = ":9"
		case strings.HasSuffix(k.path, "shutdown_timeout"), strings.HasSuffix(k.path, "shutdown_grace"):
			text = "1m"
		case slices.Contains([]string{
			"limits.max_seats", "limits.max_admins", "limits.max_robots", "limits.max_categories", "limits.max_battle_rooms",
			"delivery_log.max_mib", "delivery_log.answer_bytes", "database.writers", "database.max_batch",
		}, k.path):
			text = "7"
		case k.path == "database.max_connections":
			text = "30"
		case k.path == "database_url":
			text = "postgres://somebody@db.example/greenroom"
		case k.path == "redis_url":
			text = "rediss://redis.example:6380/1"
		}
		// These two are bound to each other; the one alone would be a mistake.
		environ := []string{"GREENROOM_HTTP_WRITE_TIMEOUT=40m", "GREENROOM_CLIENT_OFFLINE_AFTER=40m"}
		if k.path == "redis_url" { // is of no use alone
			environ = append(environ, "GREENROOM_DATABASE_URL=postgres://db.example/greenroom")
		}

		fromEnv, warnings, err := Load(Options{Environ: append(environ, k.variable()+"="+text)})
		require.NoError(t, err, k.path)
		require.Empty(t, warnings, k.path)
		fromFlag, _, err := Load(Options{Environ: environ, Flags: parseFlags(t, "--"+k.flag()+"="+text)})
		require.NoError(t, err, k.path)
		require.Equal(t, fromEnv, fromFlag, k.path)
		neither, _, err := Load(Options{Environ: environ})
		require.NoError(t, err)
		require.NotEqual(t, neither, fromEnv, k.path)
	}
}

func TestFlagsOfOthersAreIgnored(t *testing.T) {
	flags := pflag.NewFlagSet("other", pflag.ContinueOnError)
	flags.String("listen", "", "somebody else's")
	require.NoError(t, flags.Parse([]string{"--listen=nonsense"}))

	c, _, err := Load(Options{Flags: flags})
	require.NoError(t, err)
	require.Equal(t, Default(), c)
}

func TestAppsFromTheFile(t *testing.T) {
	file := writeFile(t, `
apps:
  - sdk_app_id: 1400000123
    secret_key: 0123456789
    admins: [boss, administrator]
    require_imported_accounts: true
    max_rooms: 500
    lifetime: {empty: 10m, owner_left: 2m, owner_offline: 0s}
    webhook:
      allow_private_addresses: true
      timeout: 5s
      retry_window: 1h
      retry_first_delay: 2s
      retry_factor: 3
      retry_max_delay: 1m
      poison_attempts: 4
      retry_on_fail: true
      allow_networks: [10.20.0.0/16]
      proxy: http://proxy.example.net:3128
      del_metadata_query_command: documented
      signing_secrets: [whsec_`+base64Of(24)+`, whsec_`+base64Of(64)+`]
      concurrency: 8
  - {sdk_app_id: 20005678, secret_key: another-secret}
`)
	c, _, err := Load(Options{File: file})
	require.NoError(t, err)

	second := DefaultApp()
	second.SDKAppID, second.SecretKey = 20005678, "another-secret"
	require.Equal(t, []App{{
		SDKAppID: 1400000123, SecretKey: "0123456789", Admins: []string{"boss", "administrator"}, RequireImportedAccounts: true,
		MaxRooms: 500, Lifetime: Lifetime{Empty: 10 * time.Minute, OwnerLeft: 2 * time.Minute},
		Webhook: Webhook{
			AllowPrivateAddresses: true, Timeout: 5 * time.Second, RetryWindow: time.Hour, RetryFirstDelay: 2 * time.Second,
			RetryMaxDelay: time.Minute, RetryFactor: 3, PoisonAttempts: 4, RetryOnFail: true,
			AllowNetworks: []netip.Prefix{netip.MustParsePrefix("10.20.0.0/16")}, Proxy: "http://proxy.example.net:3128",
			DelMetadataQueryCommand: "documented", MessageOnNoAnswer: "deliver",
			SigningSecrets: []Secret{Secret("whsec_" + base64Of(24)), Secret("whsec_" + base64Of(64))}, Concurrency: 8,
		},
	}, second}, c.Apps)
}

func TestAppsFromTheEnvironmentReplaceTheFiles(t *testing.T) {
	want := DefaultApp()
	want.SDKAppID, want.SecretKey, want.Webhook.Timeout = 20005678, "from-environment", 3*time.Second
	file := writeFile(t, "apps: [{sdk_app_id: 1400000123, secret_key: from-the-file}, {sdk_app_id: 1400000124, secret_key: from-the-file}]")
	for name, text := range map[string]string{
		"JSON": `[{"sdk_app_id": 20005678, "secret_key": "from-environment", "webhook": {"timeout": "3s"}}]`,
		"YAML": "- sdk_app_id: 20005678\n  secret_key: from-environment\n  webhook: {timeout: 3s}\n",
	} {
		t.Run(name, func(t *testing.T) {
			c, _, err := Load(Options{File: file, Environ: []string{"GREENROOM_APPS=" + text}})
			require.NoError(t, err)
			require.Equal(t, []App{want}, c.Apps)
		})
	}
}

func TestVariablesThatSetNothingAreWarnings(t *testing.T) {
	c, warnings, err := Load(Options{Environ: []string{
		"GREENROOM_PORT=tcp://10.0.0.1:8700", "GREENROOM_SERVICE_HOST=10.0.0.1", "GREENROOM_LISTN=:1", "GREENROOM_HTTP_IDLETIMEOUT=1s",
		"GREENROOM_CLI_SERVER=http://127.0.0.1:8700", "PATH=/bin", "GREENROOM", "greenroom_listen=:2",
	}})
	require.NoError(t, err)
	require.Equal(t, Default(), c)
	require.Equal(t, []string{
		"the environment variable GREENROOM_HTTP_IDLETIMEOUT sets nothing; did you mean GREENROOM_HTTP_IDLE_TIMEOUT?",
		"the environment variable GREENROOM_LISTN sets nothing; did you mean GREENROOM_LISTEN?",
		"the environment variable GREENROOM_PORT sets nothing",
		"the environment variable GREENROOM_SERVICE_HOST sets nothing",
	}, warnings)
}

func TestAllMistakesAreNamedAtOnceWithTheirPlaces(t *testing.T) {
	file := writeFile(t, `listen: nowhere
lisen: :1
http:
  idle_timeout: 5
  max_body_bytes: many
limits:
  max_seats: 0
  frequency: {create_room: 5, a/b: 0, c/d: 9}
trusted_proxies:
  - 10.0.0.1
  - 10.0.0.1/8
apps:
  - sdk_app_id: 1
    secret_key: short
    webhook: {timeout: 31s, retry: 1}
  - secret_key: long-enough
`)
	c, warnings, err := Load(Options{
		File:    file,
		Environ: []string{"GREENROOM_STORE_MAX_BATCH=0", "GREENROOM_LOG_LEVEL=loud", "GREENROOM_X=1"},
		Flags:   parseFlags(t, "--log-format=xml", "--client-ping-interval=often"),
	})
	require.Nil(t, c)
	require.Len(t, warnings, 1)
	require.ElementsMatch(t, []string{
		file + ":1: listen: must be host:port, such as 127.0.0.1:8700 or :8700, with a port from 0 to 65535",
		file + ":2: lisen: unknown key; did you mean listen?",
		file + ":4: http.idle_timeout: must be a duration with its unit, such as 500ms, 30s, 10m or 24h",
		file + ":5: http.max_body_bytes: must be a whole number in digits",
		file + ":7: limits.max_seats: must be from 1 to 1000, not 0",
		file + ":8: limits.frequency: a command must be written service/command, such as live_engine_http_srv/create_room",
		file + ":8: limits.frequency: a/b: calls per second must be a whole number from 1 to 1000000",
		file + ":10: trusted_proxies[0]: must be a network in CIDR form: write 10.0.0.1/32 for this one address",
		file + ":11: trusted_proxies[1]: has address bits beyond its length: write 10.0.0.0/8 for the network or 10.0.0.1/32 for one address",
		file + ":14: apps[0].secret_key: must have at least 8 characters",
		file + ":15: apps[0].webhook.timeout: must be from 1s to 30s, not 31s",
		file + ":15: apps[0].webhook.retry: unknown key",
		file + ":16: apps[1].sdk_app_id: is required",
		"GREENROOM_STORE_MAX_BATCH: store.max_batch: must be from 1 to 10000, not 0",
		"GREENROOM_LOG_LEVEL: log.level: must be one of debug, info, warn, error",
		"--log-format: log.format: must be one of text, json",
		"--client-ping-interval: client.ping_interval: must be a duration with its unit, such as 500ms, 30s, 10m or 24h",
	}, strings.Split(err.Error(), "\n"))
}

func TestAMistakeNamesTheLayerThatItsValueCameFrom(t *testing.T) {
	file := writeFile(t, "client:\n  allowed_origins: [https://a.example, nonsense]\napps: [{sdk_app_id: 1, secret_key: long-enough}]\n")
	_, _, err := Load(Options{
		File:    file,
		Environ: []string{"GREENROOM_CLIENT_ALLOWED_ORIGINS=https://a.example,nonsense", "GREENROOM_APPS=- sdk_app_id: 2\n  secret_key: short"},
	})
	lines := strings.Split(err.Error(), "\n")
	require.Len(t, lines, 2)
	require.True(t, strings.HasPrefix(lines[0], "GREENROOM_CLIENT_ALLOWED_ORIGINS: client.allowed_origins[1]: "), lines[0])
	require.Equal(t, "GREENROOM_APPS:2: apps[0].secret_key: must have at least 8 characters", lines[1])
}

func TestAWrongListOfAppsInTheEnvironment(t *testing.T) {
	for text, want := range map[string]string{
		"[{sdk_app_id: 1":                      "GREENROOM_APPS:1: apps: wrong YAML: did not find expected ',' or '}'",
		"text":                                 "GREENROOM_APPS:1: apps: must be a list, each element beginning with a dash",
		"[5]":                                  "GREENROOM_APPS:1: apps[0]: must hold keys with their values, each as name: value",
		"[{sdk_app_id: 1, secret_key: short}]": "GREENROOM_APPS:1: apps[0].secret_key: must have at least 8 characters",
	} {
		_, _, err := Load(Options{Environ: []string{"GREENROOM_APPS=" + text}})
		require.ErrorContains(t, err, want)
		require.Contains(t, err.Error(), "GREENROOM_APPS")
	}
}

func TestAFileThatCannotBeRead(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.yaml")
	_, _, err := Load(Options{File: missing, Environ: []string{"GREENROOM_LISTEN=nowhere"}})
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, missing+": cannot be read: no such file or directory\n")
	require.ErrorContains(t, err, "GREENROOM_LISTEN: listen: ")

	folder := t.TempDir()
	require.ErrorContains(t, CheckFile(folder), folder+": cannot be read: ")

	large := writeFile(t, strings.Repeat("# comment\n", maxFileBytes/10+1))
	require.EqualError(t, CheckFile(large), large+": is larger than 1048576 bytes")
}

func TestCheckFileLeavesTheEnvironmentOut(t *testing.T) {
	t.Setenv("GREENROOM_LISTEN", "nowhere")
	require.NoError(t, CheckFile(writeFile(t, "listen: :1\n")))
}
