package shell

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/kubemint/kubemint/kubelet/container"
)

// inside is a container with a command of its own.
type inside struct {
	container.Handle
	out  *lines
	over chan struct{}
}

// start runs a script in a container of the bench's pod, or of a pod of its own.
func (b *bench) start(pod, name string, memory int64, script string) *inside {
	b.t.Helper()
	s := &inside{out: &lines{}, over: make(chan struct{})}
	spec := b.spec
	spec.Pod, spec.Name, spec.Memory, spec.Command = pod, name, memory, []string{"sh", "-c", script}
	spec.Output, spec.Exited = s.out, func() { close(s.over) }
	if pod != b.spec.Pod {
		spec.Mounts = nil
		spec.Rootfs = filepath.Join(filepath.Dir(b.pod), "uid-"+pod, "containers", name, "rootfs")
	} else {
		spec.Rootfs = filepath.Join(b.pod, "containers", name, "rootfs")
	}
	if err := os.MkdirAll(spec.Rootfs, 0o755); err != nil {
		b.t.Fatal(err)
	}
	var err error
	if s.Handle, err = b.runtime.Start(b.t.Context(), spec); err != nil {
		b.t.Fatal(err)
	}
	return s
}

// ends waits for the end of a container.
func (s *inside) ends(t *testing.T) container.Exit {
	t.Helper()
	select {
	case <-s.over:
	case <-time.After(time.Minute):
		t.Fatalf("it did not end; it printed %q", s.out.String())
	}
	e, _ := s.Exit()
	return e
}

func (s *inside) exec(t *testing.T, script string) (out string, code int32) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var o safe
	code, err := s.Handle.(container.Execer).Exec(ctx, container.Exec{Command: []string{"sh", "-c", script}, Streams: container.Streams{Stdout: &o}})
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	return o.String(), code
}

// A container that holds more than it may ends alone: another one of its pod and another pod of its node go on.
func TestAContainerRunsOutOfMemoryAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const waits = "echo up; until [ -f /tmp/go ]; do sleep 0.01; done; echo went on; exit 7"
	neighbours := []*inside{b.start("app", "neighbour", 0, waits), b.start("other", "main", 0, waits)}
	for _, n := range neighbours {
		await(t, &n.out.safe, "up")
	}
	for what, script := range map[string]string{
		"doubling a variable":  "x=aaaaaaaaaaaaaaaa; while true; do x=$x$x; done",
		"reading without end":  "x=$(cat /dev/zero | tr '\\0' a)",
		"an array without end": `awk 'BEGIN{while (1) a[i++] = "xxxxxxxxxxxxxxxx"}'`,
	} {
		if e := b.start("app", "greedy", 32<<20, script).ends(t); e.Code != 137 || e.Reason != "OOMKilled" {
			t.Errorf("%s: %+v", what, e)
		}
	}
	for _, n := range neighbours {
		if e, ended := n.Exit(); ended {
			t.Fatalf("a neighbour ended: %+v", e)
		}
		n.exec(t, "touch /tmp/go") // it may be ended by the end that it brings about
		if e := n.ends(t); e.Code != 7 || n.out.String() != "up\nwent on\n" {
			t.Errorf("a neighbour: %+v, printed %q", e, n.out.String())
		}
	}
}

func TestAMemoryLimitIsTheBound(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const holds = "x=$(head -c 20000000 /dev/zero | tr '\\0' a); echo ${#x}"
	if s := b.start("app", "small", 16<<20, holds); s.ends(t).Reason != "OOMKilled" {
		t.Errorf("20 MB in 16 MiB: printed %q", s.out.String())
	}
	if s := b.start("app", "large", 300<<20, holds); s.ends(t).Code != 0 || s.out.String() != "20000000\n" {
		t.Errorf("20 MB in 300 MiB: printed %q", s.out.String())
	}
	for _, tc := range []struct{ limit, bound int64 }{
		{0, 256 << 20}, {1, 16 << 20}, {64 << 20, 64 << 20}, {8 << 30, 512 << 20},
	} {
		spec := b.spec
		spec.Memory = tc.limit
		if got := boundsOf(&spec).Memory; got != tc.bound {
			t.Errorf("limit %d: bound %d, want %d", tc.limit, got, tc.bound)
		}
	}
}

// What is no longer used does not count, however much there was of it.
func TestGarbageIsNotHeld(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.start("app", "busy", 16<<20, "for i in $(seq 30); do x=$(head -c 1000000 /dev/zero | tr '\\0' a); done; echo ${#x}")
	if e := s.ends(t); e.Code != 0 || s.out.String() != "1000000\n" {
		t.Errorf("%+v, printed %q", e, s.out.String())
	}
}

// All that runs in a container counts, and all of it ends.
func TestExecAndMemory(t *testing.T) {
	t.Parallel()
	const eats = "x=aaaaaaaaaaaaaaaa; while true; do x=$x$x; done"
	b := newBench(t)
	beside := b.start("app", "scripted", 32<<20, "echo up; while true; do sleep 100; done")
	await(t, &beside.out.safe, "up")
	if _, code := beside.exec(t, eats); code != 137 {
		t.Errorf("the exec: code %d", code)
	}
	if e := beside.ends(t); e.Code != 137 || e.Reason != "OOMKilled" {
		t.Errorf("the container: %+v", e)
	}
	greedy := b.start("app", "greedy", 32<<20, "until [ -f /tmp/go ]; do sleep 0.01; done; "+eats)
	if _, code := greedy.exec(t, "touch /tmp/go; sleep infinity"); code != 137 {
		t.Errorf("an exec beside: code %d", code)
	}
	if e := greedy.ends(t); e.Reason != "OOMKilled" {
		t.Errorf("the container: %+v", e)
	}
	// One whose program is played ends as well.
	if _, _, code := b.run(eats); code != 137 {
		t.Errorf("the exec: code %d", code)
	}
	if e, ended := b.handle.Exit(); !ended || e.Code != 137 || e.Reason != "OOMKilled" {
		t.Errorf("the container: %+v, %v", e, ended)
	}
}

// homes says whose child each container is in.
func (b *bench) homes() map[string]*home {
	b.runtime.mu.Lock()
	defer b.runtime.mu.Unlock()
	out := map[string]*home{}
	for id, s := range b.runtime.stays {
		out[id] = s.home
	}
	return out
}

func TestContainersShareAChildBeyondABound(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	children := NewChildren(2)
	children.common.Memory = 32 << 20
	b.runtime.cfg.Children = children // nothing has been started
	const waits = "echo up; while true; do sleep 100; done"
	var all []*inside
	for _, name := range []string{"one", "two", "three", "four"} {
		s := b.start("app", name, 0, waits)
		await(t, &s.out.safe, "up")
		all = append(all, s)
	}
	at := b.homes()
	if !at[all[0].ID()].own || !at[all[1].ID()].own || at[all[0].ID()] == at[all[1].ID()] {
		t.Error("the first two have no child of their own")
	}
	shared := at[all[2].ID()]
	if shared.own || shared != at[all[3].ID()] {
		t.Error("the others do not share one")
	}
	if out, code := all[3].exec(t, "echo here; ps | wc -l"); out != "here\n3\n" || code != 0 { // a title and two of its own
		t.Errorf("printed %q, code %d", out, code)
	}
	all[0].Kill()
	all[0].ends(t)
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		children.mu.Lock()
		left := children.left
		children.mu.Unlock()
		if left == 1 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d are left to take", left)
		}
	}
	next := b.start("app", "five", 0, waits)
	await(t, &next.out.safe, "up")
	if !b.homes()[next.ID()].own {
		t.Error("a child that ended is not replaced")
	}
	// Those that share one end together, and are told from the rest.
	eats := b.start("app", "six", 32<<20, "x=aaaaaaaaaaaaaaaa; while true; do x=$x$x; done")
	for _, s := range []*inside{eats, all[2], all[3]} {
		if e := s.ends(t); e.Reason != "OOMKilled" {
			t.Errorf("%+v", e)
		}
	}
	for _, s := range []*inside{all[1], next} {
		if e, ended := s.Exit(); ended {
			t.Errorf("one with a child of its own ended: %+v", e)
		}
	}
}

// A container in which nothing runs has no child; checks of it share one.
func TestAChildEndsWithWhatRunsInIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if out, _, code := b.run("echo x"); out != "x\n" || code != 0 {
		t.Errorf("printed %q, code %d", out, code)
	}
	b.runtime.mu.Lock()
	rest := len(b.runtime.stays)
	b.runtime.mu.Unlock()
	if rest != 0 {
		t.Errorf("%d containers are at home", rest)
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		b.runtime.cfg.Children.mu.Lock()
		left := b.runtime.cfg.Children.left
		b.runtime.cfg.Children.mu.Unlock()
		if left == DefaultChildren {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d are left to take", left)
		}
	}
	if ok, said := b.handle.Probe(container.Probe{Exec: []string{"sh", "-c", "echo probed; exit 1"}, Timeout: time.Minute}); ok || said != "probed" {
		t.Errorf("probe: %v, %q", ok, said)
	}
	b.runtime.mu.Lock()
	defer b.runtime.mu.Unlock()
	if b.runtime.common == nil || len(b.runtime.stays) != 0 {
		t.Error("the check had a child of its own")
	}
}
