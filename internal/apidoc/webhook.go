package apidoc

import (
	"fmt"
	"reflect"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/greenroom-live/greenroom/webhook"
)

// Webhook is one command word that an app can configure.
type Webhook struct {
	webhook.Kind
	Doc     string // its page in the vendor's documentation
	Body    *Type  // nil for a switch, which is never sent
	Example jsontext.Value
}

// Word is the command word.
func (w Webhook) Word() string { return string(w.Command) }

// When says in a word whether it reports, asks or is a switch.
func (w Webhook) When() string {
	switch {
	case w.Switch:
		return "switch"
	case w.Before:
		return "before"
	}
	return "after"
}

// URL is where the webhook is posted, for an app whose URL is https://hooks.example.net/live and that has a token.
func (w Webhook) URL() string {
	q := webhook.Query{
		SDKAppID: 1400000123, Command: w.Command, ClientIP: "203.0.113.9", Platform: webhook.PlatformREST,
		Token: "Vb3kTq9ZsX", RequestTime: 1767225600,
	}
	return q.AppendTo("https://hooks.example.net/live")
}

// commandField is the first field of every body.
var commandField = Field{Name: "CallbackCommand", Doc: "The command word.", Type: &Type{Kind: text}}

func (b *builder) addWebhooks(ref *Reference, examples []Example) {
	b.sent = true
	bodies := webhookExamples(examples)
	for _, word := range webhook.Words() {
		kind, _ := webhook.Lookup(string(word))
		w := Webhook{Kind: kind, Example: bodies[word]}
		if !kind.Switch {
			t := eventType(word)
			w.Body, w.Doc = b.typeOf(string(word), t), b.source.page(t)
			w.Body.Fields = append([]Field{commandField}, w.Body.Fields...)
			if w.Body.Doc == "" || w.Doc == "" {
				b.lacks("%s: a comment on %s with the vendor's page", word, t.Name())
			}
		}
		ref.Webhooks = append(ref.Webhooks, w)
	}
	ref.Answer = b.typeOf("answer", reflect.TypeFor[webhook.Answer]())
}

// eventType is the Go type of a webhook's body.
func eventType(word webhook.Command) reflect.Type {
	event, err := webhook.Decode(fmt.Appendf(nil, `{"CallbackCommand":%q}`, word))
	if err != nil {
		panic(err) // a body that names nothing but its command is always valid
	}
	return reflect.TypeOf(event)
}

// webhookExamples picks for each webhook the first body that was recorded.
func webhookExamples(examples []Example) map[webhook.Command]jsontext.Value {
	first := make(map[webhook.Command]jsontext.Value)
	for _, e := range examples {
		for _, body := range e.Webhooks {
			var head struct{ CallbackCommand webhook.Command }
			if err := json.Unmarshal(body, &head); err == nil && first[head.CallbackCommand] == nil {
				first[head.CallbackCommand] = body
			}
		}
	}
	return first
}
