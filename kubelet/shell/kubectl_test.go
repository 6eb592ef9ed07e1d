package shell

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/kubemint/kubemint/internal/kubeconfig"
	"github.com/kubemint/kubemint/kubelet/container"
)

// standIn has this test binary be the kubectl of a test.
const standIn = "KUBEMINT_TEST_KUBECTL"

// TestKubectlStandIn is no test: it is what runs when a container of a test runs kubectl.
func TestKubectlStandIn(t *testing.T) {
	switch os.Getenv(standIn) {
	case "":
		t.Skip("it is for the other tests to run")
	case "watch":
		fmt.Println("watching")
		select {
		case <-time.After(5 * time.Minute): // nobody has ended it
		case <-t.Context().Done():
		}
	case "much":
		fmt.Print(strings.Repeat(strings.Repeat("x", 63)+"\n", 6400)) // the last of it, and no more, waits in the pipe of a kubectl that has ended
	}
	os.Exit(0)
}

// kubectl has the containers of a bench run a stand-in.
func (b *bench) kubectl(what string) {
	b.t.Helper()
	self, err := os.Executable()
	if err != nil {
		b.t.Fatal(err)
	}
	b.runtime.cfg.Kubectl = func(ctx context.Context, dir string, _ kubeconfig.Access, _ []string) (*exec.Cmd, error) {
		c := exec.CommandContext(ctx, self, "-test.run=^TestKubectlStandIn$")
		c.Dir, c.Env = dir, []string{standIn + "=" + what}
		return c, nil
	}
}

// kubectls counts those that run: each has a directory until it has ended and been waited for.
func (b *bench) kubectls() int {
	b.t.Helper()
	list, err := os.ReadDir(b.runtime.kubectlDir())
	if err != nil && !os.IsNotExist(err) {
		b.t.Fatal(err)
	}
	return len(list)
}

func (b *bench) awaitKubectls(n int) {
	b.t.Helper()
	for deadline := time.Now().Add(time.Minute); b.kubectls() != n; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			b.t.Fatalf("%d kubectls, want %d", b.kubectls(), n)
		}
	}
}

// A kubectl ends with the container that runs it: with its command, with an exec beside it, and with whoever
// has asked for that.
func TestKubectlEndsWithItsContainer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.kubectl("watch")
	spec, ended := b.spec, make(chan struct{})
	spec.Command, spec.Exited = []string{"sh", "-c", "kubectl get pods --watch"}, func() { close(ended) }
	h, err := b.runtime.Start(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	b.awaitKubectls(1)
	var out safe
	beside := make(chan int32, 1)
	go func() {
		code, err := h.(container.Execer).Exec(t.Context(), container.Exec{Command: []string{"kubectl", "get", "pods", "--watch"}, Streams: container.Streams{Stdout: &out}})
		if err != nil {
			t.Error(err)
		}
		beside <- code
	}()
	await(t, &out, "watching")
	b.awaitKubectls(2)
	h.Kill()
	<-ended
	if code := <-beside; code != codeKilled {
		t.Errorf("the one beside it ended with %d", code)
	}
	b.awaitKubectls(0)

	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_, _ = b.handle.(container.Execer).Exec(ctx, container.Exec{Command: []string{"kubectl", "get", "pods", "--watch"}, Streams: container.Streams{Stdout: &safe{}}})
	}()
	b.awaitKubectls(1)
	cancel()
	<-gone
	b.awaitKubectls(0)
}

// What a container reads late is there still, long after kubectl itself has ended.
func TestKubectlIsReadLate(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.kubectl("much")
	out, errs, code := b.run("(kubectl get pods; echo code $? >&2) | (sleep 2; wc -l)")
	if out != "6400\n" || errs != "code 0\n" || code != 0 {
		t.Errorf("code %d, printed %q, %q", code, out, errs)
	}
}
