package shell

import (
	"strings"
	"testing"
	"time"

	"github.com/kubemint/kubemint/kubelet/container"
)

// What a probe prints goes into an event: it is cut as by a real kubelet, however much there is.
func TestAProbeSaysNoMoreThanItMay(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ok, said := b.handle.Probe(container.Probe{Exec: []string{"sh", "-c", "head -c 200000 /dev/zero | tr '\\0' x; exit 1"}, Timeout: time.Minute})
	if ok || said != strings.Repeat("x", maxProbeOutput) {
		t.Errorf("%v, said %d bytes", ok, len(said))
	}
}

// A check of what ends meanwhile is not waited for, however long it may take.
func TestAProbeEndsWithWhatItChecks(t *testing.T) {
	t.Parallel()
	for _, deleted := range []bool{false, true} {
		b := newBench(t)
		until, ended := make(chan struct{}), make(chan bool, 1)
		go func() {
			ok, said := b.handle.Probe(container.Probe{Exec: []string{"sh", "-c", "touch /data/begun; sleep infinity"}, Timeout: time.Hour, Until: until})
			ended <- !ok && said == ""
		}()
		b.await("test -e /data/begun")
		if deleted {
			close(until)
		} else {
			b.handle.Kill()
		}
		select {
		case right := <-ended:
			if !right {
				t.Errorf("deleted %v: it says something of the container's health", deleted)
			}
		case <-time.After(time.Minute):
			t.Fatalf("deleted %v: it goes on", deleted)
		}
	}
}
