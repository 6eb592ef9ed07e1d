package container

import (
	"context"
	"errors"
	"io"
)

// Execer is a Handle whose container can run further commands.
type Execer interface {
	// Exec runs a command beside the container's own and returns its exit code. It ends with ctx, whose
	// error it then returns, and with the container. ErrNotRunning: the container has ended.
	Exec(ctx context.Context, x Exec) (code int32, err error)
}

// Attacher is a Handle whose container can be attached to.
type Attacher interface {
	// Attach shows what the container prints from now on, and hands it what is typed if it reads that. It
	// returns nil when the container has ended, and ctx's error. ErrNotRunning: it had ended before.
	Attach(ctx context.Context, a Attach) error
}

// Attach is a visitor to a container's own command.
type Attach struct {
	Streams
	Resize <-chan Size // of the visitor's terminal; nil: it keeps its size
}

// ErrNotRunning is returned for a container that has ended.
var ErrNotRunning = errors.New("container is not running")

// Exec is a command to run in a container.
type Exec struct {
	Command []string
	TTY     bool // it has a terminal: what it prints goes to Stdout alone
	Streams
	Resize <-chan Size // of the terminal; nil: it keeps its size
}

// Streams are a command's input and output. A nil Stdin is at its end at once, a nil output is dropped.
// Stdin is not read any more when the command has ended, except by one Read that may be under way. So it is with the outputs, and
// one Write to each, if the container has ended with it.
type Streams struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// Size is that of a terminal, in characters.
type Size struct{ Width, Height uint16 }

// NewID makes the ID of a run.
func NewID() string { return newID() }

// Plays says whether Simulated knows the whole of a command.
func Plays(command, args []string) bool { return parse(command, args) != nil }
