package main

import (
	"os"
	"os/exec"

	"golang.org/x/sys/windows"
)

// detach lets a child outlive this process and its console.
func detach(child *exec.Cmd) {
	child.SysProcAttr = &windows.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP | windows.DETACHED_PROCESS}
}

// stop ends a process. Windows knows no signal for a detached one; the store
// survives an end at any moment.
func stop(process *os.Process) error { return process.Kill() }
