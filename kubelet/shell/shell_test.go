package shell

import (
	"bytes"
	"context"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kubemint/kubemint/internal/clock"
	"github.com/kubemint/kubemint/kubelet/container"
	"github.com/kubemint/kubemint/kubelet/network"
)

var start = time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC)

// bench is a node with one container that idles.
type bench struct {
	t       *testing.T
	runtime *Runtime
	clock   *clock.Clock
	pod     string
	spec    container.Spec
	handle  container.Handle
	net     *network.Network
}

func newBench(t *testing.T) *bench {
	t.Helper()
	node := t.TempDir()
	b := &bench{t: t, pod: filepath.Join(node, "pods", "uid-1"), clock: clock.New(clock.Config{Now: start})}
	root := filepath.Join(b.pod, "containers", "app", "rootfs")
	secret := filepath.Join(b.pod, "volumes", "token")
	for _, d := range []string{root, secret, filepath.Join(b.pod, "volumes", "data")} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(secret, "token"), []byte("header.eyJhIjoxfQ.signature"), 0o644); err != nil {
		t.Fatal(err)
	}
	b.net = network.New(network.Config{Server: netip.MustParseAddrPort("10.96.0.1:443")})
	b.runtime = NewRuntime(Config{Clock: b.clock, Dir: node, Service: netip.MustParseAddrPort("10.96.0.1:443")})
	t.Cleanup(func() {
		if err := b.runtime.Close(); err != nil {
			t.Error(err)
		}
	})
	b.spec = container.Spec{
		Namespace: "default", Pod: "app", Name: "app", Image: "nginx:1.29", Hostname: "app", Rootfs: root,
		Network: b.net.Join(network.Pod{Namespace: "default", Name: "app", Node: "node-1", IP: netip.MustParseAddr("10.244.0.2")}),
		Env:     []container.Variable{{Name: "KUBERNETES_SERVICE_HOST", Value: "10.96.0.1"}, {Name: "GREETING", Value: "hello"}},
		Mounts: []container.Mount{
			{Path: "/var/run/secrets/token", Dir: secret, ReadOnly: true},
			{Path: "/data", Dir: filepath.Join(b.pod, "volumes", "data")},
		},
	}
	var err error
	if b.handle, err = b.runtime.Start(t.Context(), b.spec); err != nil {
		t.Fatal(err)
	}
	return b
}

// again starts the container once more if it has ended.
func (b *bench) again() {
	b.t.Helper()
	if _, ended := b.handle.Exit(); !ended {
		return
	}
	var err error
	if b.handle, err = b.runtime.Start(b.t.Context(), b.spec); err != nil {
		b.t.Fatal(err)
	}
}

// run executes a script and returns what it printed.
func (b *bench) run(script string) (out, errs string, code int32) {
	b.t.Helper()
	return b.exec("sh", "-c", script)
}

func (b *bench) exec(argv ...string) (out, errs string, code int32) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), time.Minute)
	defer cancel()
	var o, e safe
	code, err := b.handle.(container.Execer).Exec(ctx, container.Exec{Command: argv, Streams: container.Streams{Stdout: &o, Stderr: &e}})
	if err != nil {
		b.t.Fatalf("%q: %v (printed %q, %q)", argv, err, o.String(), e.String())
	}
	return o.String(), e.String(), code
}

// inhabit has something run in the container, so that its child stays, and returns the number of that process.
func (b *bench) inhabit() (pid int) {
	b.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out, over := &safe{}, make(chan struct{})
	go func() {
		defer close(over)
		_, _ = b.handle.(container.Execer).Exec(ctx, container.Exec{Command: []string{"sh", "-c", "echo in; sleep infinity"}, Streams: container.Streams{Stdout: out}})
	}()
	b.t.Cleanup(func() { cancel(); <-over })
	await(b.t, out, "in")
	b.runtime.mu.Lock()
	defer b.runtime.mu.Unlock()
	return b.runtime.stays[b.handle.ID()].home.link.command.Process.Pid
}

type safe struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *safe) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(b)
}

func (s *safe) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

func TestScripts(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, tc := range []struct {
		name, script, out string
		code              int32
	}{
		{"echo", "echo $GREETING you", "hello you\n", 0},
		{"echo with options", `echo -en 'a\tb\n'; echo -ne x; echo -n -e y; echo; echo -x -n; echo -`, "a\tb\nxy\n-x -n\n-\n", 0},
		{"exit code", "exit 3", "", 3},
		{"a pipe", "echo one two | wc -w", "2\n", 0},
		{"the payload of a token", "cut -d. -f2 /var/run/secrets/token/token | base64 -d", `{"a":1}`, 1}, // no padding: real programs print it and complain
		{"command substitution", `echo "[$(cat /var/run/secrets/token/token)]"`, "[header.eyJhIjoxfQ.signature]\n", 0},
		{"a file", "echo x > /data/f; cat /data/f; ls /data; rm /data/f", "x\nf\n", 0},
		{"append and count", "for i in $(seq 3); do echo $i >> /tmp/n; done; wc -l < /tmp/n", "3\n", 0},
		{"read", "printf 'a b\\nc d\\n' | while read x y; do echo $y-$x; done", "b-a\nd-c\n", 0},
		{"a function and test", `f() { [ "$1" = y ] && echo yes || echo no; }; f y; f n`, "yes\nno\n", 0},
		{"grep", "printf 'one\\ntwo\\nthree\\n' | grep -n '^t'", "2:two\n3:three\n", 0},
		{"grep finds nothing", "echo a | grep b", "", 1},
		{"sed", "echo hello world | sed -e 's/\\(hello\\) \\(world\\)/\\2 \\1/' -e 's/w/W/'", "World hello\n", 0},
		{"tr", "echo Hello | tr a-z A-Z | tr -d L", "HEO\n", 0},
		{"sort", "printf '10 b\\n9 a\\n' | sort -n | head -1", "9 a\n", 0},
		{"jq", `echo '{"items":[{"n":1},{"n":2}]}' | jq -c '[.items[].n]'`, "[1,2]\n", 0},
		{"jq raw", `echo '{"a":"b"}' | jq -r .a`, "b\n", 0},
		{"not found", "nosuch", "", 127},
		{"a missing file", "cat /nothing", "", 1},
		{"ls of a mount's parent", "ls /var/run/secrets", "token\n", 0},
		{"here document", "cat <<EOF\n$GREETING\nEOF", "hello\n", 0},
		{"find", "mkdir -p /tmp/a/b; touch /tmp/a/b/c.txt; find /tmp/a -name '*.txt'", "/tmp/a/b/c.txt\n", 0},
		{"xargs", "echo a b | xargs -n1 echo x", "x a\nx b\n", 0},
		{"env", "env X=1 sh -c 'echo $X'", "1\n", 0},
		{"whoami", "whoami; hostname; id -u", "root\napp\n0\n", 0},
		{"source", "echo 'A=5' > /tmp/s; . /tmp/s; echo $A", "5\n", 0},
		{"cd and pwd", "cd /var/run; pwd; cd ..; pwd -P", "/var/run\n/var\n", 0},
		{"command -v", "command -v curl; command -v nosuch || echo none", "/bin/curl\nnone\n", 0},
		{"an exported variable reaches a command", "export Q=7; printenv Q", "7\n", 0},
		{"a script in a file", "printf '#!/bin/sh\\necho run $1\\n' > /tmp/x.sh; chmod +x /tmp/x.sh; /tmp/x.sh now", "run now\n", 0},
		{"background and wait", "(echo a) & wait; echo b", "a\nb\n", 0},
		{"tar", "cd /tmp; mkdir t; echo q > t/q; tar cf - t | tar tf -", "t/\nt/q\n", 0},
		{"awk", "printf 'a 1\\nb 2\\n' | awk '{s+=$2} END{print s, NR}'; awk -F: 'NR==1{print $1}' /etc/passwd", "3 2\nroot\n", 0},
		{"a digest", "printf abc | sha256sum | cut -c1-8; printf abc | md5sum", "ba7816bf\n900150983cd24fb0d6963f7d28e17f72  -\n", 0},
		{"grep -o leaves out what is empty", "echo a1b22 | grep -o '[0-9]*'", "1\n22\n", 0},
		{"env without a variable", "X=1 env -u X sh -c 'echo [$X]'", "[]\n", 0},
		{"id of others", "id -u nobody; id nosuch", "65534\n", 1},
		{"rm and touch of nothing", "rm; touch; ln; rm -f", "", 0},
		{"awk without a file", "awk 1 /nothing", "", 2},
		{"awaited by a trap", "trap 'echo bye' EXIT; echo hi", "hi\nbye\n", 0},
		{"own process number", "[ $$ -lt 100 ] && echo small", "small\n", 0},
	} {
		out, errs, code := b.run(tc.script)
		if out != tc.out || code != tc.code {
			t.Errorf("%s: printed %q, code %d (stderr %q), want %q, code %d", tc.name, out, code, errs, tc.out, tc.code)
		}
	}
}

func TestExecWithoutShell(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	out, _, code := b.exec("ls", "-la", "/var/run/secrets/token")
	if code != 0 || !strings.Contains(out, "-rw-r--r--") || !strings.Contains(out, " token\n") {
		t.Errorf("code %d:\n%s", code, out)
	}
	for argv, want := range map[string]string{
		"nosuch": `exec: "nosuch": executable file not found in $PATH: unknown`, "/nosuch": `exec: "/nosuch": stat /nosuch: no such file or directory: unknown`,
		"/etc": `exec: "/etc": is a directory: unknown`, "/etc/passwd": `exec: "/etc/passwd": permission denied: unknown`,
	} {
		_, err := b.handle.(container.Execer).Exec(t.Context(), container.Exec{Command: []string{argv}})
		if err == nil || !strings.HasSuffix(err.Error(), "OCI runtime exec failed: exec failed: unable to start container process: "+want) {
			t.Errorf("%s: %v, want %s", argv, err, want)
		}
	}
}

// lines is a container's output.
type lines struct{ safe }

func (l *lines) Stdout() io.Writer { return l }
func (l *lines) Stderr() io.Writer { return l }
