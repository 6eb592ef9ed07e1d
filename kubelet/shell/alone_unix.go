//go:build unix && !linux

package shell

import (
	"os/exec"
	"syscall"
)

// alone keeps the terminal's signals from the child. It ends when its standard input does.
func alone(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
