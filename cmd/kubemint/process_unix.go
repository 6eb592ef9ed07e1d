//go:build unix

package main

import (
	"os"
	"os/exec"
	"syscall"
)

// detach lets a child outlive this process and its terminal.
func detach(child *exec.Cmd) { child.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }

// stop asks a process to end cleanly.
func stop(process *os.Process) error { return process.Signal(syscall.SIGTERM) }
