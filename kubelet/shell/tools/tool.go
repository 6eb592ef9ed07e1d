package tools

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"path"
	"strings"
	"syscall"
	"time"

	"github.com/kubemint/kubemint/internal/vault"
	"github.com/kubemint/kubemint/kubelet/image"
	"github.com/kubemint/kubemint/kubelet/shell/rootfs"
)

// Tool is one command. It returns its exit code and stops soon after ctx ends.
type Tool func(ctx context.Context, c *Call) int

// Call is one run of a command. Args[0] is the name it was called by.
type Call struct {
	Args     []string
	In       io.Reader
	Out, Err io.Writer
	Dir      string // the working directory, absolute
	Environ  []string
	FS       *rootfs.FS
	// Open opens a path for reading or writing, devices such as /dev/stdin included; flag is what
	// os.OpenFile takes.
	Open func(name string, flag int, perm fs.FileMode) (io.ReadWriteCloser, error)
	Host Host
	// Run runs another command with these streams, as sh, xargs and find -exec do.
	Run func(ctx context.Context, c *Call) int
}

// Host is what lies outside of the container.
type Host interface {
	Now(ctx context.Context) time.Time // of the cluster
	Sleep(ctx context.Context, d time.Duration) error
	Dial(ctx context.Context, hostPort string) (net.Conn, error)
	Kubectl(ctx context.Context, k Kubectl, out, errs io.Writer) (code int, err error)
	Vault(ctx context.Context, q vault.Request) (vault.Answer, error) // the one outside of the cluster
	Listen(ctx context.Context, port uint16) (net.Listener, error)    // on a TCP port of the pod
	// Resolve looks a name up in /etc/hosts and the cluster's DNS, Lookup in the DNS alone. full is the
	// name with its domain. The error is ErrNoName if there is no such name.
	Resolve(ctx context.Context, name string) (full string, addresses []string, err error)
	Lookup(ctx context.Context, name string) (full string, addresses []string, err error)
	Spawn(ctx context.Context, argv []string) error // runs a command until the container ends
	Hostname() string
	User() User
	Processes() []Process
	Signal(ctx context.Context, pid int, signal string) error
	Family() image.Family // of the image's tools, whose words are used
}

// User is who the container's processes run as.
type User struct {
	UID, GID   int64
	Name, Home string
	Groups     []int64 // all, GID among them, by number
	FSGroup    *int64  // that of the pod's volumes
	Privileged bool
}

// Process is a line of ps.
type Process struct {
	PID     int
	Elapsed time.Duration
	Command string
	Environ []string
}

// ErrNoProcess is a signal's answer for an unknown number.
var ErrNoProcess = errors.New("No such process") //nolint:staticcheck // the text of the real program

// ErrNoName is the answer for a name that does not exist.
var ErrNoName = errors.New("no such name")

// HalfCloser is a connection of Host's: the end of what is written can be told without closing it.
type HalfCloser interface {
	net.Conn
	CloseWrite() error
}

// Lookup finds a tool; nil: there is none of this name.
func Lookup(name string) Tool {
	if t := table()[name]; t != nil {
		return t
	}
	return nil
}

// Names lists all tools.
func Names() []string {
	var out []string
	for n := range table() {
		out = append(out, n)
	}
	return out
}

// Base is the name that a command is looked up by: itself, or its last element if it lies in one of
// the directories for programs.
func Base(command string) string {
	dir, name := path.Split(command)
	switch path.Clean(dir) {
	case ".", "/bin", "/usr/bin", "/usr/local/bin", "/sbin", "/usr/sbin":
		if dir == "" || strings.HasPrefix(dir, "/") {
			return name
		}
	}
	return command
}

// Getenv is a variable of the call's environment.
func (c *Call) Getenv(name string) string {
	for i := len(c.Environ) - 1; i >= 0; i-- {
		if v, ok := strings.CutPrefix(c.Environ[i], name+"="); ok {
			return v
		}
	}
	return ""
}

// Path is name from the working directory.
func (c *Call) Path(name string) string {
	if strings.HasPrefix(name, "/") || name == "" {
		return name
	}
	return strings.TrimSuffix(c.Dir, "/") + "/" + name
}

// busybox says whether the image's tools are those of busybox.
func (c *Call) busybox() bool { return c.Host.Family() != image.Debian }

// word is the first text for busybox, the second for the GNU tools.
func (c *Call) word(busybox, gnu string) string {
	if c.busybox() {
		return busybox
	}
	return gnu
}

func (c *Call) name() string { return path.Base(c.Args[0]) }

// fail says what went wrong and returns 1.
func (c *Call) fail(format string, args ...any) int {
	fmt.Fprintf(c.Err, c.name()+": "+format+"\n", args...)
	return 1
}

// usage refuses the options and returns 2.
func (c *Call) usage(err error) int {
	c.fail("%v", err)
	return 2
}

// Reason is an error as the C library words it.
func Reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	text := err.Error()
	var errno syscall.Errno
	if errors.As(err, &errno) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrExist) {
		if errors.Is(err, fs.ErrNotExist) && !errors.As(err, &errno) {
			text = "no such file or directory"
		}
		return strings.ToUpper(text[:1]) + text[1:]
	}
	return text
}

// inputs calls f with each named file in turn, or with the standard input; "-" is that too.
func (c *Call) inputs(names []string, f func(name string, r io.Reader) error) int {
	code := 0
	if len(names) == 0 {
		names = []string{"-"}
	}
	for _, n := range names {
		if err := c.input(n, f); err != nil {
			format := "%s: %s"
			switch name, dir := c.name(), errors.Is(err, syscall.EISDIR); {
			case dir && c.busybox() && (name == "cat" || name == "head"):
				format = "read error: %[2]s"
			case dir && !c.busybox() && (name == "head" || name == "tail"):
				format = "error reading '%s': %s"
			case !dir && c.busybox() && (name == "cat" || name == "tail"):
				format = "can't open '%s': %s"
			}
			code = c.fail(format, n, Reason(err))
		}
	}
	return code
}

func (c *Call) input(n string, f func(string, io.Reader) error) error {
	if n == "-" {
		return f("-", c.In)
	}
	r, err := c.open(n)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	return f(n, r)
}

// open opens a file for reading; a directory is refused.
func (c *Call) open(name string) (io.ReadCloser, error) {
	full := c.Path(name)
	if i, err := c.FS.Stat(full); err == nil && i.IsDir() {
		return nil, &fs.PathError{Op: "read", Path: name, Err: syscall.EISDIR}
	}
	return c.Open(full, syscall.O_RDONLY, 0)
}

// maxRead bounds what a tool takes into memory at once.
const maxRead = 16 << 20

var errTooLong = errors.New("input too long")

// all reads everything, within bounds.
func all(r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxRead+1))
	if err == nil && len(b) > maxRead {
		err = errTooLong
	}
	return b, err
}
