package container

import (
	"context"
	"io"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/kubemint/kubemint/kubelet/network"
)

// Runtime starts containers. Its methods may be called concurrently.
type Runtime interface {
	// Start brings a container to life and returns at once. An error means that it never started,
	// in words for the event and status that the kubelet reports. The container outlives ctx, which
	// bounds the start alone.
	Start(ctx context.Context, spec Spec) (Handle, error)
}

// Handle is one run of a container. Its methods may be called concurrently and do not block.
type Handle interface {
	// ID names this run, without a scheme: 64 hexadecimal digits.
	ID() string
	// Started is when the run began, by the cluster's clock.
	Started() time.Time
	// Exit tells how the run ended; ok is false as long as it has not.
	Exit() (e Exit, ok bool)
	// Stop sends TERM. A container that heeds it ends soon, another one only at Kill.
	Stop()
	// Kill ends the run with exit code 137.
	Kill()
	// Probe runs a probe inside of the container and reports whether it passed and, if not, what it said.
	// Probes of another kind than Exec come only to handles that are not Networked.
	Probe(p Probe) (ok bool, output string)
}

// Exit is the end of a run.
type Exit struct {
	Code   int32
	At     time.Time
	Reason string // Completed, Error, OOMKilled …; empty: Completed for code 0, else Error
	// Message says more; empty: nothing.
	Message string
}

// StartError is the Reason of a container whose program could not be started.
const StartError = "StartError"

// Idler is a Handle that says whether its container idles in place of a program that nobody knows.
type Idler interface {
	Idles() bool
}

// Spec is what a runtime needs to know of a container. It is filled in completely: no environment
// reference or field is left to be resolved.
type Spec struct {
	Namespace, Pod string
	PodUID         types.UID
	Name           string
	Init           bool // an init container: it is expected to end
	Image          string
	Command, Args  []string
	WorkingDir     string
	Env            []Variable
	Hostname       string
	Attempt        int32  // how many runs of this container came before
	Rootfs         string // its root on the host, for os.Root
	Mounts         []Mount
	Resumed        Resumed
	Stdin          bool // the command reads what is typed by those who attach
	StdinOnce      bool // and is at its end when the first of them leaves
	TTY            bool // it has a terminal
	User           User
	ReadOnly       bool // nothing may be written below Rootfs
	// Network is the pod's end of the network, for as long as the pod has an address. Nil: there is none.
	Network *network.End

	// Memory is the bound of what its processes hold, in bytes, CPU that of what they use, in thousandths of a processor; 0: the runtime's own.
	Memory, CPU int64

	// Output takes what the container prints. It may be nil, and is not closed by the runtime.
	Output Output
	// Exited is called once, in a goroutine of the runtime's, when the run has ended. It is not
	// called for a run that has ended before Start returned: the Handle tells.
	Exited func()
}

// User is who a container's processes run as. Zero: root.
type User struct {
	UID, GID int64
	Groups   []int64 // further ones
	FSGroup  *int64  // the group that the pod's volumes belong to
	// Add and Drop are what its spec says of capabilities.
	Add, Drop  []string
	Privileged bool
}

// Resumed is set for a container that was running before the kubelet was started anew.
type Resumed struct {
	ID      string
	Started time.Time
}

// Output is where a container's lines go.
type Output interface {
	Stdout() io.Writer
	Stderr() io.Writer
}

// Variable is one variable of the environment, in order.
type Variable struct{ Name, Value string }

// Mount says that Path inside of the container is Dir on the host.
type Mount struct {
	Path     string // absolute, inside
	Volume   string // the volume's name
	Dir      string // the volume's directory, or the copy of a subPath, on the host
	ReadOnly bool
	// Disk, if not empty, is a directory of the host that holds the volume in place of the pod's, and Below where in it: nothing of this
	// mount leads out of that. Dir lies there too.
	Disk, Below string
	Within      string // the volume of which Dir is a part that the pod's containers may change; empty: they may not
	Memory      bool   // a file system in memory
	Group       *int64 // that its files belong to
	// Projected volumes hold files of the node's: those in Owned, by their path in the volume, are User's, all
	// others root's. "." is a file that is the mount itself.
	Projected bool
	User      int64
	Owned     []string
}

// Networked is a Handle whose health shows on the network: whether something listens on a port, and what it
// answers. A container that idles in place of a program that nobody knows is none, or says so.
type Networked interface {
	Networked() bool
}

// Probe is a check of a running container. Exactly one of Exec, HTTP, Port and GRPC is set.
type Probe struct {
	Timeout time.Duration   // wall time; 0: one second
	Until   <-chan struct{} // closed when nobody wants to know any more, which ends the check; may be nil
	Exec    []string
	HTTP    *HTTPProbe
	Port    int // TCP
	GRPC    int
}

// HTTPProbe is a GET of a path on a port of the container.
type HTTPProbe struct {
	Path string
	Port int
}
