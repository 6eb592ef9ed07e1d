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
	ctx, cancel := context.WithCancel(t.Context())
	errs, over := &safe{}, make(chan struct{})
	go func() {
		defer close(over)
		script := "for i in $(seq " + strconv.Itoa(maxProcesses+10) + "); do sleep 1000 & done; wait"
		_, _ = b.handle.(container.Execer).Exec(ctx, container.Exec{Command: []string{"sh", "-c", script}, Streams: container.Streams{Stderr: errs}})
	}()
	await(t, errs, "can't fork: Resource temporarily unavailable")
	cancel()
	<-over
	if out, _, code := b.run("echo and on"); out != "and on\n" || code != 0 {
		t.Errorf("afterwards: %q, code %d", out, code)
	}
}

// What has a limit of CPU takes no more of it, however many goroutines try, and goes on answering.
func TestACPULimitIsKept(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	spec := b.spec
	spec.CPU, spec.Command = 100, []string{"sh", "-c", "cat /dev/zero > /dev/null & while true; do :; done"}
	h, err := b.runtime.Start(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	s := &inside{Handle: h}
	if out, code := s.exec(t, "echo in"); out != "in\n" || code != 0 {
		t.Errorf("printed %q, code %d", out, code)
	}
	b.runtime.mu.Lock()
	pid := b.runtime.stays[h.ID()].home.link.command.Process.Pid
	b.runtime.mu.Unlock()
	for end := time.Now().Add(time.Minute); ; { // the burst of the start is over at some time
		before, began := ticks(t, pid), time.Now()
		time.Sleep(time.Second) // what is measured is what happens meanwhile
		used := float64(ticks(t, pid)-before) / 100 / time.Since(began).Seconds()
		if used < 0.2 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("it uses %.2f of a processor", used)
		}
	}
	if out, code := s.exec(t, "echo still in"); out != "still in\n" || code != 0 {
		t.Errorf("printed %q, code %d", out, code)
	}
	h.Kill()
}

func TestShareOfAProcessor(t *testing.T) {
	t.Parallel()
	at := start
	s := share{rate: 0.25, burst: time.Second, saved: time.Second, at: at}
	used := time.Duration(0)
	for i, tc := range []struct{ passed, used, over time.Duration }{
		{time.Second, time.Second, 0},                           // of its burst
		{time.Second, 500 * time.Millisecond, 0},                // and the rest
		{time.Second, 500 * time.Millisecond, time.Second},      // a quarter too much
		{time.Second, 0, 0},                                     // it has rested
		{time.Hour, time.Second, 0},                             // nobody saves more than a burst
		{time.Second, 2250 * time.Millisecond, 4 * time.Second}, // which is gone at once
	} {
		at, used = at.Add(tc.passed), used+tc.used
		if lately, over := s.count(at, used); lately != tc.used || over != tc.over {
			t.Errorf("step %d: used %v, rests %v, want %v, %v; saved %v", i, lately, over, tc.used, tc.over, s.saved)
		}
	}
	if _, over := (&share{}).count(at, time.Hour); over != 0 {
		t.Errorf("one without a bound rests %v", over)
	}
}

// One exec after the other fills no more than the container may hold.
func TestRoomIsForAllCommandsTogether(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for i, want := range []string{"", "", "No space left on device"} {
		if _, errs, _ := b.run(fmt.Sprintf("head -c 60000000 /dev/zero > /tmp/f%d", i)); (errs == "") != (want == "") || !strings.Contains(errs, want) {
			t.Errorf("command %d says %q, want %q", i, errs, want)
		}
	}
}
