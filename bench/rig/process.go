package rig

import (
	"errors"
	"fmt"
	"io/fs"
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

// parseCPUTime reads fields 14 and 15 of a stat file.
func parseCPUTime(stat string) (time.Duration, error) { return parseTicks(stat, 11, 13) }

// parseTicks adds up fields of a stat file; the first of all counts as number 3 there. The second field is a name in parentheses,
// which may hold anything.
func parseTicks(stat string, from, to int) (time.Duration, error) {
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(fields) < to {
		return 0, fmt.Errorf("%w: %q", errProc, stat)
	}
	var ticks int64
	for _, field := range fields[from:to] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("%w: %q", errProc, stat)
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / userHZ, nil
}

// FamilyCPUTime is the CPU time of a process and of its children, those that have ended among them. It needs Linux.
func FamilyCPUTime(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("read the CPU time: %w", err)
	}
	all, err := parseTicks(string(text), 11, 15)
	if err != nil {
		return 0, err
	}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return 0, fmt.Errorf("read the children: %w", err)
	}
	for _, child := range strings.Fields(string(children)) {
		text, err := os.ReadFile("/proc/" + child + "/stat")
		if errors.Is(err, fs.ErrNotExist) {
			continue // it has just ended
		}
		if err != nil {
			return 0, fmt.Errorf("read the CPU time: %w", err)
		}
		used, err := parseCPUTime(string(text))
		if err != nil {
			return 0, err
		}
		all += used
	}
	return all, nil
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
