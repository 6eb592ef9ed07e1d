package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kubemint/kubemint/apiserver/story"
	"github.com/kubemint/kubemint/internal/say"
)

// linesPerSecond is how many request lines a person could possibly follow. Under
// load the rest is counted, not printed: a server must not wait for a terminal.
const linesPerSecond = 50

// requestRecord adds to a story what its line needs.
type requestRecord struct{ *story.Record }

// requestLines prints a line per request of people and pods.
type requestLines struct {
	p       *program
	queue   chan *story.Record
	skipped atomic.Int64
	mu      sync.Mutex // one writer at a time
}

func newRequestLines(p *program) *requestLines {
	return &requestLines{p: p, queue: make(chan *story.Record, linesPerSecond)}
}

// add takes a finished request and never blocks.
func (l *requestLines) add(r *story.Record) {
	if r.System || r.Discovery() || isHealth(r.Path) {
		return
	}
	select {
	case l.queue <- r:
	default:
		l.skipped.Add(1)
	}
}

func isHealth(path string) bool {
	return path == "/healthz" || path == "/livez" || path == "/readyz" || strings.HasPrefix(path, "/kubemint/")
}

// run prints until the context ends, at most linesPerSecond (of wall time: it is
// about a person's eyes).
func (l *requestLines) run(ctx context.Context) {
	second := time.NewTicker(time.Second)
	defer second.Stop()
	printed := 0
	for {
		queue := l.queue
		if printed >= linesPerSecond {
			queue = nil // wait for the next second
		}
		select {
		case <-ctx.Done():
			return
		case <-second.C:
			printed = 0
			if n := l.skipped.Swap(0); n > 0 {
				l.lines(l.p.speaker.Say("up.more-requests", say.Params{"n": n}))
			}
		case r := <-queue:
			l.lines(l.p.requestLine(&requestRecord{r}))
			printed++
		}
	}
}

// lines prints whole lines.
func (l *requestLines) lines(lines ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range lines {
		fmt.Fprintln(l.p.out, line)
	}
}

// wanted says what a request wanted: verb, resource, name and namespace, or the
// path if it was not about a resource.
func (r *requestRecord) wanted() string {
	if !r.IsResource {
		return strings.ToLower(r.Method) + " " + r.Path
	}
	what := r.Verb + " " + r.Resource
	if r.Group != "" {
		what += "." + r.Group
	}
	if r.Subresource != "" {
		what += "/" + r.Subresource
	}
	if r.Name != "" {
		what += " " + r.Name
	}
	if r.Namespace != "" && r.Namespace != "default" && r.Resource != "namespaces" {
		what += " -n " + r.Namespace
	}
	return what
}

// shortUser is a user name short enough for a line.
func shortUser(user string) string {
	if account, ok := strings.CutPrefix(user, "system:serviceaccount:"); ok {
		return "sa " + account
	}
	if user == "" {
		return "nobody"
	}
	return user
}
