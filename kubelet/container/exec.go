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
// Stdin is not read any more when the command has ended, except by one Read that may be under way.
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
