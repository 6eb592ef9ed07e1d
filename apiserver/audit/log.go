package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"
)

// Log writes events. Requests hand them over and never wait for the disk, unless it falls far behind.
type Log struct {
	out     io.WriteCloser
	now     func() time.Time
	errors  *slog.Logger
	arrived chan struct{} // a token: there is something to write

	mu      sync.Mutex
	written *sync.Cond
	pending []byte
	closed  bool
}

// most is how much may wait for the disk before requests do.
const most = 8 << 20

// Open appends to the file at path, which nobody but its owner may read; "-" is the standard output. now is the cluster's time; what
// cannot be written is told to errors.
func Open(path string, now func() time.Time, errors *slog.Logger) (*Log, error) {
	if path == "-" {
		return newLog(nopCloser{os.Stdout}, now, errors), nil
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the audit log: %w", err)
	}
	// It may have been there before, readable for others.
	if err := f.Chmod(0o600); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("open the audit log: %w", err)
	}
	return newLog(f, now, errors), nil
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

func newLog(out io.WriteCloser, now func() time.Time, errors *slog.Logger) *Log {
	l := &Log{out: out, now: now, errors: errors, arrived: make(chan struct{}, 1)}
	l.written = sync.NewCond(&l.mu)
	return l
}

// Add writes the event of a request that has come to a stage.
func (l *Log) Add(q *Request, stage Stage, o Outcome) {
	line, err := json.Marshal(q.event(stage, o, l.now()))
	if err != nil {
		l.errors.Error("an audit event could not be encoded", "audit-id", q.ID, "error", err)
		return
	}
	line = append(line, '\n')
	l.add(line)
	select {
	case l.arrived <- struct{}{}:
	default:
	}
}

// add waits while too much is waiting. What comes after the end is dropped.
func (l *Log) add(line []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.pending) > most && !l.closed {
		l.written.Wait()
	}
	if !l.closed {
		l.pending = append(l.pending, line...)
	}
}

// Run writes what is added until the context ends, then the rest, and closes the file.
func (l *Log) Run(ctx context.Context) error {
	failed := false
	flush := func(end bool) {
		l.mu.Lock()
		out := l.pending
		l.pending, l.closed = nil, end
		l.mu.Unlock()
		if _, err := l.out.Write(out); err != nil && !failed {
			failed = true // once is enough: a full disk stays full
			l.errors.Error("the audit log cannot be written; events are lost", "error", err)
		}
		l.written.Broadcast()
	}
	for {
		select {
		case <-l.arrived:
			flush(false)
		case <-ctx.Done():
			flush(true)
			return l.out.Close()
		}
	}
}
