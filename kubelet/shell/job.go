package shell

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/kubemint/kubemint/kubelet/container"
	"github.com/kubemint/kubemint/kubelet/image"
	"github.com/kubemint/kubemint/kubelet/shell/rootfs"
	"github.com/kubemint/kubemint/kubelet/shell/tools"
)

// job is one command to run: what the parent tells the child.
type job struct {
	Container string // its processes are told apart by this
	Run       uint64 // this one, see awake
	Main      bool   // process 1
	Idle      string // what process 1 is called where it is not run here
	Argv      []string
	Env       []string
	Dir       string
	Namespace string
	Hostname  string
	Address   string // the pod's
	Service   string // of the API server, as KUBERNETES_SERVICE_HOST has it
	User      tools.User
	Family    image.Family  // of the image's tools
	Account   image.Account // that the image runs as
	Has       []string      // directories of the image
	// Capabilities are the bits of what process 1 may have.
	Capabilities uint64
	Tree         rootfs.Config
	Stdin        bool
	TTY          bool

	resize <-chan container.Size // the parent's side
}

// end is how a command ended.
type end struct {
	Code   int32
	Reason string // OOMKilled …; empty: as the code says
	Failed string // why it did not start
}

// Kinds of frames in the answer to a job.
const (
	frameStdout byte = 1
	frameStderr byte = 2
	frameEnd    byte = 3
)

// Kinds of frames in the body of a job, after the job itself.
const (
	frameInput  byte = 1
	frameResize byte = 2
)

const maxFrame = 1 << 20

func writeFrame(w io.Writer, kind byte, b []byte) error {
	head := make([]byte, 5, 5+len(b))
	head[0] = kind
	binary.BigEndian.PutUint32(head[1:], uint32(len(b)))
	_, err := w.Write(append(head, b...))
	return err
}

// readFrame returns io.EOF at the end between two frames.
func readFrame(r io.Reader) (kind byte, b []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	n := binary.BigEndian.Uint32(head[1:])
	if n > maxFrame {
		return 0, nil, fmt.Errorf("a frame of %d bytes is too long", n)
	}
	b = make([]byte, n)
	_, err = io.ReadFull(r, b)
	return head[0], b, err
}

func writeJSON(w io.Writer, kind byte, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return writeFrame(w, kind, b)
}

// call is what a run asks of the parent.
type call struct {
	ID        uint64
	Do        string   // now, sleep, cancel, dial, listen, unlisten, resolve, lookup, spawn, signal, kubectl, vault
	Run       uint64   `json:",omitempty"` // of a sleep or listen: the job's
	Nanos     int64    `json:",omitempty"`
	Address   string   `json:",omitempty"` // or name
	Port      int      `json:",omitempty"`
	Argv      []string `json:",omitempty"`
	Container string   `json:",omitempty"`
	Signal    string   `json:",omitempty"`
}

// errLong is that of a call which is more than the parent would read.
var errLong = errors.New("argument list too long")

// long says whether a call may not fit into a frame. JSON makes six bytes of one at worst.
func (c call) long() bool {
	n := len(c.Address)
	for _, a := range c.Argv {
		n += len(a) + 1
	}
	return n > maxFrame/8
}

// answer is what the parent says.
type answer struct {
	Nanos int64  `json:",omitempty"` // the cluster's time, since 1970
	Error string `json:",omitempty"`
	Errno int    `json:",omitempty"` // the system's number for it, if it has one
	// Of a name: what it is in full, and what it stands for; none: there is no such name.
	Name      string   `json:",omitempty"`
	Addresses []string `json:",omitempty"`
}
