package delivery_test

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/webhook"
)

// hostile are URLs that lead to this machine, its network or a metadata service, with the address that they mean.
var hostile = map[string]string{
	"http://127.0.0.1:9/":                         "127.0.0.1",
	"http://127.255.255.254:9/":                   "127.255.255.254",
	"http://localhost:9/":                         "",
	"http://LOCALHOST:9/":                         "",
	"http://localhost.:9/":                        "",
	"http://harmless.example:9/":                  "127.0.0.1",
	"http://127.0.0.1.:9/":                        "127.0.0.1",
	"http://127.0.0.1":                            "127.0.0.1",
	"http://127.0.0.1:/":                          "127.0.0.1",
	"http://127.0.0.1:0009/":                      "127.0.0.1",
	"HTTP://127.0.0.1:9?a@b":                      "127.0.0.1",
	"http://localhost:9#@public.example/":         "",
	"http://[::ffff:127.0.0.1%25lo]:9/":           "127.0.0.1",
	"http://[::ffff:0:127.0.0.1]:9/":              "::ffff:0:7f00:1",
	"http://[fec0::1]:9/":                         "fec0::1",
	"http://2130706433:9/":                        "127.0.0.1",
	"http://0177.0.0.1:9/":                        "127.0.0.1",
	"http://017700000001:9/":                      "127.0.0.1",
	"http://0x7f.1:9/":                            "127.0.0.1",
	"http://0x7f000001:9/":                        "127.0.0.1",
	"http://0X7F.0x0.0x0.0x1:9/":                  "127.0.0.1",
	"http://127.1:9/":                             "127.0.0.1",
	"http://127.0.1:9/":                           "127.0.0.1",
	"http://0:9/":                                 "0.0.0.0",
	"http://0.0.0.0:9/":                           "0.0.0.0",
	"http://[::]:9/":                              "::",
	"http://[::1]:9/":                             "::1",
	"http://[0:0:0:0:0:0:0:1]:9/":                 "::1",
	"http://[::1%25lo]:9/":                        "::1",
	"http://[::ffff:127.0.0.1]:9/":                "127.0.0.1",
	"http://[::FFFF:7F00:1]:9/":                   "127.0.0.1",
	"http://[::127.0.0.1]:9/":                     "::7f00:1",
	"http://[64:ff9b::7f00:1]/":                   "64:ff9b::7f00:1",
	"http://[64:ff9b::127.0.0.1]/":                "64:ff9b::7f00:1",
	"http://[64:ff9b:1::7f00:1]/":                 "64:ff9b:1::7f00:1",
	"http://[2002:7f00:1::]/":                     "2002:7f00:1::",
	"http://[2001:0:1:2::80ff:fffe]/":             "2001:0:1:2::80ff:fffe",
	"http://[fe80::1]/":                           "fe80::1",
	"http://[fc00::1]/":                           "fc00::1",
	"http://[ff02::1]/":                           "ff02::1",
	"http://[fd00:ec2::254]/":                     "fd00:ec2::254",
	"http://169.254.169.254/":                     "169.254.169.254",
	"http://2852039166/":                          "169.254.169.254",
	"http://0251.0376.0251.0376/":                 "169.254.169.254",
	"http://[::ffff:169.254.169.254]/":            "169.254.169.254",
	"http://100.100.100.200/":                     "100.100.100.200",
	"http://168.63.129.16/":                       "168.63.129.16",
	"http://10.0.0.1/":                            "10.0.0.1",
	"http://172.16.0.1/":                          "172.16.0.1",
	"http://192.168.0.1/":                         "192.168.0.1",
	"http://100.64.0.1/":                          "100.64.0.1",
	"http://224.0.0.1/":                           "224.0.0.1",
	"http://255.255.255.255/":                     "255.255.255.255",
	"https://127.0.0.1:9/":                        "127.0.0.1",
	"https://2130706433:9/":                       "127.0.0.1",
	"http://%EF%BC%91%EF%BC%92%EF%BC%97.0.0.1:9/": "127.0.0.1", // digits of double width
	"http://127%E3%80%820%E3%80%820%E3%80%821:9/": "127.0.0.1", // full stops of another script
}

// TestHostileAddressesAreRefusedAtDialTime: whatever the address is written as, for a webhook, for a question and for a
// test, nothing is sent and the error names the settings.
func TestHostileAddressesAreRefusedAtDialTime(t *testing.T) {
	names := newNameServer(t, func(name string, _ int) []netip.Addr {
		if name == "localhost" || name == "harmless.example" {
			return []netip.Addr{netip.MustParseAddr("127.0.0.1")}
		}
		return nil
	})
	for url, address := range hostile {
		t.Run(url, func(t *testing.T) {
			t.Parallel()
			h := newHouseWith(t, func(a *delivery.App) {
				a.AllowPrivateAddresses = false
				a.AllowNetworks = []netip.Prefix{netip.MustParsePrefix("10.99.0.0/16")}
				a.Retry.FirstDelay = time.Hour
				a.Retry.MaxDelay = time.Hour
			}, func(o *delivery.Options) { o.Resolver = names.resolver() })
			h.configure(url, "")
			h.start()
			h.deleteKey("r", "k")
			h.waitSettled(delivery.Failed, 1)
			pending, err := h.store.Pending(context.Background(), delivery.Lane{App: app, Room: "r"}, 0, 1)
			require.NoError(t, err)
			requireRefused(t, pending[0].LastError, address)
			_, err = h.ask()
			require.Error(t, err)
			requireRefused(t, err.Error(), address)
			trial, err := h.delivery.Test(context.Background(), app, webhook.CommandAfterDelMetadata, url)
			require.NoError(t, err)
			require.False(t, trial.Delivered)
			requireRefused(t, trial.Reason, address)
		})
	}
}

func requireRefused(t *testing.T, says, address string) {
	t.Helper()
	require.True(t, strings.HasPrefix(says, "the egress guard refuses the private address "+address), says)
	require.Contains(t, says, "webhook.allow_networks")
	require.Contains(t, says, "webhook.allow_private_addresses")
}

func TestANetworkCanBeAllowed(t *testing.T) {
	for network, delivered := range map[string]bool{"127.0.0.1/32": true, "127.0.0.0/8": true, "127.0.0.2/32": false, "::1/128": false} {
		h := newHouse(t, func(a *delivery.App) {
			a.AllowPrivateAddresses = false
			a.AllowNetworks = []netip.Prefix{netip.MustParsePrefix(network)}
		})
		trial, err := h.delivery.Test(context.Background(), app, webhook.CommandAfterDelMetadata, "")
		require.NoError(t, err)
		require.Equal(t, delivered, trial.Delivered, network)
		require.Equal(t, delivered, len(h.server.Requests()) == 1, network)
	}
}
