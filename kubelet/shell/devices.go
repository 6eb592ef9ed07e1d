package shell

import (
	"crypto/rand"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"
)

// device is a file of /dev.
type device struct {
	io.Reader
	io.Writer
}

func (device) Close() error { return nil }

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

type noise struct{}

func (noise) Read(b []byte) (int, error) { return rand.Read(b) }

type empty struct{}

func (empty) Read([]byte) (int, error) { return 0, io.EOF }

type full struct{}

func (full) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

// reader hides everything but Read of a stream that is not ours to close.
type reader struct{ io.Reader }

// deviceOf is what stands behind a path of /dev; nil: no device.
func deviceOf(name string, in io.Reader, out, errs io.Writer) io.ReadWriteCloser {
	switch path.Clean(name) {
	case "/dev/null":
		return device{empty{}, io.Discard}
	case "/dev/zero":
		return device{zeros{}, io.Discard}
	case "/dev/full":
		return device{zeros{}, full{}}
	case "/dev/random", "/dev/urandom":
		return device{noise{}, io.Discard}
	case "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0": // as isInput has it
		return device{reader{in}, io.Discard}
	case "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "/proc/1/fd/1", "/dev/tty", "/dev/console":
		return device{reader{in}, out}
	case "/dev/stderr", "/dev/fd/2", "/proc/self/fd/2", "/proc/1/fd/2", "/dev/termination-log":
		return device{reader{in}, errs}
	}
	return nil
}

// isInput says whether a path is that of the input.
func isInput(name string) bool {
	return slices.Contains([]string{"/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"}, path.Clean(name))
}

// deviceInfo describes a device to test and ls.
type deviceInfo struct{ fs.FileInfo }

func (deviceInfo) Mode() fs.FileMode  { return fs.ModeDevice | fs.ModeCharDevice | 0o666 }
func (deviceInfo) IsDir() bool        { return false }
func (deviceInfo) Size() int64        { return 0 }
func (deviceInfo) ModTime() time.Time { return time.Time{} }

// open opens a device or a file of the container.
func (p *process) open(name string, flag int, perm fs.FileMode, in io.Reader, out, errs io.Writer) (io.ReadWriteCloser, error) {
	if d := deviceOf(name, in, out, errs); d != nil {
		return d, nil
	}
	if flag&(os.O_WRONLY|os.O_RDWR|os.O_CREATE|os.O_TRUNC|os.O_APPEND) == 0 {
		f, err := p.fs.Open(name)
		if err != nil {
			return nil, err
		}
		return f, nil
	}
	f, err := p.fs.Create(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// join is a name from a directory.
func join(dir, name string) string {
	if strings.HasPrefix(name, "/") || name == "" {
		return name
	}
	return strings.TrimSuffix(dir, "/") + "/" + name
}
