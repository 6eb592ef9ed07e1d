package shell

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kubemint/kubemint/kubelet/container"
)

// ticks is the processor time that a process has used, in the system's units; it skips the test where nobody says.
func ticks(t *testing.T, pid int) int {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Skip("the system does not tell what a process uses:", err)
	}
	f := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	user, err1 := strconv.Atoi(f[11])
	system, err2 := strconv.Atoi(f[12])
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	return user + system
}

// restsSoon polls until the child has used next to nothing for a while.
func (b *bench) restsSoon(pid int, what string) {
	b.t.Helper()
	for end := time.Now().Add(time.Minute); ; {
		before := ticks(b.t, pid)
		time.Sleep(200 * time.Millisecond) // what is measured is what happens meanwhile
		used := ticks(b.t, pid) - before
		if used <= 4 {
			return
		}
		if time.Now().After(end) {
			b.t.Fatalf("%s: the child still uses %d ticks in a fifth of a second", what, used)
		}
	}
}

func TestWhatNeverEndsDiesWithItsContainer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	pid := b.inhabit()
	for _, script := range []string{
		"while true; do :; done", "cat /dev/zero > /dev/null", "yes > /dev/null", "head -c 1000000000000 /dev/zero | wc -c", "tr a b < /dev/zero > /dev/null",
		"wc -c < /dev/zero", "wc -c /dev/zero", "tail -n 1 /dev/urandom", "jq -n '[range(1000000000)] | length'", "seq 100000000000 > /dev/null",
		"until [[ 1 == 2 ]]; do a=$a; done", "httpd -p 8080; cat /dev/zero | cat > /dev/null", "echo x | sed ':a;ba'", "timeout 1000 cat /dev/zero > /dev/null",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		_, err := b.handle.(container.Execer).Exec(ctx, container.Exec{Command: []string{"sh", "-c", script}})
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) && err != nil {
			t.Errorf("%s: %v", script, err)
		}
		b.restsSoon(pid, script)
	}
}

func TestALoopCostsABoundedShare(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	pid := b.inhabit()
	done := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	for range 3 { // more of them get no more of it
		go func() {
			_, _ = b.handle.(container.Execer).Exec(ctx, container.Exec{Command: []string{"sh", "-c", "while true; do :; done"}})
			done <- struct{}{}
		}()
	}
	for range 20 { // another command of the container gets its turn
		if out, _, code := b.run("echo still here | wc -w"); out != "2\n" || code != 0 {
			t.Errorf("printed %q, code %d", out, code)
		}
	}
	cancel()
	for range 3 {
		<-done
	}
	b.restsSoon(pid, "three loops")
}

func TestAContainerHasABoundedNumberOfCommands(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	out, errs, code := b.run("for i in $(seq " + strconv.Itoa(maxProcesses+10) + "); do sleep 1000 & done; sleep 0.2; echo over")
	if !strings.Contains(errs, "can't fork: Resource temporarily unavailable") || out != "over\n" {
		t.Errorf("printed %q, %q, code %d", out, errs, code)
	}
	if out, _, code := b.run("echo and on"); out != "and on\n" || code != 0 {
		t.Errorf("afterwards: %q, code %d", out, code)
	}
}
