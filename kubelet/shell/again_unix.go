//go:build unix

package shell

import (
	"io"
	"os"
	"syscall"
)

// again is the input once more, for whoever closes it: what they do not read is left for the next.
func again(in *os.File) (io.ReadWriteCloser, error) {
	c, err := in.SyscallConn()
	if err != nil {
		return nil, err
	}
	var fd int
	var failed error
	err = c.Control(func(of uintptr) { // the file's own descriptor stays one that does not block
		if fd, failed = syscall.Dup(int(of)); failed == nil {
			syscall.CloseOnExec(fd)
		}
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), in.Name()), nil
}
