package webhook_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/webhook"
)

// TestEveryCommandHasASample with every field set, which says what it is and comes back as it went.
func TestEveryCommandHasASample(t *testing.T) {
	at := time.UnixMilli(1767225600123)
	for _, command := range webhook.Words() {
		event, ok := webhook.Sample(command, at)
		if kind, _ := webhook.Lookup(string(command)); kind.Switch {
			require.False(t, ok, command)
			continue
		}
		require.True(t, ok, command)
		require.Equal(t, command, event.Command())
		requireSet(t, reflect.ValueOf(event), string(command))
		body, err := webhook.Encode(event)
		require.NoError(t, err, command)
		back, err := webhook.Decode(body)
		require.NoError(t, err, command)
		require.Equal(t, event, back)
		for _, alias := range mustLookup(t, command).Aliases() {
			same, ok := webhook.Sample(webhook.Command(alias), at)
			require.True(t, ok)
			require.Equal(t, event, same)
		}
		if field := reflect.ValueOf(event).FieldByName("EventTime"); field.IsValid() {
			require.Equal(t, at.UnixMilli(), field.Int(), command)
		}
	}
	_, ok := webhook.Sample("Live.CallbackAfterParty", at)
	require.False(t, ok)
}

func mustLookup(t *testing.T, command webhook.Command) webhook.Kind {
	kind, ok := webhook.Lookup(string(command))
	require.True(t, ok)
	return kind
}

// requireSet walks through a value: nothing in it may be zero or empty.
func requireSet(t *testing.T, v reflect.Value, path string) {
	t.Helper()
	require.False(t, v.IsZero(), path)
	if v.Type() == reflect.TypeFor[jsontext.Value]() {
		require.True(t, v.Interface().(jsontext.Value).IsValid(), path)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			requireSet(t, v.Field(i), path+"."+v.Type().Field(i).Name)
		}
	case reflect.Slice:
		require.NotZero(t, v.Len(), path)
		for i := range v.Len() {
			requireSet(t, v.Index(i), fmt.Sprintf("%s[%d]", path, i))
		}
	}
}

// A receiver can be tried with a sample of every event.
func ExampleSample() {
	event, _ := webhook.Sample(webhook.CommandAfterDelMetadata, time.UnixMilli(1767225600123))
	body, err := webhook.Encode(event)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(body))
	// Output:
	// {"CallbackCommand":"Live.CallbackAfterDelMetadata","Operator_Account":"dora","RoomId":"live_2048","Keys":["song","next"],"EventTime":1767225600123}
}
