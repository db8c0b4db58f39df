package restapi_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/client"
	"github.com/greenroom-live/greenroom/internal/restapi"
)

// TestTheGoClientHasAMethodForEveryCommand calls every method of the client, and compares the commands that arrive with
// the registry.
func TestTheGoClientHasAMethodForEveryCommand(t *testing.T) {
	var called []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		called = append(called, strings.TrimPrefix(r.URL.Path, restapi.Prefix))
		_, _ = io.WriteString(w, `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","Response":{}}`)
	}))
	defer server.Close()
	api, err := client.New(server.URL, client.WithApp(7, "a key", "administrator"))
	require.NoError(t, err)

	value := reflect.ValueOf(api)
	for i := range value.NumMethod() {
		if name := value.Type().Method(i).Name; name != "Do" {
			before := len(called)
			callWithNothing(value.Method(i))
			require.Len(t, called, before+1, name)
		}
	}

	// Second names of commands that the client knows by their first.
	aliases := []string{"live_engine_http_srv/get_room_statistic", "live_engine_http_srv/kick_user_out"}
	want := slices.DeleteFunc(restapi.Commands(), func(path string) bool { return slices.Contains(aliases, path) })
	slices.Sort(want)
	slices.Sort(called)
	require.Equal(t, want, slices.Compact(called))
}

// callWithNothing calls a method with zero values, and goes through what it returns when that is a sequence.
func callWithNothing(method reflect.Value) {
	shape := method.Type()
	args := []reflect.Value{reflect.ValueOf(context.Background())}
	for i := 1; i < shape.NumIn(); i++ {
		args = append(args, reflect.Zero(shape.In(i)))
	}
	call := method.Call
	if shape.IsVariadic() {
		call = method.CallSlice
	}
	for _, result := range call(args) {
		if result.Type().CanSeq2() && result.Kind() == reflect.Func {
			for range result.Seq2() {
			}
		}
	}
}
