package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUnknownKeysAreNamedWithTheNearestKnownOne(t *testing.T) {
	for text, want := range map[string]string{
		"listn: :1":                        "1: listn: unknown key; did you mean listen?",
		"dataDir: x":                       "1: dataDir: unknown key; did you mean data_dir?",
		"http: {idle-timeout: 1s}":         "1: http.idle-timeout: unknown key; did you mean http.idle_timeout?",
		"limits:\n  max_seat: 4":           "2: limits.max_seat: unknown key; did you mean limits.max_seats?",
		"max_seats: 4":                     "1: max_seats: unknown key; did you mean limits.max_seats?",
		"tls.cert_file: x":                 "1: tls.cert_file: unknown key; did you mean tls.cert_file?",
		"log_level: debug":                 "1: log_level: unknown key; did you mean log.level?",
		"colour: red":                      "1: colour: unknown key",
		"concurrency: 4":                   "1: concurrency: unknown key; did you mean delivery.concurrency?",
		"apps: [{sdkappid: 1}]":            "1: apps[0].sdkappid: unknown key; did you mean apps[0].sdk_app_id?",
		"apps:\n- retry_window: 1h":        "2: apps[0].retry_window: unknown key; did you mean apps[0].webhook.retry_window?",
		"apps: [{webhook: {time_out: 1}}]": "1: apps[0].webhook.time_out: unknown key; did you mean apps[0].webhook.timeout?",
	} {
		t.Run(text, func(t *testing.T) {
			file := writeFile(t, text)
			require.Contains(t, strings.Split(CheckFile(file).Error(), "\n"), file+":"+want)
		})
	}
}

func TestYAMLThatDoesNotFit(t *testing.T) {
	for text, want := range map[string]string{
		"listen: [a]":                           ":1: listen: must be one value: text",
		"http: 5s":                              ":1: http: must hold keys with their values, each as name: value",
		"- listen":                              ":1: must hold keys with their values, each as name: value",
		"just text":                             ":1: must hold keys with their values, each as name: value",
		"trusted_proxies: 10.0.0.0/8":           ":1: trusted_proxies: must be a list, such as [first, second]",
		"trusted_proxies: [[10.0.0.0/8]]":       ":1: trusted_proxies[0]: must be one value",
		"client: {allowed_origins: [~]}":        ":1: client.allowed_origins[0]: must be one value",
		"apps: {sdk_app_id: 1}":                 ":1: apps: must be a list, each element beginning with a dash",
		"listen: :1\nlisten: :2":                ":2: listen: is given twice, first on line 1",
		"limits: {frequency: [a/b]}":            ":1: limits.frequency: must be one value: off, contract or a map",
		"limits: {frequency: {a/b: [1]}}":       ":1: limits.frequency: a/b: calls per second must be a whole number from 1 to 1000000",
		"limits:\n frequency: {a/b: 1, a/b: 2}": ":2: limits.frequency: names a/b twice",
		"listen: !!binary aGk=":                 ":1: listen: has a YAML tag that is not understood; write a plain value",
		"<<: {listen: a}":                       ":1: merge keys (<<) are not understood; share a whole section with an alias instead",
		"? [a]\n: b":                            ":1: something here is not a key; is the space after a colon missing?",
		"listen: :1\n---\nlisten: :2":           ":2: a second YAML document begins here; only one is read",
		"a: 1\n b: 2":                           ":2: wrong YAML: mapping values are not allowed in this context",
		"listen: *address":                      ": wrong YAML: an alias names no anchor; put a text that begins with * into quotes",
		"a: \x00":                               ": wrong YAML: control characters are not allowed",
	} {
		t.Run(text, func(t *testing.T) {
			file := writeFile(t, text)
			require.EqualError(t, CheckFile(file), file+want)
		})
	}
}

func TestAFileMayBeEmpty(t *testing.T) {
	for _, text := range []string{"", "\n", "# nothing but a comment\n", "---\n", "~"} {
		c, _, err := Load(Options{File: writeFile(t, text)})
		require.NoError(t, err, text)
		require.Equal(t, Default(), c, text)
	}
}

func TestAppsMayShareASectionByAlias(t *testing.T) {
	c, _, err := Load(Options{File: writeFile(t, `
apps:
  - {sdk_app_id: 1, secret_key: first-secret, webhook: &hooks {timeout: 9s}}
  - {sdk_app_id: 2, secret_key: second-secret, webhook: *hooks}
`)})
	require.NoError(t, err)
	require.Equal(t, c.Apps[0].Webhook, c.Apps[1].Webhook)
	require.Equal(t, "9s", c.Apps[1].Webhook.Timeout.String())
}

func TestAnAliasInsideItselfIsOnlyAMistake(t *testing.T) {
	for _, text := range []string{"http: &a {idle_timeout: *a}", "apps: &a [*a]", "apps: [&a {webhook: *a}]", "trusted_proxies: &a [*a]"} {
		require.Error(t, CheckFile(writeFile(t, text)), text)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(string(Sample()))
	for _, text := range []string{
		"apps: [{sdk_app_id: 1, secret_key: \"hidden-secret\", admins: [a]}]", "limits: {frequency: {a/b: 1}}", "limits: {frequency: contract}",
		"trusted_proxies: [10.0.0.0/8, ::1/128]", "apps: &a [*a]", "? [a]\n: b", "a: !!binary x", "- - -", "\xff", "<<: *x", "listen: |\n  a\n",
	} {
		f.Add(text)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(dir, "greenroom.yaml")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		c, _, err := Load(Options{File: path, Environ: []string{"GREENROOM_APPS=" + text}})
		require.NotEqual(t, c == nil, err == nil, "either a configuration or an error")
		if err != nil {
			require.NotContains(t, err.Error(), "\n\n", "each mistake is one line")
			return
		}
		require.NoError(t, c.Validate())
	})
}
