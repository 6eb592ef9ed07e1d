package program

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kubemint/kubemint/internal/clock"
	"github.com/kubemint/kubemint/internal/pki"
	"github.com/kubemint/kubemint/kubelet/container"
	"github.com/kubemint/kubemint/kubelet/image"
	"github.com/kubemint/kubemint/kubelet/network"
	"github.com/kubemint/kubemint/kubelet/shell/rootfs"
)

var start = time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC)

type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// bench is a pod with one container that runs a program, and a neighbour that talks to it.
type bench struct {
	*testing.T
	clock  *clock.Clock
	net    *network.Network
	pod    string // its directory
	out    lines
	handle container.Handle
	caller *network.End
	server http.Handler // the API server
	ca     []byte
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{T: t, clock: clock.New(clock.Config{Now: start, Paused: true}), pod: t.TempDir()}
	t.Cleanup(b.clock.Close)
	for _, dir := range []string{"rootfs", "token", "pages"} {
		if err := os.Mkdir(filepath.Join(b.pod, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	ca, err := pki.OpenCA("", start)
	if err != nil {
		t.Fatal(err)
	}
	b.ca = ca.CertPEM()
	cert, err := ca.Serving([]string{"kubernetes.default.svc"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	b.net = network.New(network.Config{Server: netip.MustParseAddrPort("10.96.0.1:443"), Dial: func(context.Context, string) (net.Conn, error) {
		near, far := net.Pipe()
		go serveHTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { b.server.ServeHTTP(w, r) }))(
			tls.Server(far, &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{cert}}))
		return near, nil
	}})
	b.caller = b.net.Join(network.Pod{Namespace: "default", Name: "caller", IP: netip.MustParseAddr("10.244.0.3")})
	return b
}

// run starts the image with these args.
func (b *bench) run(name string, env map[string]string, args ...string) {
	b.Helper()
	i, _ := image.Find(name)
	end := b.net.Join(network.Pod{Namespace: "ci", Name: "app", IP: netip.MustParseAddr("10.244.0.2")})
	spec := container.Spec{Namespace: "ci", Pod: "app", Hostname: "app", Image: name, Network: end}
	for k, v := range env {
		spec.Env = append(spec.Env, container.Variable{Name: k, Value: v})
	}
	argv := image.Argv(i, nil, args)
	if !Knows(argv) {
		b.Fatalf("%q is not known", argv)
	}
	var h container.Handle
	idle, err := container.NewSimulated(b.clock).Start(b.Context(), container.Spec{Exited: func() { Ended(h) }})
	if err != nil {
		b.Fatal(err)
	}
	h = Start(Config{
		Spec: spec, Argv: argv, Image: i, Clock: b.clock, Out: &b.out, Err: &b.out, Idle: idle,
		Files: rootfs.Config{Pod: b.pod, Root: "rootfs", Mounts: []rootfs.Mount{{Path: account, Dir: "token", ReadOnly: true}}},
	})
	b.handle = h
	b.Cleanup(h.Kill)
}

func (b *bench) write(name, text string) {
	b.Helper()
	full := filepath.Join(b.pod, name)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
}

// get asks a port of the pod.
func (b *bench) get(port uint16, path string) (code int, body string) {
	b.Helper()
	t := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return b.caller.Dial(ctx, netip.AddrPortFrom(netip.MustParseAddr("10.244.0.2"), port).String())
	}}
	defer t.CloseIdleConnections()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, "http://app"+path, nil)
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("User-Agent", "test")
	resp, err := t.RoundTrip(req)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func (b *bench) says(text string) {
	b.Helper()
	for end := time.Now().Add(time.Minute); !strings.Contains(b.out.String(), text); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			b.Fatalf("never said %q, but %q", text, b.out.String())
		}
	}
}

func (b *bench) leap(d time.Duration) {
	b.Helper()
	if _, _, err := b.clock.Leap(d); err != nil {
		b.Fatal(err)
	}
}

func TestWebServer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run("nginx:1.29", nil)
	b.says("start worker processes")
	code, body := b.get(80, "/")
	if code != 200 || !strings.Contains(body, "<title>Welcome to nginx!</title>") {
		t.Errorf("%d %s", code, body)
	}
	b.says(fmt.Sprintf(`10.244.0.3 - - [23/Nov/2026:08:30:00 +0000] "GET / HTTP/1.1" 200 %d "-" "test" "-"`, len(body)))
	b.write("rootfs/usr/share/nginx/html/index.html", "mine\n")
	b.write("rootfs/usr/share/nginx/html/sub/a.txt", "a\n")
	for path, want := range map[string]string{
		"/": "200 mine\n", "/sub/a.txt": "200 a\n", "/no": "404 ", "/sub/": "404 ", "/../../../../etc/passwd": "404 ", "/%2e%2e/%2e%2e/token": "404 ",
	} {
		code, body := b.get(80, path)
		if got := fmt.Sprint(code, " ", body); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	if code, body := b.get(81, "/"); code != 0 || !strings.HasSuffix(body, "connection refused") {
		t.Errorf("another port: %d %s", code, body)
	}
	b.handle.Stop()
	if e, over := b.handle.Exit(); !over || e.Code != 0 {
		t.Errorf("after TERM: %+v, %v", e, over)
	}
	if code, body := b.get(80, "/"); code != 0 || !strings.HasSuffix(body, "connection refused") {
		t.Errorf("after its end: %d %s", code, body)
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		image string
		args  []string
		port  uint16
		want  string
	}{
		{"hashicorp/http-echo", []string{"-text=hello", "-listen=:8080"}, 8080, "hello\n"},
		{"hashicorp/http-echo", []string{"-text", "hi"}, 5678, "hi\n"},
		{"gcr.io/google-samples/hello-app:2.0", nil, 8080, "Hello, world!\nVersion: 2.0.0\nHostname: app\n"},
		{"httpd", nil, 80, "It works!"},
		{"nginxinc/nginx-unprivileged", nil, 8080, "Welcome to nginx!"},
		{"traefik/whoami", nil, 80, "Hostname: app\nIP: 127.0.0.1\nIP: 10.244.0.2\n"},
		{"registry:2", nil, 5000, "{}"},
	} {
		b := newBench(t)
		b.run(tc.image, nil, tc.args...)
		if code, body := b.get(tc.port, "/"); code != 200 || !strings.Contains(body, tc.want) {
			t.Errorf("%s %q answers %d %q, want %q", tc.image, tc.args, code, body, tc.want)
		}
	}
}

func TestDatabases(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		image string
		env   map[string]string
		port  uint16 // 0: it ends with code 1
	}{
		{"mysql:9", nil, 0}, {"mysql:9", map[string]string{"MYSQL_ROOT_PASSWORD": "x"}, 3306},
		{"postgres:18", nil, 0}, {"postgres:18", map[string]string{"POSTGRES_PASSWORD": "x"}, 5432},
		{"mariadb", map[string]string{"MARIADB_ALLOW_EMPTY_ROOT_PASSWORD": "1"}, 3306}, {"mongo", nil, 27017},
	} {
		b := newBench(t)
		b.run(tc.image, tc.env)
		if e, over := b.handle.Exit(); over != (tc.port == 0) || over && e.Code != 1 {
			t.Errorf("%s with %v: ended %v, %+v", tc.image, tc.env, over, e)
		}
		if tc.port != 0 && !b.handle.(*process).cfg.Spec.Network.Listens(tc.port) {
			t.Errorf("%s does not listen on %d", tc.image, tc.port)
		}
	}
	b := newBench(t)
	b.run("redis", nil)
	c, err := b.caller.Dial(t.Context(), "10.244.0.2:6379")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if _, err := io.WriteString(c, "PING\r\n"); err != nil {
		t.Fatal(err)
	}
	if got, err := bufio.NewReader(c).ReadString('\n'); got != "+PONG\r\n" {
		t.Errorf("redis says %q, %v", got, err)
	}
}

func TestPrometheusScrapes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run("prom/prometheus:v3", nil)
	if code, body := b.get(9090, "/-/ready"); code != 200 {
		t.Errorf("%d %s", code, body)
	}
	b.leap(scrapeFirst)
	b.says("scrape failed: no token is mounted")
	b.write("token/token", "one\n")
	b.write("token/ca.crt", string(b.ca))
	var mu sync.Mutex
	var seen []string
	code, body := 403, `{"kind":"Status","message":"pods is forbidden: User \"x\" cannot list"}`
	b.server = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, r.Method+" "+r.URL.Path+" "+r.Header.Get("Authorization")+" "+r.UserAgent())
		w.WriteHeader(code)
		fmt.Fprint(w, body)
	})
	b.leap(scrapePeriod)
	b.says(`scrape refused: 403 pods is forbidden: User \"x\" cannot list`)
	mu.Lock()
	if len(seen) != 1 || seen[0] != "GET /api/v1/pods Bearer one prometheus/v3" {
		t.Errorf("asked %q", seen)
	}
	code, body = 200, `{"items":[{},{},{}]}`
	mu.Unlock()
	b.write("token/token", "two\n")
	b.leap(scrapePeriod)
	b.says("scraped 3 pods")
	mu.Lock()
	if len(seen) != 2 || !strings.Contains(seen[1], "Bearer two") {
		t.Errorf("asked %q", seen)
	}
	mu.Unlock()
	b.handle.Kill()
	b.leap(10 * scrapePeriod)
	mu.Lock()
	defer mu.Unlock()
	if e, over := b.handle.Exit(); !over || e.Code != 137 || len(seen) != 2 {
		t.Errorf("after its end: %+v, asked %q", e, seen)
	}
}

func TestJenkinsDeploys(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.write("token/token", "one")
	b.write("token/ca.crt", string(b.ca))
	var mu sync.Mutex
	codes := []int{403, 201, 409, 200}
	var seen []string
	b.server = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, r.Method+" "+r.URL.Path)
		w.WriteHeader(codes[len(seen)-1])
		fmt.Fprint(w, `{"kind":"Status","message":"no"}`)
	})
	b.run("jenkins/jenkins:lts", nil)
	b.leap(deployFirst)
	b.says("build #1: deploy refused: 403 no")
	b.leap(deployPeriod)
	b.says("build #2: deployed: Deployment ci/deployed-by-jenkins created")
	b.leap(deployPeriod)
	b.says("build #3: deployed: Deployment ci/deployed-by-jenkins patched")
	mu.Lock()
	defer mu.Unlock()
	const list = "/apis/apps/v1/namespaces/ci/deployments"
	want := []string{"POST " + list, "POST " + list, "POST " + list, "PATCH " + list + "/" + deployed}
	if strings.Join(seen, ", ") != strings.Join(want, ", ") {
		t.Errorf("asked %q", seen)
	}
}

func TestTwoOfAPodCannotHaveOnePort(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run("nginx", nil)
	b.run("httpd", nil)
	b.says("bind() to 0.0.0.0:80 failed (98: Address already in use)")
	if e, over := b.handle.Exit(); !over || e.Code != 1 {
		t.Errorf("the second one: %+v, %v", e, over)
	}
	if code, body := b.get(80, "/"); code != 200 || !strings.Contains(body, "nginx") {
		t.Errorf("%d %s", code, body)
	}
}
