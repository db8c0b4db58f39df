package rig

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// userHZ is the unit of the CPU times in /proc: ticks a second, the same on every Linux that Go runs on.
const userHZ = 100

// CPUTime is the CPU time that a process has used so far, in user mode and in the kernel, to 10 ms. It needs Linux.
func CPUTime(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("read the CPU time: %w", err)
	}
	return parseCPUTime(string(text))
}

var errProc = errors.New("/proc says something unexpected")

// parseCPUTime reads fields 14 and 15 of a stat file. The second field is a name in parentheses, which may hold anything.
func parseCPUTime(stat string) (time.Duration, error) {
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(fields) < 13 {
		return 0, fmt.Errorf("%w: %q", errProc, stat)
	}
	var ticks int64
	for _, field := range fields[11:13] { // the first of fields is number 3
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("%w: %q", errProc, stat)
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / userHZ, nil
}

// PeakMemory is the most memory that a process has had resident so far, in bytes. It needs Linux.
func PeakMemory(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("read the peak memory: %w", err)
	}
	return parsePeakMemory(string(text))
}

func parsePeakMemory(status string) (int64, error) {
	for line := range strings.Lines(status) {
		value, found := strings.CutPrefix(line, "VmHWM:")
		if !found {
			continue
		}
		kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("%w: %q", errProc, line)
		}
		return kib << 10, nil
	}
	return 0, fmt.Errorf("%w: no VmHWM", errProc)
}
