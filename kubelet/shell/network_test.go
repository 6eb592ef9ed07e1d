package shell

import (
	"context"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kubemint/kubemint/kubelet/container"
	"github.com/kubemint/kubemint/kubelet/network"
)

// neighbour is a container of another pod of the bench's node, with this script.
func (b *bench) neighbour(name, ip, script string) container.Handle {
	b.t.Helper()
	root := filepath.Join(filepath.Dir(b.pod), "uid-"+name, "containers", "app", "rootfs")
	if err := os.MkdirAll(root, 0o755); err != nil {
		b.t.Fatal(err)
	}
	end := b.net.Join(network.Pod{Namespace: "default", Name: name, Node: "node-1", IP: netip.MustParseAddr(ip)})
	h, err := b.runtime.Start(b.t.Context(), container.Spec{
		Namespace: "default", Pod: name, Name: "app", Hostname: name, Rootfs: root, Network: end, Command: []string{"sh", "-c", script},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return h
}

// await polls until the script exits with 0, and returns what it printed.
func (b *bench) await(script string) string {
	b.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		out, errs, code := b.run(script)
		if code == 0 {
			return out
		}
		if time.Now().After(end) {
			b.t.Fatalf("%q: code %d, printed %q, %q", script, code, out, errs)
		}
	}
}

func TestContainersTalk(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.neighbour("web", "10.244.0.3", "mkdir -p /www/sub; echo hello > /www/index.html; echo '{}' > /www/sub/a.json; httpd -p 8080 -h /www; sleep 1000")
	b.neighbour("echo", "10.244.0.4", "while true; do echo answer | nc -l -p 7000; done")
	if got := b.await("curl -sf http://10.244.0.3:8080/"); got != "hello\n" {
		t.Errorf("httpd says %q", got)
	}
	b.await("nc -z 10.244.0.4 7000")
	for _, tc := range []struct {
		name, script, out, errs string
		code                    int32
	}{
		{"a file", "curl -s http://10.244.0.3:8080/sub/a.json -o /dev/null -w '%{http_code} %{content_type}'", "200 application/json", "", 0},
		{"a file that is not there", "curl -s -o /dev/null -w '%{http_code}' http://10.244.0.3:8080/no", "404", "", 0},
		{"out of the directory", "curl -s -o /dev/null -w '%{http_code}' --path-as-is http://10.244.0.3:8080/../../etc/passwd; curl -s -o /dev/null -w '%{http_code}' http://10.244.0.3:8080/%2e%2e/%2e%2e/etc/passwd", "404404", "", 0},
		{"wget", "wget -qO- http://10.244.0.3:8080/", "hello\n", "", 0},
		{"wget says where", "cd /tmp && wget http://10.244.0.3:8080/ && cat index.html", "hello\n", "Connecting to 10.244.0.3 (10.244.0.3:8080)\n'index.html' saved\n", 0},
		{"wget of what is not there", "wget -q -O- http://10.244.0.3:8080/no", "", "wget: server returned error: HTTP/1.1 404 Not Found\n", 1},
		{"wget refused", "wget -qO- http://10.244.0.3:81/", "", "wget: can't connect to remote host (10.244.0.3): Connection refused\n", 1},
		{"curl refused", "curl -sS http://10.244.0.3:81/", "", "curl: (7) Failed to connect to 10.244.0.3 port 81 after 0 ms: Could not connect to server\n", 7},
		{"an unknown name", "curl -sS http://nobody/", "", "curl: (6) Could not resolve host: nobody\n", 6},
		{"an unknown name for wget", "wget -qO- http://nobody/", "", "wget: bad address 'nobody'\n", 1},
		{"the world", "curl -sS https://example.com/", "", "curl: (6) Could not resolve host: example.com\n", 6},
		{"the computer", "curl -sS http://127.0.0.1:22/", "", "curl: (7) Failed to connect to 127.0.0.1 port 22 after 0 ms: Could not connect to server\n", 7},
		{"nc", "echo question | nc 10.244.0.4 7000", "answer\n", "", 0},
		{"nc refused", "nc -v 10.244.0.4 7001", "", "nc: 10.244.0.4 (10.244.0.4:7001): Connection refused\n", 1},
		{"nc without a route", "nc 10.244.9.9 80", "", "nc: 10.244.9.9 (10.244.9.9:80): No route to host\n", 1},
		{"nc to a name", "nc nobody 80", "", "nc: bad address 'nobody'\n", 1},
		{"nc with a wrong port", "nc 10.244.0.4 http", "", "nc: bad port 'http'\n", 1},
		{"nc with nothing", "nc", "", "nc: usage: nc [-zv] [-w SECONDS] HOST PORT, nc -l [-k] -p PORT [-e PROGRAM]\n", 1},
		{"httpd of no directory", "httpd -f -h /nowhere", "", "httpd: can't change directory to '/nowhere': No such file or directory\n", 1},
		{"its own address", "hostname -i", "10.244.0.2\n", "", 0},
		{"a name", "nslookup kubernetes.default", "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\nName:\tkubernetes.default.svc.cluster.local\nAddress: 10.96.0.1\n\n", "", 0},
		{"no such name", "nslookup nobody", "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\n** server can't find nobody: NXDOMAIN\n\n", "", 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out, errs, code := b.run(tc.script)
			if out != tc.out || errs != tc.errs || code != tc.code {
				t.Errorf("printed %q, %q, code %d; want %q, %q, %d", out, errs, code, tc.out, tc.errs, tc.code)
			}
		})
	}
}

func TestAListenerEndsWithItsContainer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	h := b.neighbour("web", "10.244.0.3", "echo hi > /tmp/f; httpd -p 80 -h /tmp; nc -lk -p 81 -e cat")
	if got := b.await("curl -sf http://10.244.0.3/f"); got != "hi\n" {
		t.Errorf("said %q", got)
	}
	b.await("nc -z 10.244.0.3 81")
	if out, errs, _ := b.run("echo back | nc 10.244.0.3 81"); out != "back\n" {
		t.Errorf("nc -e cat says %q, %q", out, errs)
	}
	h.Kill()
	b.await("! nc -z 10.244.0.3 80 && ! nc -z 10.244.0.3 81")
}

func TestTheNodeDialsWhatAContainerListensOn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	done := make(chan struct{})
	go func() { // until the test ends it
		defer close(done)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, _ = b.handle.(container.Execer).Exec(ctx, container.Exec{Command: []string{"nc", "-l", "-p", "9000", "-e", "tr", "a-z", "A-Z"}})
	}()
	var said string
	for end := time.Now().Add(time.Minute); said == "" && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		c, err := b.spec.Network.Dial(t.Context(), "127.0.0.1:9000")
		if err != nil {
			continue
		}
		big := strings.Repeat("abc", 100_000)
		go func() {
			_, _ = io.WriteString(c, big) // a short write shows below
			_ = c.(interface{ CloseWrite() error }).CloseWrite()
		}()
		b, err := io.ReadAll(c)
		if err != nil {
			t.Error(err)
		}
		said = string(b)
		_ = c.Close()
	}
	if said != strings.Repeat("ABC", 100_000) {
		t.Errorf("%d bytes came back", len(said))
	}
	<-done
}
