//go:build unix

package testkit

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// pause makes a server and its processes stand still and returns which those are. They are written down in the folder for
// whoever removes it when this process is no more.
func pause(folder *watched, server int) ([]int, error) {
	// The first is the one that makes the others, so that there are no more of them afterwards.
	paused := []int{server}
	if err := syscall.Kill(server, syscall.SIGSTOP); err != nil {
		return nil, err
	}
	for _, pid := range children(server) {
		if syscall.Kill(pid, syscall.SIGSTOP) == nil {
			paused = append(paused, pid)
		}
	}
	words := strings.Trim(fmt.Sprint(paused), "[]")
	return paused, os.WriteFile(filepath.Join(folder.path, "paused"), []byte(words), 0o600)
}

// resume lets those go on that stand still.
func resume(folder *watched, paused []int) {
	_ = os.Remove(filepath.Join(folder.path, "paused"))
	for _, pid := range paused {
		_ = syscall.Kill(pid, syscall.SIGCONT)
	}
}

// children returns the processes that a process has started, where the system has /proc.
func children(parent int) (found []int) {
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it is no more
		}
		// The name is in parentheses and may have any character; the state and the parent follow.
		fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
		if len(fields) > 1 && string(fields[1]) == strconv.Itoa(parent) {
			pid, _ := strconv.Atoi(strings.Split(file, "/")[2])
			found = append(found, pid)
		}
	}
	return found
}
