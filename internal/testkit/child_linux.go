package testkit

import (
	"os/exec"
	"syscall"
)

// diesWithThread makes the kernel kill the program when the thread that starts it is no more.
func diesWithThread(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = new(syscall.SysProcAttr)
	}
	if cmd.SysProcAttr.Pdeathsig == 0 {
		cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	}
}

// endAtOnce makes that a signal on which PostgreSQL ends its own processes too.
func endAtOnce(cmd *exec.Cmd) { cmd.SysProcAttr.Pdeathsig = syscall.SIGQUIT }
