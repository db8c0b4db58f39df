package testkit

import (
	"os"
	"os/exec"
	"runtime"
)

// child is a program that does not outlive this one, however this one ends: on Linux the kernel sees to that.
type child struct {
	process *os.Process
	ended   chan struct{}
	err     error // of Wait; to be read when it has ended
}

// spawn starts a program. The kernel takes the end of the thread that started a program for the end of its parent. So one
// goroutine starts it, on a thread that is its own, and waits there for it to end.
func spawn(cmd *exec.Cmd) (*child, error) {
	diesWithThread(cmd)
	c := &child{ended: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		c.process = cmd.Process
		started <- nil
		c.err = cmd.Wait()
		close(c.ended)
	}()
	return c, <-started
}

// signal sends a signal. An error means that the program has ended.
func (c *child) signal(s os.Signal) error { return c.process.Signal(s) }

// wait waits for the end and returns an error when the program was killed or did not exit with 0.
func (c *child) wait() error {
	<-c.ended
	return c.err
}
