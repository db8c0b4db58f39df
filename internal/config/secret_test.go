package config

import (
	"bytes"
	stdjson "encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

func TestASecretIsNeverPrinted(t *testing.T) {
	const hidden = "hunter2-hunter2"
	c := validConfig()
	c.Apps[0].SecretKey = hidden
	c.Apps[0].Webhook.SigningSecrets = []Secret{hidden}
	require.Equal(t, hidden, c.Apps[0].SecretKey.Reveal())

	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%08b"} {
		fmt.Fprintf(&out, verb+"\n", c.Apps[0].SecretKey)
		fmt.Fprintf(&out, verb+"\n", *c)
	}
	out.WriteString(c.Apps[0].SecretKey.String() + c.Apps[0].SecretKey.GoString())
	slog.New(slog.NewTextHandler(&out, nil)).Info("start", "key", c.Apps[0].SecretKey, "config", c)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("start", "key", c.Apps[0].SecretKey, "config", c)
	for _, marshal := range []func(any) ([]byte, error){
		func(v any) ([]byte, error) { return json.Marshal(v) }, stdjson.Marshal, yaml.Marshal,
	} {
		text, err := marshal(c.Apps[0].SecretKey)
		require.NoError(t, err)
		out.Write(text)
	}

	require.NotContains(t, out.String(), hidden)
	require.NotContains(t, out.String(), fmt.Sprintf("%x", hidden))
	require.Contains(t, out.String(), "[redacted]")
}

func TestNoErrorPrintsASecret(t *testing.T) {
	const hidden = "hunter2-hunter2"
	for _, text := range []string{
		"apps: [{sdk_app_id: 1, secret_key: ' " + hidden + "'}]",
		"apps: [{sdk_app_id: " + hidden + ", secret_key: 1400000123}]",
		"apps: [{sdk_app_id: 1, secret_key: [" + hidden + "]}]",
		"apps: [{sdk_app_id: 1, secret_key: {" + hidden + "}}]",
		"apps: [{sdk_app_id: 1, secret_key:" + hidden + "}]",
		"apps:\n- sdk_app_id: 1\n  secret_key:" + hidden,
		"apps:\n- secret_key:" + hidden,
		"apps: [{sdk_app_id: 1, secret_key: *" + hidden + "}]",
		"apps: [{sdk_app_id: 1, secret_key: !" + hidden + " x}]",
		"apps: [{sdk_app_id: 1, secret_key: @" + hidden + "}]",
		"apps: [{sdk_app_id: 1, secret_key: \"" + hidden + "}]",
		"apps: [{sdk_app_id: 1, secret_key: %" + hidden + "}]",
		"apps: [{sdk_app_id: 1, secret_key: \"" + hidden + "\\q\"}]",
		"apps: [{sdk_app_id: 1, secret_key: 1400000123, webhook: {signing_secrets: [" + hidden + "]}}]",
		"apps: [{sdk_app_id: 1, secret_key: 1400000123, webhook: {signing_secrets: " + hidden + "}}]",
		"apps: [{sdk_app_id: 1, secret_key: 1400000123, admins: [\"" + hidden + hidden + hidden + "\"]}]",
		"apps: " + hidden,
		hidden,
	} {
		_, _, err := Load(Options{File: writeFile(t, text)})
		require.Error(t, err, text)
		require.NotContains(t, err.Error(), hidden)

		_, _, err = Load(Options{Environ: []string{"GREENROOM_APPS=" + text[len("apps:"):]}})
		require.Error(t, err, text)
		require.NotContains(t, err.Error(), hidden)
	}
}
