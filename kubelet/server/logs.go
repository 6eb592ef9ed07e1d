package server

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubemint/kubemint/kubelet"
)

// logRequest is what a reader of logs wants (API-232).
type logRequest struct {
	follow, previous, timestamps bool
	since                        time.Time
	tail                         int   // lines; -1: all
	limit                        int64 // bytes; -1: all
	stream                       string
}

func (s *Server) logRequest(r *http.Request) (q logRequest, err error) {
	v := r.URL.Query()
	flag := func(name string) bool {
		on, e := strconv.ParseBool(v.Get(name))
		return e == nil && on
	}
	number := func(name string) int64 {
		text := v.Get(name)
		if text == "" {
			return -1
		}
		n, e := strconv.ParseInt(text, 10, 64)
		if e != nil || n < 0 {
			err = fmt.Errorf("%s: %q is no number", name, text)
		}
		return n
	}
	q = logRequest{follow: flag("follow"), previous: flag("previous"), timestamps: flag("timestamps"), tail: int(number("tailLines")), limit: number("limitBytes"), stream: v.Get("stream")}
	if n := number("sinceSeconds"); n >= 0 {
		q.since = s.cfg.Clock.Now().Add(-time.Duration(n) * time.Second)
	}
	if text := v.Get("sinceTime"); text != "" {
		at, e := time.Parse(time.RFC3339, text)
		if e != nil {
			return q, fmt.Errorf("sinceTime: %w", e)
		}
		q.since = at
	}
	return q, err
}

func (s *Server) logs(w http.ResponseWriter, r *http.Request) {
	q, err := s.logRequest(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	name, pod := r.PathValue("container"), r.PathValue("pod")
	f, ok := s.cfg.Node.Find(r.PathValue("namespace"), pod, name)
	if !ok {
		http.Error(w, fmt.Sprintf("pod %q does not exist", pod), http.StatusNotFound)
		return
	}
	attempt := f.Attempt
	_, ended := endedOf(f)
	if q.previous && isLast(f, name) {
		attempt++ // while the next run waits, the one that ended is the previous one
	}
	switch {
	case q.previous && attempt == 0:
		http.Error(w, fmt.Sprintf("previous terminated container %q in pod %q not found", name, pod), http.StatusBadRequest)
		return
	case q.previous:
		attempt--
		ended = true
	case f.Handle == nil:
		http.Error(w, fmt.Sprintf("container %q in pod %q is waiting to start: %s", name, pod, waiting(f, name)), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/plain")
	w.WriteHeader(http.StatusOK)
	out := &logWriter{w: w, flush: http.NewResponseController(w).Flush, q: q}
	if err := out.copyLog(r.Context(), f, attempt, func() bool {
		if ended || q.previous {
			return true
		}
		// A container that was started anew is another run: this one's log has come to its end.
		now, ok := s.cfg.Node.Find(r.PathValue("namespace"), pod, name)
		_, over := endedOf(now)
		return !ok || now.Pod.UID != f.Pod.UID || now.Attempt != attempt || over
	}); err != nil && r.Context().Err() == nil {
		panic(http.ErrAbortHandler) // a broken answer must not look like a whole one
	}
}

func endedOf(f kubelet.Found) (code int32, over bool) {
	if f.Handle == nil {
		return 0, false
	}
	e, over := f.Handle.Exit()
	return e.Code, over
}

// statusOfContainer is what the pod's status says of a container; nil: nothing yet.
func statusOfContainer(f kubelet.Found, name string) *corev1.ContainerStatus {
	st := &f.Pod.Status
	for _, list := range [][]corev1.ContainerStatus{st.ContainerStatuses, st.InitContainerStatuses, st.EphemeralContainerStatuses} {
		for i := range list {
			if list[i].Name == name {
				return &list[i]
			}
		}
	}
	return nil
}

// isLast says whether the newest run counts as the one before already.
func isLast(f kubelet.Found, name string) bool {
	c := statusOfContainer(f, name)
	return f.Handle != nil && c != nil && c.LastTerminationState.Terminated != nil &&
		strings.HasSuffix(c.LastTerminationState.Terminated.ContainerID, "//"+f.Handle.ID())
}

// waiting is why a container has not started.
func waiting(f kubelet.Found, name string) string {
	c := statusOfContainer(f, name)
	if c == nil || c.State.Waiting == nil || c.State.Waiting.Reason == "" {
		return "ContainerCreating"
	}
	switch reason := c.State.Waiting.Reason; reason {
	case "ErrImagePull":
		return "image can't be pulled"
	case "ImagePullBackOff":
		return "trying and failing to pull image"
	default:
		return reason
	}
}

// followPoll is how often a followed log is looked at; wall time.
const followPoll = 50 * time.Millisecond

type logWriter struct {
	w     io.Writer
	flush func() error
	q     logRequest
	sent  int64
}

// errLimit ends a log that has reached limitBytes.
var errLimit = errors.New("limit reached")

// copyLog copies a run's log, and what is added to it until over says so.
func (l *logWriter) copyLog(ctx context.Context, f kubelet.Found, attempt int32, over func() bool) error {
	open := func(older bool) (*os.File, error) {
		file, err := f.OpenLog(attempt, older)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return file, err
	}
	var lines [][]byte // the last ones, if only those are wanted
	keep := func(line []byte) error {
		if l.q.tail < 0 {
			return l.line(line)
		}
		if lines = append(lines, bytes.Clone(line)); len(lines) > l.q.tail {
			lines = lines[1:]
		}
		return nil
	}
	older, err := open(true)
	if err != nil {
		return err
	}
	if older != nil {
		_, err = pieces(older, nil, keep)
		_ = older.Close()
		if err != nil {
			return done(err)
		}
	}
	file, err := open(false)
	if err != nil {
		return err
	}
	defer func() {
		if file != nil {
			_ = file.Close()
		}
	}()
	finished := over() // before the first look: what was printed by then is read
	var rest []byte
	if file != nil {
		if rest, err = pieces(file, nil, keep); err != nil {
			return done(err)
		}
	}
	for _, line := range lines {
		if err := l.line(line); err != nil {
			return done(err)
		}
	}
	if err := l.flush(); err != nil || !l.q.follow {
		return err
	}
	tick := time.NewTicker(followPoll)
	defer tick.Stop()
	for !finished {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		finished = over()
		if file == nil {
			if file, err = open(false); err != nil {
				return err
			}
		}
		if file == nil {
			continue
		}
		if rest, err = pieces(file, rest, l.line); err != nil {
			return done(err)
		}
		if file, err = l.again(file, open); err != nil {
			return err
		}
		if err := l.flush(); err != nil {
			return err
		}
	}
	return nil
}

// again is the file to go on with: a new one if the log was put aside.
func (l *logWriter) again(file *os.File, open func(bool) (*os.File, error)) (*os.File, error) {
	next, err := open(false)
	if err != nil || next == nil {
		return file, err
	}
	a, errA := file.Stat()
	b, errB := next.Stat()
	if errA == nil && errB == nil && !os.SameFile(a, b) {
		if _, err := pieces(file, nil, l.line); err != nil {
			_ = next.Close()
			return file, err
		}
		_ = file.Close()
		return next, nil
	}
	_ = next.Close()
	return file, nil
}

func done(err error) error {
	if errors.Is(err, errLimit) {
		return nil
	}
	return err
}

// pieces calls f with each whole line of what is left of a file, after rest, and returns what is left
// over of a line that is still being written.
func pieces(file io.Reader, rest []byte, f func([]byte) error) ([]byte, error) {
	in := bufio.NewReader(io.MultiReader(bytes.NewReader(rest), file))
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return line, nil
		}
		if err != nil {
			return nil, err
		}
		if err := f(line); err != nil {
			return nil, err
		}
	}
}

// line writes one line of a log as its reader wants it.
func (l *logWriter) line(raw []byte) error {
	parts := strings.SplitN(string(raw), " ", 4)
	if len(parts) < 4 {
		return nil
	}
	stamp, stream, tag, text := parts[0], parts[1], parts[2], parts[3]
	if l.q.stream != "" && l.q.stream != "All" && !strings.EqualFold(l.q.stream, stream) {
		return nil
	}
	if !l.q.since.IsZero() {
		at, err := time.Parse(time.RFC3339Nano, stamp)
		if err != nil || at.Before(l.q.since) {
			return nil
		}
	}
	if tag == "P" {
		text = strings.TrimSuffix(text, "\n")
	}
	if l.q.timestamps {
		text = stamp + " " + text
	}
	if l.q.limit >= 0 && l.sent+int64(len(text)) > l.q.limit {
		text = text[:l.q.limit-l.sent]
	}
	n, err := io.WriteString(l.w, text)
	l.sent += int64(n)
	if err == nil && l.q.limit >= 0 && l.sent >= l.q.limit {
		return errLimit
	}
	return err
}
