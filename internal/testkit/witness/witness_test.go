package witness

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/webhook"
)

// judge is a test that notes what it is failed for.
type judge struct {
	testing.TB
	verdicts []string
}

func (j *judge) Errorf(format string, args ...any) {
	j.verdicts = append(j.verdicts, fmt.Sprintf(format, args...))
}

// call makes a change and returns the value that it has written.
func call(w *Witness, err error) (value string) {
	_ = w.Change("stage", "k", func(v string) error {
		value = v
		return err
	})
	return value
}

// send sends a webhook about a value to the witness.
func send(t *testing.T, w *Witness, id, value string) {
	t.Helper()
	body, err := webhook.Encode(webhook.AfterSetMetadata{RoomID: "stage", Metadata: []webhook.Metadata{{Key: "k", Value: value}}})
	require.NoError(t, err)
	request, err := http.NewRequest(http.MethodPost, w.URL, bytes.NewReader(body))
	require.NoError(t, err)
	request.Header.Set(webhook.HeaderID, id)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
}

var errLost = errors.New("no answer")

func TestWhatAWitnessObjectsTo(t *testing.T) {
	for name, row := range map[string]struct {
		happens func(t *testing.T, w *Witness)
		verdict string // a part of it; empty when there is nothing to object to
	}{
		"all is well": {func(t *testing.T, w *Witness) {
			send(t, w, "1", call(w, nil))
			send(t, w, "2", call(w, nil))
		}, ""},
		"a call that failed happened later, or never": {func(t *testing.T, w *Witness) {
			late, never, answered := call(w, errLost), call(w, errLost), call(w, nil)
			send(t, w, "1", answered)
			send(t, w, "2", late)
			require.NotEmpty(t, never)
		}, ""},
		"an event that had been taken comes again": {func(t *testing.T, w *Witness) {
			first, second := call(w, nil), call(w, nil)
			send(t, w, "1", first)
			send(t, w, "2", second)
			send(t, w, "1", first)
			require.Equal(t, map[string]int{"stage": 1}, w.Repeated())
		}, ""},
		"reordered": {func(t *testing.T, w *Witness) {
			first, second := call(w, nil), call(w, nil)
			send(t, w, "2", second)
			send(t, w, "1", first)
		}, "out of order"},
		"a call that failed is told of before what was answered before it was made": {func(t *testing.T, w *Witness) {
			first, failed := call(w, nil), call(w, errLost)
			send(t, w, "2", failed)
			send(t, w, "1", first)
		}, "out of order"},
		"invented": {func(t *testing.T, w *Witness) { send(t, w, "1", "stage/17") }, "nobody asked"},
		"told of twice": {func(t *testing.T, w *Witness) {
			value := call(w, nil)
			send(t, w, "1", value)
			send(t, w, "2", value)
		}, "two webhooks"},
		"changed on its way": {func(t *testing.T, w *Witness) {
			send(t, w, "1", call(w, nil))
			send(t, w, "1", call(w, nil))
		}, "two bodies"},
		"sent before its turn": {func(t *testing.T, w *Witness) {
			first, second := call(w, nil), call(w, nil)
			w.Refuse(http.StatusBadGateway)
			send(t, w, "1", first)
			w.Behave(nil)
			send(t, w, "2", second)
		}, "before the one before it was taken"},
	} {
		t.Run(name, func(t *testing.T) {
			j := &judge{TB: t}
			row.happens(t, New(j))
			if row.verdict == "" {
				require.Empty(t, j.verdicts)
				return
			}
			require.Len(t, j.verdicts, 1)
			require.Contains(t, j.verdicts[0], row.verdict)
		})
	}
}

func TestWhatIsMissing(t *testing.T) {
	w := New(t)
	call(w, errLost)
	value, other := call(w, nil), call(w, nil)
	require.ElementsMatch(t, []string{value, other}, w.missing())
	send(t, w, "1", value)
	require.Equal(t, []string{other}, w.missing())
	w.Refuse(http.StatusBadGateway)
	send(t, w, "2", other)
	require.Equal(t, []string{other}, w.missing(), "it came and was not taken")
	require.Equal(t, map[string]bool{"1": true, "2": false}, w.Fates())
	w.Excuse("stage")
	require.Empty(t, w.missing())
	w.Behave(nil)
	require.Equal(t, []string{value, other}, w.Order("stage"))
	require.Equal(t, map[string]string{"k": other}, w.State("stage"))
}
