package config

import (
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/greenroom-live/greenroom/webhook"
)

// ProxyFromEnvironment is the value of webhook.proxy that leaves it to the environment.
const ProxyFromEnvironment = "environment"

func (w Webhook) mistakes() Mistakes {
	var found Mistakes
	if w.RetryMaxDelay < w.RetryFirstDelay {
		found = append(found, wrong("webhook.retry_max_delay", "must not be shorter than webhook.retry_first_delay (%s)", w.RetryFirstDelay))
	}
	for i, secret := range w.SigningSecrets {
		if !isSigningSecret(secret.Reveal()) {
			found = append(found, wrong(fmt.Sprintf("webhook.signing_secrets[%d]", i),
				"must be whsec_ and 24 to %d bytes in padded base64", maxSigningBytes))
		}
	}
	found = append(found, networkMistakes("webhook.allow_networks", w.AllowNetworks)...)
	if err := checkCA(w.CAFile); err != nil {
		found = append(found, wrong("webhook.ca_file", "%w", err))
	}
	found = append(found, pairMistakes("webhook", "webhook.client_cert_file", w.ClientCertFile,
		"webhook.client_key_file", w.ClientKeyFile)...)
	if !isProxy(w.Proxy.Reveal()) {
		found = append(found, wrong("webhook.proxy",
			"must be an http:// or https:// URL of a proxy, without a path, or the word %s", ProxyFromEnvironment))
	}
	return found
}

func isSigningSecret(text string) bool {
	if _, err := webhook.ParseSecret(text); err != nil {
		return false
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, "whsec_"))
	return err == nil && len(key) <= maxSigningBytes
}

func checkCA(file string) error {
	if file == "" {
		return nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("cannot be read: %w", err)
	}
	if !x509.NewCertPool().AppendCertsFromPEM(text) {
		return errors.New("holds no certificate in PEM form")
	}
	return nil
}

func isProxy(text string) bool {
	if text == "" || text == ProxyFromEnvironment {
		return true
	}
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && strings.Trim(u.Path, "/") == "" &&
		u.RawQuery == "" && u.Fragment == ""
}
