package process

import (
	"os"
	"os/exec"

	"golang.org/x/sys/windows"
)

// Detach lets a child outlive this process and its console.
func Detach(child *exec.Cmd) {
	child.SysProcAttr = &windows.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP | windows.DETACHED_PROCESS}
}

// Stop ends a process. Windows knows no signal for a detached one; the store
// survives an end at any moment.
func Stop(process *os.Process) error { return process.Kill() }
