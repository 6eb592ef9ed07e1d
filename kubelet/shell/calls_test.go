package shell

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// The parent reads no call that is longer than a frame: whoever asks is told, and nobody else is held up.
func TestCallsHaveABound(t *testing.T) {
	t.Parallel()
	s := &server{waiting: map[uint64]*question{}, calls: make(chan call)}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, c := range []call{{Do: "lookup", Address: strings.Repeat("a", maxFrame)}, {Do: "spawn", Argv: []string{"echo", strings.Repeat("a", maxFrame)}}} {
		if _, err := s.simple(ctx, c); !errors.Is(err, errLong) {
			t.Errorf("%s: %v", c.Do, err)
		}
	}
}

// An answer that does not arrive whole leaves the question open for the next.
func TestHalfAnAnswerIsNone(t *testing.T) {
	t.Parallel()
	q := &question{answer: make(chan answer, 1)}
	s := &server{waiting: map[uint64]*question{7: q}}
	for _, body := range []string{`{"Nanos":`, `{"Nanos": 5}`} {
		r := httptest.NewRequest(http.MethodPost, "/answers/7", strings.NewReader(body))
		s.routes().ServeHTTP(httptest.NewRecorder(), r)
	}
	select {
	case a := <-q.answer:
		if a.Nanos != 5 {
			t.Errorf("the answer is %+v", a)
		}
	default:
		t.Error("nobody was answered")
	}
}

func TestFewConnectionsWaitForAListener(t *testing.T) {
	t.Parallel()
	l := &listener{arrived: make(chan *socket), closed: make(chan struct{})}
	s := &server{listeners: map[uint64]*listener{1: l}}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan int, backlog)
	connect := func() int {
		w := httptest.NewRecorder()
		s.routes().ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodPost, "/accepted/1?from=x", http.NoBody))
		return w.Code
	}
	for range backlog {
		go func() { ended <- connect() }()
	}
	for end := time.Now().Add(time.Minute); l.waiting.Load() < backlog; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d wait", l.waiting.Load())
		}
	}
	if code := connect(); code != http.StatusGone {
		t.Errorf("one more: %d", code)
	}
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
	<-ended
	if n := l.waiting.Load(); n != backlog-1 {
		t.Errorf("%d wait after one was accepted", n)
	}
	cancel()
	for range backlog - 1 {
		<-ended
	}
}

func TestAContainerSpeaksForItself(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.inhabit()
	h := b.neighbour("other", "10.244.0.3", "sleep infinity")
	b.runtime.mu.Lock()
	l := b.runtime.stays[b.handle.ID()].home.link
	b.runtime.mu.Unlock()
	for id, want := range map[string]bool{h.ID(): false, b.handle.ID(): true, "": true} {
		if got := l.speaksFor(id); got != want {
			t.Errorf("it speaks for %q: %v, want %v", id, got, want)
		}
	}
}
