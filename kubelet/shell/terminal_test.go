package shell

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kubemint/kubemint/kubelet/container"
)

// await polls until the output holds text.
func await(t *testing.T, out *safe, text string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !strings.Contains(out.String(), text); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never printed %q:\n%q", text, out.String())
		}
	}
}

func TestTerminal(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	keys, typed := io.Pipe()
	var out safe
	sizes := make(chan container.Size, 1)
	sizes <- container.Size{Width: 80, Height: 24}
	done := make(chan int32, 1)
	go func() {
		code, err := b.handle.(container.Execer).Exec(ctx, container.Exec{Command: []string{"sh"}, TTY: true, Resize: sizes, Streams: container.Streams{Stdin: keys, Stdout: &out}})
		if err != nil {
			t.Error(err)
		}
		done <- code
	}()
	send := func(s string) {
		if _, err := io.WriteString(typed, s); err != nil {
			t.Error(err)
		}
	}
	await(t, &out, "root@app:/# ")
	send("X=4; echo sum$((X+1))\r")
	await(t, &out, "sum5\r\n")
	await(t, &out, "root@app:/# ")
	send("echo begun; sleep infinity\r")
	await(t, &out, "begun\r\n")
	send("\x03")
	await(t, &out, "^C\r\n")
	send("cat\r")
	send("typed line\r")
	await(t, &out, "typed line\r\ntyped line\r\n")
	send("\x04")
	for deadline := time.Now().Add(time.Minute); !strings.HasSuffix(out.String(), "typed line\r\nroot@app:/# "); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("cat did not end:\n%q", out.String())
		}
	}
	send("exit 7\r")
	if code := <-done; code != 7 {
		t.Errorf("code %d\n%q", code, out.String())
	}
	if err := typed.Close(); err != nil {
		t.Error(err)
	}
}

// A command that waits for input ends when whoever ran it goes.
func TestExecEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	for _, tty := range []bool{false, true} {
		b := newBench(t)
		keys, typed := io.Pipe()
		ctx, cancel := context.WithCancel(t.Context())
		var out safe
		ended := make(chan error, 1)
		go func() {
			_, err := b.handle.(container.Execer).Exec(ctx, container.Exec{Command: []string{"sh", "-c", "echo up; cat"}, TTY: tty, Streams: container.Streams{Stdin: keys, Stdout: &out}})
			ended <- err
		}()
		await(t, &out, "up")
		cancel()
		select {
		case <-ended:
		case <-time.After(time.Minute):
			t.Fatalf("terminal %v: it goes on without its caller", tty)
		}
		if err := typed.Close(); err != nil {
			t.Error(err)
		}
	}
}

// Not parallel: it counts the goroutines of the process.
func TestNothingIsLeftOfContainersThatWent(t *testing.T) {
	before := runtime.NumGoroutine()
	b := newBench(t)
	pid := b.inhabit()
	for range 20 {
		spec := b.spec
		ended := make(chan struct{})
		spec.Command, spec.Exited = []string{"sh", "-c", "while true; do sleep 1; done"}, func() { close(ended) }
		h, err := b.runtime.Start(t.Context(), spec)
		if err != nil {
			t.Fatal(err)
		}
		b.run("echo beside")
		if code, err := h.(container.Execer).Exec(t.Context(), container.Exec{Command: []string{"true"}}); code != 0 || err != nil {
			t.Errorf("code %d, %v", code, err)
		}
		h.Kill()
		<-ended
	}
	open, err := os.ReadDir(filepath.Join("/proc", strconv.Itoa(pid), "fd"))
	if err == nil && len(open) > 20 {
		t.Errorf("the child holds %d files open", len(open))
	}
	if err := b.runtime.Close(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
}
