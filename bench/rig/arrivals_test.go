package rig

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestArrivalsAreMatchedWithTheCallsThatCausedThem(t *testing.T) {
	a := NewArrivals(6, 3)
	started := []time.Duration{0, 10, 20, 30, 40, 50}
	for _, i := range []int{4, 0, 5, 2, 1} {
		a.record(Body("r", a.Mark(i)), time.Duration(100+i))
	}
	require.Equal(t, Mark{Room: 1, Number: 1}, a.Mark(4))
	require.Equal(t, 1, a.Missing())
	require.Equal(t, []time.Duration{91, 82, 64, 55}, a.Since(started, 1), "the third never came")

	for _, odd := range []string{``, `{}`, `"k_3_0"`, `"k_0_2"`, `"k_0_0"`} {
		before := a.Surplus()
		a.record([]byte(odd), 1)
		require.Equal(t, before+1, a.Surplus(), odd)
	}
	require.Equal(t, 1, a.Missing())

	w := httptest.NewRecorder()
	a.ServeHTTP(w, httptest.NewRequest("POST", "/hook", bytes.NewReader(Body("r", a.Mark(3)))))
	require.Equal(t, http.StatusOK, w.Code)
	require.Zero(t, a.Missing())
	require.NoError(t, a.Await(t.Context()))
}
