package promises

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// forbidden are ways to write an address that no app server is at: this machine, its network, a cloud's metadata.
var forbidden = []string{
	"http://127.0.0.1", "http://localhost", "http://127.1", "http://2130706433", "http://0177.0.0.1", "http://017700000001",
	"http://0x7f.1", "http://127.0.0.1.", "http://0",
	"http://[::1]", "http://[::ffff:127.0.0.1]", "http://[::ffff:7f00:1]", "http://[64:ff9b::7f00:1]", "http://[64:ff9b:1::7f00:1]",
	"http://[::127.0.0.1]", "http://[2002:7f00:1::]", "http://0.0.0.0", "http://169.254.169.254", "http://[fe80::1]",
	"http://[fd00:ec2::254]", "http://10.0.0.1", "http://172.16.0.1", "http://192.168.0.1", "http://100.64.0.1", "http://224.0.0.1",
}

// TestPrivateAddressesAreRefusedHoweverTheyAreWritten: an app without the permission cannot make this server talk to its
// own machine or network. Who reads the log learns which address it was and which settings would allow it.
func TestPrivateAddressesAreRefusedHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	settings := make([]string, len(forbidden))
	for i := range settings {
		settings[i] = "timeout: 1s, retry_first_delay: 10ms, retry_max_delay: 40ms"
	}
	w := serve(t, "log: {level: debug}", settings...)
	victim := newReceiver(t)
	at, err := url.Parse(victim.URL)
	require.NoError(t, err)
	for i, host := range forbidden {
		w.apps[i].subscribe(host + ":" + at.Port() + "/hooks")
		w.apps[i].opens("stage")
	}
	for i, host := range forbidden {
		t.Run(host, func(t *testing.T) {
			mark := strings.ReplaceAll(w.apps[i].label(), `"`, "")
			refusal := w.Log.Wait(t, mark, "webhook failed", "attempt=3 ")
			require.Contains(t, refusal, "webhook.allow_private_addresses")
			require.Contains(t, refusal, "webhook.allow_networks")
		})
	}
	require.Zero(t, victim.count().connections, "somebody was called")
}

// TestAllowedNetworksMayBeReached: the narrower of the two permissions.
func TestAllowedNetworksMayBeReached(t *testing.T) {
	t.Parallel()
	w := serve(t, "", "allow_networks: [127.0.0.0/8]", "allow_networks: [10.0.0.0/8, '::1/128'], timeout: 1s, retry_first_delay: 10ms, retry_max_delay: 40ms")
	for _, a := range w.apps {
		a.subscribe(a.server.URL)
		a.opens("stage")
	}
	w.apps[0].server.hasTaken(1)
	require.Contains(t, w.Log.Wait(t, "webhook failed", "127.0.0.1"), "webhook.allow_networks")
	require.Zero(t, w.apps[1].server.count().connections)
}
