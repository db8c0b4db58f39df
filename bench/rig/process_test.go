package rig

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheCPUTimeIsUserAndSystemTime(t *testing.T) {
	got, err := parseCPUTime("4711 (a name) with ) in it) S 1 4711 4711 0 -1 4194560 1021 0 0 0 150 25 7 9 20 0 8 0 88 1 2 3\n")
	require.NoError(t, err)
	require.Equal(t, 1750*time.Millisecond, got)

	for _, odd := range []string{"", "4711 (x) S 1", "1 (x) S 1 1 1 0 -1 0 0 0 0 0 many 25 7 9"} {
		_, err := parseCPUTime(odd)
		require.ErrorIs(t, err, errProc, odd)
	}
}

func TestThePeakMemoryIsInBytes(t *testing.T) {
	got, err := parsePeakMemory("Name:\tgreenroom\nVmPeak:\t  999999 kB\nVmHWM:\t   20480 kB\nVmRSS:\t   10240 kB\n")
	require.NoError(t, err)
	require.EqualValues(t, 20<<20, got)

	for _, odd := range []string{"", "VmRSS:\t 1 kB\n", "VmHWM:\t much kB\n"} {
		_, err := parsePeakMemory(odd)
		require.ErrorIs(t, err, errProc, odd)
	}
}

func TestThisProcessCanBeMeasured(t *testing.T) {
	before, err := CPUTime(os.Getpid())
	require.NoError(t, err)
	for n := 0; ; n++ { // uses the CPU until that is seen
		after, err := CPUTime(os.Getpid())
		require.NoError(t, err)
		if after > before {
			break
		}
	}
	memory, err := PeakMemory(os.Getpid())
	require.NoError(t, err)
	require.Greater(t, memory, int64(1<<20))

	_, err = CPUTime(-1)
	require.Error(t, err)
	_, err = PeakMemory(-1)
	require.Error(t, err)
}

func TestTheCPUTimeOfAFamilyHasThatOfItsChildren(t *testing.T) {
	alone, err := CPUTime(os.Getpid())
	require.NoError(t, err)
	child := exec.Command("sh", "-c", "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done")
	require.NoError(t, child.Run())
	family, err := FamilyCPUTime(os.Getpid())
	require.NoError(t, err)
	require.Greater(t, family, alone+50*time.Millisecond)
	_, err = FamilyCPUTime(1 << 30)
	require.Error(t, err)
}
