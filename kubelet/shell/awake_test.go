package shell

import (
	"sync/atomic"
	"testing"
	"time"
)

// From Start until its end has been told somebody is at work on a container, also while its process is being started or ended: else the
// clock would move on in between, and the script would do its work at another time.
func TestAScriptIsAtWorkFromItsStartToItsEnd(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.spec.Command = []string{"sh", "-c", "seq 3 | sort -r"}
	var over atomic.Bool
	b.spec.Exited = func() { over.Store(true) }
	if _, err := b.runtime.Start(t.Context(), b.spec); err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); !over.Load(); {
		if pending := b.runtime.Pending(); len(pending) == 0 && !over.Load() {
			t.Fatalf("nobody is at work %v after the start", time.Since(began))
		}
		if time.Since(began) > workPatience/2 { // on a machine as busy as that nothing more can be said
			t.Skip("the script takes too long")
		}
	}
	for end := time.Now().Add(time.Minute); len(b.runtime.Pending()) > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("at work for ever: %q", b.runtime.Pending())
		}
	}
}
