package delivery_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/testkit"
	"github.com/greenroom-live/greenroom/webhook"
)

// TestARedirectIsNotFollowedAndNotADelivery: neither as a GET nor as a POST, whichever redirect it is; the event is sent to
// its own URL again.
func TestARedirectIsNotFollowedAndNotADelivery(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			elsewhere := testkit.NewAppServer(t)
			requireFailure(t, status, func(w http.ResponseWriter) { w.Header().Set("Location", elsewhere.URL+"/moved") })
			require.Empty(t, elsewhere.Requests())
		})
	}
}

// TestAnAnswerThatIsNot200IsAFailure: also when its body says that all is well.
func TestAnAnswerThatIsNot200IsAFailure(t *testing.T) {
	for _, status := range []int{201, 202, 204, 206, 304, 400, 401, 403, 404, 405, 409, 418, 429, 500, 502, 503, 504, 599} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			requireFailure(t, status, func(http.ResponseWriter) {})
		})
	}
}

// requireFailure checks that an answer of that status delivers nothing: the event comes again, and only then the next one.
func requireFailure(t *testing.T, status int, head func(http.ResponseWriter)) {
	h := newHouse(t, nil)
	h.server.Answer(func(w http.ResponseWriter, _ *http.Request) {
		head(w)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, testkit.Success)
	})
	trial, err := h.delivery.Test(context.Background(), app, webhook.CommandAfterDelMetadata, "")
	require.NoError(t, err)
	require.False(t, trial.Delivered)
	require.Equal(t, fmt.Sprintf("the answer's HTTP status is %d, not 200", status), trial.Reason)

	h.start()
	h.deleteKey("r", "first")
	h.deleteKey("r", "second")
	h.server.Wait(3)
	h.server.Answer(nil)
	h.waitSettled(delivery.Delivered, 2)
	requests := h.server.Requests()[1:]
	for i, r := range requests {
		require.Equal(t, http.MethodPost, r.Method)
		require.Equal(t, i == len(requests)-1, r.Field(t, "Keys").([]any)[0] == "second")
	}
	require.Equal(t, requests[0].ID(), requests[len(requests)-2].ID())
}
