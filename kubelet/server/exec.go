package server

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/kubelet"
	"github.com/kubemint/kubemint/kubelet/container"
)

// wants are the streams that a caller asked for.
type wants struct{ stdin, stdout, stderr, tty bool }

// peer is a caller with open streams, whatever the protocol.
type peer interface {
	// streams are those that were asked for.
	streams() container.Streams
	// resize is where the terminal's sizes arrive; nil: nowhere.
	resize() <-chan container.Size
	// finish tells how it ended and closes everything.
	finish(metav1.Status)
}

// exec runs a command for a caller (API-234).
func (s *Server) exec(w http.ResponseWriter, r *http.Request) {
	s.serve(w, r, func(ctx context.Context, f kubelet.Found, q wants, p peer) (int32, error) {
		x, ok := f.Handle.(container.Execer)
		if !ok {
			return 0, container.ErrNotRunning
		}
		streams := p.streams()
		return x.Exec(ctx, container.Exec{Command: r.URL.Query()["command"], TTY: q.tty, Streams: streams, Resize: p.resize()})
	}, "executing command in")
}

// serve opens the streams, has work done with them and reports its end.
// doing names the work in errors.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, work func(context.Context, kubelet.Found, wants, peer) (int32, error), doing string) {
	name, pod := r.PathValue("container"), r.PathValue("pod")
	f, ok := s.cfg.Node.Find(r.PathValue("namespace"), pod, name)
	if !ok {
		http.Error(w, "pod does not exist", http.StatusNotFound)
		return
	}
	if _, over := endedOf(f); over || f.Handle == nil {
		http.Error(w, fmt.Sprintf("container not found (%q)", name), http.StatusInternalServerError)
		return
	}
	v := r.URL.Query()
	flag := func(names ...string) bool {
		for _, n := range names {
			if on, err := strconv.ParseBool(v.Get(n)); err == nil && on {
				return true
			}
		}
		return false
	}
	q := wants{stdin: flag("stdin", "input"), stdout: flag("stdout", "output"), stderr: flag("stderr", "error"), tty: flag("tty")}
	if q.tty {
		q.stderr = false // a terminal has one output
	}
	if !q.stdin && !q.stdout && !q.stderr {
		http.Error(w, "you must specify at least 1 of stdin, stdout, stderr", http.StatusBadRequest)
		return
	}
	// The request's own context says nothing any more once the connection is taken over.
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	defer cancel()
	var p peer
	var err error
	switch {
	case strings.EqualFold(r.Header.Get("Upgrade"), "websocket"):
		p, err = s.webSocket(w, r, q, cancel)
	default:
		p, err = s.spdy(w, r, q, cancel)
	}
	if err != nil {
		return // the caller has been told
	}
	code, err := work(ctx, f, q, p)
	p.finish(statusOf(code, err, doing))
}

// statusOf is the last word on an exec or an attach (API-236).
func statusOf(code int32, err error, doing string) metav1.Status {
	switch {
	case err != nil:
		return metav1.Status{
			Status: metav1.StatusFailure, Reason: metav1.StatusReasonInternalError, Code: http.StatusInternalServerError,
			Message: fmt.Sprintf("Internal error occurred: error %s container: %v", doing, err),
			Details: &metav1.StatusDetails{Causes: []metav1.StatusCause{{Message: fmt.Sprintf("error %s container: %v", doing, err)}}},
		}
	case code != 0:
		return metav1.Status{
			Status: metav1.StatusFailure, Reason: "NonZeroExitCode",
			Message: fmt.Sprintf("command terminated with non-zero exit code: exit status %d", code),
			Details: &metav1.StatusDetails{Causes: []metav1.StatusCause{{Type: "ExitCode", Message: strconv.Itoa(int(code))}}},
		}
	}
	return metav1.Status{Status: metav1.StatusSuccess}
}

// attach connects to what a container runs, until it ends (API-240).
func (s *Server) attach(w http.ResponseWriter, r *http.Request) {
	s.serve(w, r, func(ctx context.Context, f kubelet.Found, _ wants, p peer) (int32, error) {
		a, ok := f.Handle.(container.Attacher)
		if !ok {
			return 0, container.ErrNotRunning
		}
		err := a.Attach(ctx, container.Attach{Streams: p.streams(), Resize: p.resize()})
		return 0, err // how the container ended, its status tells
	}, "attaching to")
}

func encode(status metav1.Status) []byte {
	b, err := json.Marshal(status)
	if err != nil { // it holds nothing that could fail
		return []byte(`{"metadata":{},"status":"Failure"}`)
	}
	return b
}

// typed is a pipe that a reader of the connection fills: it never blocks the reader for longer than
// the command lives.
type typed struct {
	*io.PipeReader
	w *io.PipeWriter
}

func newTyped() typed {
	r, w := io.Pipe()
	return typed{r, w}
}
