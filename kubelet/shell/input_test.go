package shell

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/kubemint/kubemint/kubelet/container"
)

func TestShellReadsScriptAndInputFromOneStream(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out safe
	code, err := b.handle.(container.Execer).Exec(ctx, container.Exec{Command: []string{"sh"}, Streams: container.Streams{
		Stdin: strings.NewReader("read x\nhello\necho got $x\nwc -c\nabc"), Stdout: &out, Stderr: &out,
	}})
	if err != nil || code != 0 || out.String() != "got hello\n3\n" {
		t.Errorf("code %d, %v, printed %q", code, err, out.String())
	}
}
