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
