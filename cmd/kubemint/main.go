// Command kubemint is a small Kubernetes to learn with: an API server that signs
// ServiceAccount tokens and authorizes with RBAC, nodes that mount and refresh
// those tokens, and a clock that can be moved.
//
// This file starts the program; each verb has a file of its own. The package is
// the only reader of flags and environment variables.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/kubemint/kubemint/internal/kubectl"
)

func main() {
	kubectl.Intercept()
	runtime.MemProfileRate = 0 // nobody reads it, and each sample walks a stack
	os.Exit(run())
}

// run is the whole program: it returns the exit code. An interrupt cancels the
// context; a second one ends the process at once.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	p := &program{
		name: os.Args[0], args: os.Args[1:],
		in: os.Stdin, out: os.Stdout, err: os.Stderr,
		env: os.Getenv,
	}
	return p.run(ctx)
}
