package usersig_test

import (
	"testing"
	"time"

	"github.com/greenroom-live/greenroom/usersig"
)

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		usersig.New(1400000123, testKey, "administrator", issued, time.Hour)
	}
}

func BenchmarkVerify(b *testing.B) {
	for name, v := range map[string]vector{"stored": vectors[0], "deflated": vectors[2]} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := usersig.Verify(v.token, v.app, testKey, v.user, issued); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
