//go:build unix

package testkit

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// watched is a folder that is removed when it is closed, or else when this process is no more: a shell waits for the end of
// what only this process could write to it.
type watched struct {
	path string
	hold *os.File
}

// watch waits for the end of its input. Servers that live in the folder end then as well, by child; those that are stopped
// can only end when they go on. They may write for some moments, so it takes more than one attempt.
const watch = `read -r _
[ -e "$1/paused" ] && kill -CONT $(cat "$1/paused")
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	rm -rf "$1" && [ ! -e "$1" ] && exit
	sleep 0.25
done`

func newWatched() (*watched, error) {
	path, err := os.MkdirTemp("", "greenroom-test-")
	if err != nil {
		return nil, err
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer read.Close()
	shell := exec.Command("/bin/sh", "-c", watch, "sh", path)
	shell.Stdin = read
	shell.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // so that what is sent to all of the test does not reach it
	if err := shell.Start(); err != nil {
		return nil, err
	}
	go func() { _ = shell.Wait() }()
	return &watched{path: path, hold: write}, nil
}

func (w *watched) close() {
	_ = os.RemoveAll(w.path)
	_ = w.hold.Close()
}

// lesser is the user whose programs refuse to run as root: nil when this process is not root's.
func lesser() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
			gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
			if uidErr == nil && gidErr == nil {
				return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
			}
		}
	}
	return nil, fmt.Errorf("PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody")
}
