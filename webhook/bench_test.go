package webhook_test

import (
	"testing"

	"github.com/greenroom-live/greenroom/webhook"
)

func BenchmarkEncode(b *testing.B) {
	for _, s := range samples {
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := webhook.Encode(s.event); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAppendTo(b *testing.B) {
	query := webhook.Query{
		SDKAppID: app, Command: webhook.CommandAfterDelMetadata, ClientIP: "203.0.113.9", Platform: webhook.PlatformREST,
		RequestTime: now.Unix(),
	}
	signed := query
	signed.Token = token
	for name, q := range map[string]webhook.Query{"plain": query, "signed": signed} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				q.AppendTo("https://hooks.example.net/live?tenant=eu1")
			}
		})
	}
}

func BenchmarkSignature(b *testing.B) {
	body := []byte(deleted)
	b.ReportAllocs()
	for b.Loop() {
		secret.Signature("evt_1", now.Unix(), body)
	}
}
