package container

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"io"
	"sync"
	"time"

	utilclock "k8s.io/utils/clock"

	"github.com/kubemint/kubemint/internal/clock"
)

// Exit codes of signals, as a shell counts them.
const (
	codeKilled = 137
)

// Simulated is the Runtime of a node that runs no programs.
type Simulated struct {
	clock utilclock.WithDelayedExecution
}

// NewSimulated returns a runtime whose containers live by the given clock.
func NewSimulated(c utilclock.WithDelayedExecution) *Simulated { return &Simulated{clock: c} }

// Start plays the container's command, or lets it idle.
func (s *Simulated) Start(_ context.Context, spec Spec) (Handle, error) {
	h := &handle{id: spec.Resumed.ID, started: spec.Resumed.Started, exited: spec.Exited, clock: s.clock}
	now := s.clock.Now()
	if h.id == "" {
		h.id, h.started = newID(), now
	}
	script := parse(spec.Command, spec.Args)
	if script == nil {
		if spec.Init { // what cannot be played has done its work
			h.exit = &Exit{At: now}
		}
		return h, nil
	}
	h.played = true
	resumed := spec.Resumed.ID != ""
	var asleep time.Duration
	for i, step := range script {
		asleep += step.sleep
		if step.print != "" && spec.Output != nil && !resumed {
			out := spec.Output.Stdout()
			if step.toStderr {
				out = spec.Output.Stderr()
			}
			// A full disk must not keep a simulated container from living.
			_, _ = io.WriteString(out, step.print)
		}
		if step.forever {
			h.deaf = true // a shell or sleep as process 1 has no handler for TERM
			return h, nil
		}
		if step.ends || i == len(script)-1 {
			end := Exit{Code: step.code, At: h.started.Add(asleep)}
			if asleep == 0 && !resumed {
				h.exit = &end
				return h, nil
			}
			h.deaf = true
			h.timer = clock.AfterPause(s.clock, max(end.At.Sub(now), 0), func() { h.end(Exit{Code: end.Code, At: s.clock.Now()}) })
			return h, nil
		}
	}
	return h, nil
}

// handle is one simulated run.
type handle struct {
	id      string
	started time.Time
	clock   utilclock.WithDelayedExecution
	exited  func()
	deaf    bool // does not heed TERM
	played  bool // its command is known

	mu    sync.Mutex
	exit  *Exit
	timer utilclock.Timer
}

func (h *handle) ID() string         { return h.id }
func (h *handle) Started() time.Time { return h.started }

func (h *handle) Exit() (Exit, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.exit == nil {
		return Exit{}, false
	}
	return *h.exit, true
}

func (h *handle) Stop() {
	if !h.deaf {
		// The servers that idle here end cleanly when asked to.
		h.end(Exit{At: h.clock.Now()})
	}
}

func (h *handle) Kill() { h.end(Exit{Code: codeKilled, At: h.clock.Now()}) }

// Networked tells a container whose command is known, so that nothing can listen in it, from one that idles.
func (h *handle) Networked() bool { return h.played }

func (h *handle) Probe(Probe) (bool, string) {
	_, ended := h.Exit()
	return !ended, ""
}

func (h *handle) end(e Exit) {
	h.mu.Lock()
	if h.exit != nil {
		h.mu.Unlock()
		return
	}
	h.exit = &e
	timer := h.timer
	h.timer = nil
	h.mu.Unlock()
	if timer != nil {
		timer.Stop()
	}
	if h.exited != nil {
		h.exited()
	}
}

func newID() string {
	var b [32]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}
