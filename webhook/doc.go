// Package webhook holds the events that a live server tells an app server about, their form on the wire, and [Receiver],
// the [net/http.Handler] with which an app server takes them.
//
// # Receiving
//
// Make a [Receiver] with the app's SDKAppID and secrets, register one function per event type with [On], and mount it:
//
//	receiver, err := webhook.NewReceiver(webhook.ReceiverConfig{
//		SDKAppID: 1400000123,
//		Secrets:  []webhook.Secret{webhook.SecretFromKey(key)},
//	})
//	...
//	webhook.On(receiver, func(ctx context.Context, d webhook.Delivery, e webhook.AfterDelMetadata) error {
//		return rooms.Forget(ctx, e.RoomID, e.Keys)
//	})
//	http.Handle("/webhooks", receiver)
//
// Deliveries are repeated until they are answered OK, and arrive in order within one room. An event may come twice; the
// Receiver runs the functions once per id for as long as it remembers the id, and a function that must not act twice
// across restarts stores [Delivery.ID] with what it does.
//
// # Answering
//
// Two webhooks ask whether something may happen before it does: [BeforeSendMsg] and [BeforeSendGift]. A function registered
// with [Before] answers them.
//
// # The request
//
// A webhook is a POST of JSON to the URL that the app configured, with a query that [Query] writes. When the app has a
// callback token, the query ends in Sign and RequestTime (doc 64412), see [Sign]. They do not cover the body. The
// webhook-id, webhook-timestamp and webhook-signature headers do: they follow the Standard Webhooks specification, see
// [Secret].
//
// # Sending
//
// [Encode] writes an event's body; [Lookup] and [Words] know every command word that an app can configure; [Sample] makes an
// event of each to try a receiver with.
package webhook
