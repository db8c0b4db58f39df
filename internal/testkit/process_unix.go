//go:build unix

package testkit

import (
	"syscall"

	"github.com/stretchr/testify/require"
)

// Pause makes the process stand still, with all of its connections open, until [Process.Resume].
func (p *Process) Pause() {
	p.t.Helper()
	require.NoError(p.t, p.running.signal(syscall.SIGSTOP))
}

// Resume lets a paused process go on.
func (p *Process) Resume() {
	p.t.Helper()
	require.NoError(p.t, p.running.signal(syscall.SIGCONT))
}

// Terminate tells the process to stop, as what runs services does, and does not wait for it.
func (p *Process) Terminate() {
	p.t.Helper()
	require.NoError(p.t, p.running.signal(syscall.SIGTERM))
}
