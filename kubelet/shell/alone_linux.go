package shell

import (
	"os/exec"
	"syscall"
)

// alone keeps the terminal's signals from the child, and has it die with its parent.
func alone(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
