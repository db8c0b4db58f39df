package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/greenroom-live/greenroom/internal/config"
)

// maxHealthAnswer is how much of an answer is shown, in bytes.
const maxHealthAnswer = 256

func newHealthCommand() *cobra.Command {
	var file string
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask the server of this machine whether it takes calls",
		Long: `Ask the server of this machine whether it takes calls, at /readyz, and exit with 0 when it does and with 1 when not.

It finds the server by the configuration that the server has: give it the same file, environment and flags. It is
meant for the health checks of containers that have nothing else in them.`,
		Example: `  greenroom health
  greenroom health --config greenroom.yaml --timeout 2s`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, _, err := config.Load(config.Options{File: file, Environ: os.Environ(), Flags: cmd.Flags()})
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), timeout)
			defer cancel()
			answer, err := askReady(ctx, c)
			if err == nil {
				_, err = fmt.Fprintln(cmd.OutOrStdout(), answer)
			}
			return err
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "the server's configuration file")
	cmd.Flags().DurationVar(&timeout, "timeout", 5*time.Second, "how long to wait for the answer")
	config.RegisterFlags(cmd.Flags())
	return cmd
}

// askReady asks the server with that configuration whether it takes calls, and returns what it says. The certificate is not
// judged: it is for the name that others call the server by.
func askReady(ctx context.Context, c *config.Config) (string, error) {
	url, err := readyURL(c)
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return "", err
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxHealthAnswer))
	if err != nil {
		return "", fmt.Errorf("read the answer of %s: %w", url, err)
	}
	answer := onLine(strings.TrimSpace(string(text)))
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s answers %d: %s", url, resp.StatusCode, answer)
	}
	return answer, nil
}

// readyURL is where a server with that configuration says whether it takes calls, seen from its own machine.
func readyURL(c *config.Config) (string, error) {
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return "", fmt.Errorf("listen: %w", err)
	}
	if port == "0" {
		return "", errors.New("listen has port 0, so nobody can know where the server is")
	}
	if addr, err := netip.ParseAddr(host); host == "" || err == nil && addr.IsUnspecified() {
		host = "127.0.0.1"
	}
	scheme := "http"
	if c.TLS.Enabled() {
		scheme = "https"
	}
	return scheme + "://" + net.JoinHostPort(host, port) + "/readyz", nil
}
