package delivery_test

import (
	"context"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/testkit"
	"github.com/greenroom-live/greenroom/webhook"
)

var (
	allowed   = netip.MustParseAddr("127.0.0.1")
	forbidden = netip.MustParseAddr("127.0.0.2")
)

// namedHouse is a house whose app server has a name and may be called at one address only.
func namedHouse(t *testing.T, names *nameServer) *house {
	h := newHouse(t, func(a *delivery.App) {
		a.AllowPrivateAddresses, a.AllowNetworks = false, []netip.Prefix{netip.PrefixFrom(allowed, 32)}
		a.Retry.FirstDelay, a.Retry.MaxDelay = time.Hour, time.Hour
	})
	h.options = func(o *delivery.Options) { o.Resolver = names.resolver() }
	h.reopen()
	at, err := url.Parse(h.server.URL)
	require.NoError(t, err)
	h.configure("http://hooks.example:"+at.Port()+"/", "")
	// Every webhook makes a connection of its own.
	h.server.Answer(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close")
		_, _ = io.WriteString(w, testkit.Success)
	})
	return h
}

// TestANameThatResolvesToAnotherAddressLaterIsRefused: a name that was harmless when it was first looked up leads nowhere
// when it answers with a private address afterwards.
func TestANameThatResolvesToAnotherAddressLaterIsRefused(t *testing.T) {
	names := newNameServer(t, func(_ string, n int) []netip.Addr {
		if n == 1 {
			return []netip.Addr{allowed}
		}
		return []netip.Addr{forbidden}
	})
	h := namedHouse(t, names)
	h.start()
	h.deleteKey("r", "harmless")
	h.waitSettled(delivery.Delivered, 1)
	h.deleteKey("r", "rebound")
	h.waitSettled(delivery.Failed, 1)
	pending, err := h.store.Pending(context.Background(), delivery.Lane{App: app, Room: "r"}, 0, 1)
	require.NoError(t, err)
	requireRefused(t, pending[0].LastError, forbidden.String())
	_, err = h.ask()
	requireRefused(t, err.Error(), forbidden.String())
	require.Len(t, h.server.Requests(), 1)
}

// TestANameIsResolvedOnceForAConnection: there is no second look-up between the check and the call that could answer
// otherwise. The name server changes its mind with every question.
func TestANameIsResolvedOnceForAConnection(t *testing.T) {
	names := newNameServer(t, func(_ string, n int) []netip.Addr {
		if n%2 == 1 {
			return []netip.Addr{allowed}
		}
		return []netip.Addr{forbidden}
	})
	h := namedHouse(t, names)
	for n := 1; n <= 6; n++ {
		trial, err := h.delivery.Test(context.Background(), app, webhook.CommandAfterDelMetadata, "")
		require.NoError(t, err)
		require.Equal(t, n, names.questions("hooks.example"))
		require.Equal(t, n%2 == 1, trial.Delivered, trial.Reason)
		require.Len(t, h.server.Requests(), (n+1)/2)
	}
}

// TestOfTheAddressesOfANameOnlyAllowedOnesAreCalled in whatever order they come.
func TestOfTheAddressesOfANameOnlyAllowedOnesAreCalled(t *testing.T) {
	names := newNameServer(t, func(_ string, n int) []netip.Addr {
		return [][]netip.Addr{{forbidden, allowed}, {allowed, forbidden}, {forbidden, netip.MustParseAddr("169.254.169.254")}}[(n-1)%3]
	})
	h := namedHouse(t, names)
	for n := range 3 {
		trial, err := h.delivery.Test(context.Background(), app, webhook.CommandAfterDelMetadata, "")
		require.NoError(t, err)
		require.Equal(t, n < 2, trial.Delivered, trial.Reason)
	}
	require.Len(t, h.server.Requests(), 2)
}

func TestANameThatDoesNotExist(t *testing.T) {
	h := namedHouse(t, newNameServer(t, func(string, int) []netip.Addr { return nil }))
	_, err := h.ask()
	require.EqualError(t, err, "the name hooks.example does not exist")
}
