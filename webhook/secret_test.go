package webhook_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/webhook"
)

const secretText = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func TestTheSignatureIsThatOfStandardWebhooks(t *testing.T) {
	secret, err := webhook.ParseSecret(secretText)
	require.NoError(t, err)
	// The wanted value was made with openssl dgst -sha256 -mac HMAC.
	signature := secret.Signature("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, []byte(`{"test": 2432232314}`))
	require.Equal(t, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", signature)
}

func TestTheAppsKeyIsUsedAsText(t *testing.T) {
	const key = "7f3c0e5b9a1d4826c1e0b7f59d3a64820fb1c2d3e4f5061728394a5b6c7d8e9f"
	fromKey := webhook.SecretFromKey(key)
	parsed, err := webhook.ParseSecret(fromKey.Reveal())
	require.NoError(t, err)
	require.Equal(t, fromKey.Signature("evt_1", 1767225600, []byte(`{}`)), parsed.Signature("evt_1", 1767225600, []byte(`{}`)))
	require.Equal(t, fromKey.Reveal(), parsed.Reveal())
}

func TestEveryPartIsSigned(t *testing.T) {
	secret := webhook.SecretFromKey("key")
	signature := secret.Signature("evt_1", 1767225600, []byte(`{}`))
	require.NotEqual(t, signature, secret.Signature("evt_2", 1767225600, []byte(`{}`)))
	require.NotEqual(t, signature, secret.Signature("evt_1", 1767225601, []byte(`{}`)))
	require.NotEqual(t, signature, secret.Signature("evt_1", 1767225600, []byte(`{ }`)))
	require.NotEqual(t, signature, webhook.SecretFromKey("Key").Signature("evt_1", 1767225600, []byte(`{}`)))
}

func TestParseSecretRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":        "",
		"no prefix":      strings.TrimPrefix(secretText, "whsec_"),
		"other case":     strings.ToUpper(secretText[:6]) + secretText[6:],
		"only a prefix":  "whsec_",
		"not base64":     secretText + "!",
		"no padding":     secretText + "QQ",
		"bits behind":    secretText + "QR==",
		"URL alphabet":   "whsec_-_KQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
		"under 24 bytes": secretText[:len(secretText)-4],
	} {
		t.Run(name, func(t *testing.T) {
			secret, err := webhook.ParseSecret(text)
			require.ErrorIs(t, err, webhook.ErrSecret)
			require.True(t, secret.IsZero())
			if text != "" {
				require.NotContains(t, err.Error(), text)
			}
		})
	}
}

func TestPrintingASecretDoesNotRevealIt(t *testing.T) {
	secret, err := webhook.ParseSecret(secretText)
	require.NoError(t, err)
	key := "a key that is long enough"
	type config struct{ secret webhook.Secret }
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("start", "secret", secret, "key", webhook.SecretFromKey(key))

	printed := log.String()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		printed += fmt.Sprintf(verb, secret) + fmt.Sprintf(verb, webhook.SecretFromKey(key)) +
			fmt.Sprintf(verb, config{webhook.SecretFromKey(key)}) + fmt.Sprintf(verb, &config{webhook.SecretFromKey(key)})
	}
	require.NotContains(t, printed, secretText[6:])
	require.NotContains(t, printed, key)
	require.NotContains(t, printed, fmt.Sprintf("%x", key))
	require.Contains(t, printed, "whsec_***")
	require.Equal(t, secretText, secret.Reveal())
}

func TestTheZeroSecretSignsNothing(t *testing.T) {
	require.Equal(t, webhook.Secret{}, webhook.SecretFromKey(""))
	require.True(t, webhook.Secret{}.IsZero())
	require.Empty(t, webhook.Secret{}.Signature("evt_1", 1767225600, nil))
	require.Empty(t, webhook.Secret{}.Reveal())
	require.Equal(t, "(no secret)", webhook.Secret{}.String())
}
