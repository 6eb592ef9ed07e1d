//go:build unix

package process

import (
	"os"
	"os/exec"
	"syscall"
)

// Detach lets a child outlive this process and its terminal.
func Detach(child *exec.Cmd) { child.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }

// Stop asks a process to end cleanly.
func Stop(process *os.Process) error { return process.Signal(syscall.SIGTERM) }
