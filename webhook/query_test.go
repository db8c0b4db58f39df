package webhook_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/webhook"
)

func TestTheQueryIsAppendedInTheContractsOrder(t *testing.T) {
	created := webhook.Query{
		SDKAppID: 1400000123, Command: webhook.CommandAfterCreateRoom, ClientIP: "203.0.113.9", Platform: webhook.PlatformREST,
	}
	const createdQuery = "SdkAppid=1400000123&CallbackCommand=Live.CallbackAfterCreateRoom&contenttype=json&ClientIP=203.0.113.9&OptPlatform=RESTAPI"
	with := func(change func(*webhook.Query)) webhook.Query {
		q := created
		change(&q)
		return q
	}
	const hook = "https://hooks.example.net/live"

	cases := []struct {
		name       string
		query      webhook.Query
		configured string
		want       string
	}{
		{"plain", created, hook, hook + "?" + createdQuery},
		{"to a bare host", created, "http://10.0.0.1:8080", "http://10.0.0.1:8080?" + createdQuery},
		{"to a URL with a query", created, hook + "?tenant=eu1", hook + "?tenant=eu1&" + createdQuery},
		{"to an odd query, left alone", created, hook + "?a=%20;b", hook + "?a=%20;b&" + createdQuery},
		{"to a URL that ends in ?", created, hook + "?", hook + "?" + createdQuery},
		{"to a URL that ends in &", created, hook + "?tenant=eu1&", hook + "?tenant=eu1&" + createdQuery},
		{"to a URL with a fragment", created, hook + "#top", hook + "?" + createdQuery},
		{"to a URL with a query and a fragment", created, hook + "?tenant=eu1#top?", hook + "?tenant=eu1&" + createdQuery},
		{"signed", with(func(q *webhook.Query) { q.Token, q.RequestTime = "xxxxyyyy", 1669872112 }), hook, hook + "?" + createdQuery +
			"&Sign=17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061&RequestTime=1669872112"},
		{"without a token, no time", with(func(q *webhook.Query) { q.RequestTime = 1669872112 }), hook, hook + "?" + createdQuery},
		{"IPv6", with(func(q *webhook.Query) { q.ClientIP = "2001:db8::1" }), hook, hook +
			"?SdkAppid=1400000123&CallbackCommand=Live.CallbackAfterCreateRoom&contenttype=json&ClientIP=2001%3Adb8%3A%3A1&OptPlatform=RESTAPI"},
		{"a platform that an app made up", with(func(q *webhook.Query) { q.Platform = "Smart TV&Sign=1" }), hook, hook +
			"?SdkAppid=1400000123&CallbackCommand=Live.CallbackAfterCreateRoom&contenttype=json&ClientIP=203.0.113.9&OptPlatform=Smart+TV%26Sign%3D1"},
		{"by the system", webhook.Query{SDKAppID: 4294967295, Command: webhook.CommandAfterDestroyRoom}, hook, hook +
			"?SdkAppid=4294967295&CallbackCommand=Live.CallbackAfterDestroyRoom&contenttype=json&ClientIP=0.0.0.0&OptPlatform=Unknown"},
		{"member state, without the client", with(func(q *webhook.Query) { q.Command = webhook.CommandAfterMemberStateChanged }), hook, hook +
			"?SdkAppid=1400000123&CallbackCommand=Live.CallbackAfterMemberStateChanged&contenttype=json"},
		{"admin, signed, without the client", with(func(q *webhook.Query) {
			q.Command, q.Token, q.RequestTime = webhook.CommandAfterModifyAdmin, "xxxxyyyy", 1669872112
		}), hook, hook + "?SdkAppid=1400000123&CallbackCommand=Live.CallbackAfterModifyAdmin&contenttype=json" +
			"&Sign=17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061&RequestTime=1669872112"},
		{"owner, without the client", with(func(q *webhook.Query) { q.Command = webhook.CommandAfterChangeOwner }), hook, hook +
			"?SdkAppid=1400000123&CallbackCommand=Live.CallbackAfterChangeOwner&contenttype=json"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := c.query.AppendTo(c.configured)
			require.Equal(t, c.want, got)
			_, err := url.Parse(got)
			require.NoError(t, err)
		})
	}
}
