package shell

import (
	"io"
	"testing"
	"time"

	"github.com/kubemint/kubemint/kubelet/container"
)

// Somebody who does not read what a container prints keeps neither it nor what they run in it from ending.
func TestWhoDoesNotReadHoldsUpNoEnd(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	spec, ended := b.spec, make(chan struct{})
	spec.Command, spec.Exited = []string{"sh", "-c", "while :; do echo talk; sleep 0.01; done"}, func() { close(ended) }
	h, err := b.runtime.Start(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	first, blocked := io.Pipe() // read once, and then not
	defer func() { _ = first.Close() }()
	left, codes := make(chan struct{}), make(chan int32, 1)
	go func() {
		defer close(left)
		_ = h.(container.Attacher).Attach(t.Context(), container.Attach{Streams: container.Streams{Stdout: blocked}})
	}()
	unread, stuck := io.Pipe()
	defer func() { _ = unread.Close() }()
	go func() {
		code, err := h.(container.Execer).Exec(t.Context(), container.Exec{Command: []string{"yes"}, Streams: container.Streams{Stdout: stuck}})
		if err != nil {
			t.Error(err)
		}
		codes <- code
	}()
	for _, r := range []io.Reader{first, unread} {
		if _, err := r.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
	}
	h.Kill()
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Fatal("the container did not end")
	}
	select {
	case code := <-codes:
		if code != 137 {
			t.Errorf("code %d", code)
		}
	case <-time.After(time.Minute):
		t.Fatal("the command did not end")
	}
	_ = first.Close() // the visitor goes
	<-left
}
