package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhoCallsACommandWronglyIsToldHowItIsCalled(t *testing.T) {
	for want, args := range map[string][]string{
		"accepts 2 arg(s), received 0\nusage: greenroom gift send ROOM GIFT --from USER --to USER[,USER...] [flags]\n(more with --help)": {"gift", "send"},
		"unknown command \"bogus\" for \"greenroom webhook token\"; see `greenroom webhook token --help`":                                {"webhook", "token", "bogus"},
		"unknown flag: --colour\nusage: greenroom room info ROOM [flags]\n(more with --help)":                                            {"room", "info", "hello", "--colour"},
	} {
		require.EqualError(t, fail(t, args...), want)
	}
}
