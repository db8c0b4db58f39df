package webhook_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/webhook"
)

func TestSignIsTheHashOfTokenAndTime(t *testing.T) {
	for _, c := range []struct {
		token string
		time  int64
		sign  string
	}{
		{"xxxxyyyy", 1669872112, "17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061"}, // doc 64412
		{"Vb3kTq9ZsX", 1767225600, "13a511fbd7f94783154cba9f46ebd9bbe2f4f308932910fb6a2c6b7d0738a56f"},
		{strings.Repeat("c0ffee5eed", 12) + "c0ffee5e", 1767225600, "ad296ceb06b1996996968a856178a37917100d3783b14b31701d9c9bf9d63c51"},
	} {
		require.Equal(t, c.sign, webhook.Sign(c.token, c.time))
	}
}
