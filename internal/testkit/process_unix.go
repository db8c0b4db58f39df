//go:build unix

package testkit

import "syscall"

// Pause makes the process stand still, with all of its connections open, until [Process.Resume].
func (p *Process) Pause() {
	p.t.Helper()
	p.signal(syscall.SIGSTOP)
}

// Resume lets a paused process go on.
func (p *Process) Resume() {
	p.t.Helper()
	p.signal(syscall.SIGCONT)
}

// Terminate tells the process to stop, as what runs services does, and does not wait for it.
func (p *Process) Terminate() {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
}
