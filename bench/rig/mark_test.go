package rig

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAMarkIsFoundInWhateverBody(t *testing.T) {
	want := Mark{Room: 12, Number: 345}
	for _, body := range []string{
		`{"RoomId":"bench_12","Keys":["k_12_345"]}`,
		`{"event":"room_finished","room":{"name":"bench_12"},"id":"k_12_345"}`,
		`"k_12_345","k_1_2"`,
	} {
		got, found := FindMark([]byte(body))
		require.True(t, found, body)
		require.Equal(t, want, got, body)
	}
	for _, body := range []string{``, `{}`, `"k_"`, `"k_1"`, `"k_1_"`, `"k_1_x"`, `"k_-1_2"`, `"k_1_-2"`, `"k_1_2`, `k_1_2"`} {
		_, found := FindMark([]byte(body))
		require.False(t, found, body)
	}
	require.Equal(t, "k_12_345", want.String())
}

func TestALedgerKnowsWhatCameTwiceAndWhatCameLate(t *testing.T) {
	l := NewLedger()
	for _, step := range []struct {
		mark        Mark
		fresh, late bool
	}{
		{Mark{0, 0}, true, false},
		{Mark{0, 2}, true, false},
		{Mark{1, 0}, true, false},
		{Mark{0, 1}, true, true},
		{Mark{0, 1}, false, false},
		{Mark{0, 0}, false, false},
		{Mark{0, 3}, true, false},
		{Mark{1, 1}, true, false},
	} {
		fresh, late := l.Add(step.mark)
		require.Equal(t, step.fresh, fresh, step.mark)
		require.Equal(t, step.late, late, step.mark)
	}
	require.Equal(t, 6, l.Len())
}
