package apidoc

import (
	"strings"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

// Envelope is what every answer has.
var Envelope = []Field{
	{Name: "ActionStatus", Doc: "OK or FAIL.", Type: &Type{Kind: text}},
	{Name: "ErrorCode", Doc: "0 when it was done; any other number says why it was refused.", Type: &Type{Kind: integer}},
	{Name: "ErrorInfo", Doc: "The reason in words; empty when it was done.", Type: &Type{Kind: text}},
	{Name: "RequestId", Doc: "Names the call to the server's operator.", Type: &Type{Kind: text}},
}

// Query is the query of every call.
var Query = []Field{
	{Name: "sdkappid", Required: true, Doc: "The app, an unsigned 32-bit number.", Type: &Type{Kind: integer}},
	{Name: "identifier", Required: true, Doc: "Who calls: an App admin of the app.", Type: &Type{Kind: text}},
	{Name: "usersig", Required: true, Doc: "The UserSig of identifier, which proves it.", Type: &Type{Kind: text}},
	{Name: "random", Doc: "Any unsigned number; not looked at further.", Type: &Type{Kind: integer}},
	{Name: "contenttype", Doc: "json.", Type: &Type{Kind: text}},
}

// intro says how a command is called, a paragraph an element.
func intro() []string {
	return []string{
		"Every command is a POST of a JSON object to /v4/{service}/{command}, made by an App admin. An object without fields, {}, " +
			"is a body too. Names are case-sensitive, fields that a command does not know are ignored, and null is as if the field " +
			"were not there.",
		"Whatever comes of a call, the HTTP status is 200; ErrorCode says whether it was done. A call that is refused has changed " +
			"nothing. What a command has to tell is under Response; the commands taken over from chat have it beside the envelope's " +
			"own fields, and a few in both places, because clients look for it there.",
		"A reply may get new fields at any time.",
	}
}

const frequencyNote = "The frequency figures are the contract's: what the vendor's cloud allows. This server has no such limits " +
	"unless its operator sets limits.frequency."

// Text is all that is said of a field: its text, its values, and whether it can be missing.
func (f Field) Text() string {
	parts := make([]string, 0, 3)
	if f.Doc != "" {
		parts = append(parts, f.Doc)
	}
	if len(f.Values) > 0 {
		parts = append(parts, "One of "+f.values("", "")+".")
	}
	return strings.Join(parts, " ")
}

// values lists the values with their meanings, each between marks.
func (f Field) values(open, close string) string {
	all := make([]string, len(f.Values))
	for i, v := range f.Values {
		all[i] = open + v.Value + close
		if v.Meaning != "" {
			all[i] += " (" + strings.TrimSuffix(v.Meaning, ".") + ")"
		}
	}
	return strings.Join(all, ", ")
}

// PayloadPlace says where in the answer a command's payload is.
func (c Command) PayloadPlace() string {
	switch {
	case c.InResponse && c.Beside:
		return "under Response, and beside the envelope's fields too"
	case c.Beside:
		return "beside the envelope's fields"
	}
	return "under Response"
}

// webhookIntro says how webhooks come, a paragraph an element.
func webhookIntro() []string {
	return []string{
		"A webhook is a POST of a JSON object to the URL that the app configured with set_callback, for each command word that it " +
			"named there. The command word is in the query and in the body; the fields of a body are in the order in which the " +
			"tables have them.",
		"After-webhooks report what has happened. They come at least once: anything but HTTP 200 with a JSON object is tried again, " +
			"for 24 hours unless the app is configured otherwise. Within a room they come in the order of the changes, one at a " +
			"time; those of no room have an order of their own in each app. The header webhook-id is the same in every attempt at " +
			"one event: use it to drop repetitions.",
		"Before-webhooks ask whether a thing may happen, and it waits for the answer, 2 seconds at most. They come once and have no " +
			"place in the order.",
		"The headers are Content-Type: application/json, User-Agent: Greenroom/<version>, and those of Standard Webhooks: " +
			"webhook-id, webhook-timestamp and webhook-signature, which covers the body.",
	}
}

// AnswerRule says what an app server's answer does.
func (w Webhook) AnswerRule() string {
	if w.Before {
		return "HTTP 200 with this object. ErrorCode is the decision."
	}
	return "HTTP 200 with any JSON object: the webhook has arrived. What it says decides nothing."
}

// Query is the query of the webhook, in its order.
func (w Webhook) Query() []Field {
	str := &Type{Kind: text}
	all := []Field{
		{Name: "SdkAppid", Doc: "The app.", Type: &Type{Kind: integer}},
		{Name: "CallbackCommand", Doc: "The command word.", Type: str},
		{Name: "contenttype", Doc: "json.", Type: str},
	}
	if !w.OmitsClient {
		all = append(all,
			Field{Name: "ClientIP", Doc: "Address of who caused it; 0.0.0.0 for what the server does by itself.", Type: str},
			Field{Name: "OptPlatform", Doc: "Where it was caused: RESTAPI, or what the client says it is: Web, Android, iOS, Windows, " +
				"Mac, iPad or Unknown.", Type: str})
	}
	return append(all,
		Field{Name: "Sign", Optional: true, Doc: "SHA-256 of token and RequestTime, in lower-case hex; only when the app has a " +
			"token that signs.", Type: str},
		Field{Name: "RequestTime", Optional: true, Doc: "Unix time in seconds; only with Sign.", Type: &Type{Kind: integer}})
}

// switchNote is about the word that is never sent.
const switchNote = "Kind: switch. It is never sent: an app that configures it gets its gifts through when " +
	"Live.CallbackBeforeSendGift has no valid answer in time. A clear refusal stops a gift all the same."

// answerNote is about before-webhooks.
const answerNote = "An answer to a before-webhook decides by ErrorCode: 0 lets it happen, 1 refuses it, and for messages 2 drops " +
	"it without telling the sender. Codes from 10100 to 10200 for messages and from 102100 to 102200 for gifts refuse it and are " +
	"passed on to the sender. Without a valid answer in 2 seconds, a gift is refused and a message is delivered, unless the app is " +
	"configured otherwise. An answer to an after-webhook decides nothing."

// Range is numbers that mean the same.
type Range struct{ First, Last live.Code }

// AppRanges are the codes of their own that app servers may refuse with.
func AppRanges() []Range {
	return []Range{{webhook.FirstMsgCode, webhook.LastMsgCode}, {webhook.FirstGiftCode, webhook.LastGiftCode}}
}
