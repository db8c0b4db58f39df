package config

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFrequency(t *testing.T) {
	off, err := ParseFrequency("off")
	require.NoError(t, err)
	require.True(t, off.Off())
	require.Equal(t, Frequency{}, off, "the zero value limits nothing")

	contract, err := ParseFrequency("contract")
	require.NoError(t, err)
	require.True(t, contract.Contract())
	require.False(t, contract.Off())

	own, err := ParseFrequency("live_engine_http_srv/send_gift=7, live_engine_http_srv/create_room=1000000")
	require.NoError(t, err)
	require.False(t, own.Off())
	require.False(t, own.Contract())
	require.Equal(t, []string{"live_engine_http_srv/create_room", "live_engine_http_srv/send_gift"}, own.Commands())
	rate, ok := own.Rate("live_engine_http_srv/send_gift")
	require.True(t, ok)
	require.Equal(t, 7, rate)
	_, ok = own.Rate("live_engine_http_srv/add_gift")
	require.False(t, ok, "a command that is not named is not limited")

	for _, f := range []Frequency{off, contract, own} {
		again, err := ParseFrequency(f.String())
		require.NoError(t, err)
		require.Equal(t, f, again)
	}
}

func TestFrequencyNamesEveryMistake(t *testing.T) {
	for text, want := range map[string]string{
		"":             "must be off, contract, or calls per second by command, such as live_engine_http_srv/create_room=50",
		"on":           "must be off, contract, or calls per second by command, such as live_engine_http_srv/create_room=50",
		"a/b":          "must be off, contract, or calls per second by command, such as live_engine_http_srv/create_room=50",
		"b=1":          "a command must be written service/command, such as live_engine_http_srv/create_room",
		"a/b=0":        "a/b: calls per second must be a whole number from 1 to 1000000",
		"a/b=1000001":  "a/b: calls per second must be a whole number from 1 to 1000000",
		"a/b=1.5":      "a/b: calls per second must be a whole number from 1 to 1000000",
		"a/b=1,a/b=2":  "names a/b twice",
		"a/b=x,a/c=-1": "a/b: calls per second must be a whole number from 1 to 1000000\na/c: calls per second must be a whole number from 1 to 1000000",
	} {
		_, err := ParseFrequency(text)
		require.EqualError(t, err, want, text)
	}

	_, _, err := Load(Options{Environ: []string{"GREENROOM_LIMITS_FREQUENCY=a/b=x,a/c=-1"}})
	require.EqualError(t, err, "GREENROOM_LIMITS_FREQUENCY: limits.frequency: a/b: calls per second must be a whole number from 1 to 1000000\n"+
		"GREENROOM_LIMITS_FREQUENCY: limits.frequency: a/c: calls per second must be a whole number from 1 to 1000000")
}
