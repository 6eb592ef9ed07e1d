package kubemint_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/transport/spdy"
	utilexec "k8s.io/client-go/util/exec"
	"k8s.io/client-go/util/retry"

	"github.com/kubemint/kubemint"
)

// shell creates a pod whose container c is a shell that reads its input, and waits until it runs.
func (r *running) shell(name string, edit func(*corev1.Container)) {
	r.t.Helper()
	c := corev1.Container{Name: "c", Image: "busybox", Command: []string{"sh"}, Stdin: true}
	if edit != nil {
		edit(&c)
	}
	if _, err := r.Admin.CoreV1().Pods("default").Create(r.t.Context(), &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       corev1.PodSpec{RestartPolicy: corev1.RestartPolicyNever, Containers: []corev1.Container{c}},
	}, metav1.CreateOptions{}); err != nil {
		r.t.Fatal(err)
	}
	eventually(r.t, "pod "+name+" runs", func() bool {
		p, err := r.Admin.CoreV1().Pods("default").Get(r.t.Context(), name, metav1.GetOptions{})
		return err == nil && p.Status.Phase == corev1.PodRunning
	})
}

// executors are client-go's, by protocol, for a subresource of a pod.
func (r *running) executors(pod, sub string, query url.Values) map[string]remotecommand.Executor {
	r.t.Helper()
	u, err := url.Parse(r.Config.Host + "/api/v1/namespaces/default/pods/" + pod + "/" + sub + "?" + query.Encode())
	if err != nil {
		r.t.Fatal(err)
	}
	socket, err := remotecommand.NewWebSocketExecutor(r.Config, "GET", u.String())
	if err != nil {
		r.t.Fatal(err)
	}
	old, err := remotecommand.NewSPDYExecutor(r.Config, "POST", u)
	if err != nil {
		r.t.Fatal(err)
	}
	return map[string]remotecommand.Executor{"websocket": socket, "spdy": old}
}

// API-234 to API-238.
func TestExecByBothProtocols(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{Nodes: 1})
	r.pod("app", corev1.PodRunning, "busybox", "sleep", "infinity")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	script := "read x; echo got $x; echo bad >&2; exit 7"
	query := url.Values{"container": {"app"}, "command": {"sh", "-c", script}, "stdin": {"true"}, "stdout": {"true"}, "stderr": {"true"}}
	for name, e := range r.executors("app", "exec", query) {
		var out, errs bytes.Buffer
		err := e.StreamWithContext(ctx, remotecommand.StreamOptions{Stdin: strings.NewReader("this\nand that\n"), Stdout: &out, Stderr: &errs})
		var code utilexec.CodeExitError
		if !errors.As(err, &code) || code.Code != 7 || out.String() != "got this\n" || errs.String() != "bad\n" {
			t.Errorf("%s: %v, printed %q and %q", name, err, out.String(), errs.String())
		}
	}
	query = url.Values{"container": {"app"}, "command": {"nosuch"}, "stdout": {"true"}}
	for name, e := range r.executors("app", "exec", query) {
		if err := e.StreamWithContext(ctx, remotecommand.StreamOptions{Stdout: io.Discard}); err == nil {
			t.Errorf("%s: a command that does not exist has run", name)
		}
	}
}

// The protocols of older clients and of browsers: the same channels, the end as a status (API-236) or, before v4, as a text.
func TestExecByChannels(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{Nodes: 1})
	r.pod("app", corev1.PodRunning, "busybox", "sleep", "infinity")
	tlsConfig, err := rest.TLSConfigFor(r.Config)
	if err != nil {
		t.Fatal(err)
	}
	query := url.Values{"command": {"sh", "-c", "echo out; exit 3"}, "stdout": {"true"}, "stderr": {"true"}}
	d := websocket.Dialer{TLSClientConfig: tlsConfig, Subprotocols: []string{"v4.channel.k8s.io"}}
	conn, resp, err := d.DialContext(t.Context(), "wss"+strings.TrimPrefix(r.Config.Host, "https")+"/api/v1/namespaces/default/pods/app/exec?"+query.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = conn.Close(), resp.Body.Close() }()
	got := map[byte]string{}
	first := true
	for {
		_, b, err := conn.ReadMessage()
		if err != nil {
			if !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
				t.Errorf("ended with %v", err)
			}
			break
		}
		if first && string(b) != "\x01" {
			t.Errorf("the first message is %q, want an empty one on channel 1", b)
		}
		first = false
		got[b[0]] += string(b[1:])
	}
	var status metav1.Status
	if err := json.Unmarshal([]byte(got[3]), &status); err != nil {
		t.Fatalf("%v: %q", err, got[3])
	}
	if got[1] != "out\n" || status.Reason != "NonZeroExitCode" || status.Details == nil || status.Details.Causes[0].Message != "3" {
		t.Errorf("printed %q, ended with %+v", got[1], status)
	}
}

func TestAttach(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{Nodes: 1})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ended := func(pod string) int32 {
		t.Helper()
		var code int32
		eventually(t, pod+" has ended", func() bool {
			p, err := r.Admin.CoreV1().Pods("default").Get(ctx, pod, metav1.GetOptions{})
			if err != nil || len(p.Status.ContainerStatuses) == 0 || p.Status.ContainerStatuses[0].State.Terminated == nil {
				return false
			}
			code = p.Status.ContainerStatuses[0].State.Terminated.ExitCode
			return true
		})
		return code
	}
	query := url.Values{"stdin": {"true"}, "stdout": {"true"}, "stderr": {"true"}}
	for _, protocol := range []string{"websocket", "spdy"} {
		name := "reads-" + protocol
		r.shell(name, nil)
		var out, errs bytes.Buffer
		err := r.executors(name, "attach", query)[protocol].StreamWithContext(ctx, remotecommand.StreamOptions{
			Stdin: strings.NewReader("echo hi\necho oops >&2\nexit 5\n"), Stdout: &out, Stderr: &errs,
		})
		// However it ends, the attach has succeeded: the pod's status tells.
		if err != nil || out.String() != "hi\n" || errs.String() != "oops\n" || ended(name) != 5 {
			t.Errorf("%s: %v, printed %q and %q, exit code %d", name, err, out.String(), errs.String(), ended(name))
		}
		if text, _ := r.kubectl("logs", name); text != "hi\noops\n" {
			t.Errorf("%s: the log has %q", name, text)
		}
	}

	// The input of a container that says stdinOnce ends with its first visitor's.
	r.shell("once", func(c *corev1.Container) { c.StdinOnce, c.Command = true, []string{"cat"} })
	var out bytes.Buffer
	if err := r.executors("once", "attach", query)["websocket"].StreamWithContext(ctx, remotecommand.StreamOptions{
		Stdin: strings.NewReader("all of it"), Stdout: &out, Stderr: io.Discard,
	}); err != nil || out.String() != "all of it" || ended("once") != 0 {
		t.Errorf("stdinOnce: %v, printed %q", err, out.String())
	}

	// One that does not stays open, and a second visitor goes on where the first left.
	r.shell("open", func(c *corev1.Container) { c.Command = []string{"sh", "-c", "read a; echo got it; read b; echo $a $b"} })
	first, leave := context.WithCancel(ctx)
	in, typing := io.Pipe()
	shown, show := io.Pipe()
	left := make(chan error, 1)
	go func() {
		left <- r.executors("open", "attach", query)["websocket"].StreamWithContext(first, remotecommand.StreamOptions{Stdin: in, Stdout: show, Stderr: io.Discard})
	}()
	if _, err := typing.Write([]byte("one\n")); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, len("got it\n"))
	if _, err := io.ReadFull(shown, answer); err != nil || string(answer) != "got it\n" {
		t.Fatalf("the first visitor: %v, saw %q", err, answer)
	}
	leave()
	<-left
	_, _ = typing.Close(), shown.Close()
	out.Reset()
	if err := r.executors("open", "attach", query)["spdy"].StreamWithContext(ctx, remotecommand.StreamOptions{
		Stdin: strings.NewReader("two\n"), Stdout: &out, Stderr: io.Discard,
	}); err != nil || out.String() != "one two\n" {
		t.Errorf("the second visitor: %v, saw %q", err, out.String())
	}
}

// A terminal shows its prompt anew when its size is told, and what was typed.
func TestAttachToATerminal(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{Nodes: 1})
	r.shell("term", func(c *corev1.Container) { c.TTY = true })
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	sizes := &sizes{next: []remotecommand.TerminalSize{{Width: 81, Height: 24}, {Width: 80, Height: 24}}}
	var out bytes.Buffer
	query := url.Values{"stdin": {"true"}, "stdout": {"true"}, "tty": {"true"}}
	err := r.executors("term", "attach", query)["websocket"].StreamWithContext(ctx, remotecommand.StreamOptions{
		Stdin: strings.NewReader("echo $((6*7))\rexit\r"), Stdout: &out, Tty: true, TerminalSizeQueue: sizes,
	})
	if err != nil || !strings.Contains(out.String(), "/ # ") || !strings.Contains(out.String(), "\r\n42\r\n") {
		t.Errorf("%v: %q", err, out.String())
	}
}

type sizes struct{ next []remotecommand.TerminalSize }

func (s *sizes) Next() *remotecommand.TerminalSize {
	if len(s.next) == 0 {
		return nil
	}
	size := s.next[0]
	s.next = s.next[1:]
	return &size
}

func TestEphemeralContainer(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{Nodes: 1})
	r.pod("app", corev1.PodRunning, "busybox", "sleep", "infinity")
	pods := r.Admin.CoreV1().Pods("default")
	add := func(name, target string, command ...string) error {
		return retry.RetryOnConflict(retry.DefaultBackoff, func() error { // the node writes, too
			p, err := pods.Get(t.Context(), "app", metav1.GetOptions{})
			if err != nil {
				t.Fatal(err)
			}
			p.Spec.EphemeralContainers = append(p.Spec.EphemeralContainers, corev1.EphemeralContainer{
				EphemeralContainerCommon: corev1.EphemeralContainerCommon{Name: name, Image: "busybox", Command: command}, TargetContainerName: target,
			})
			_, err = pods.UpdateEphemeralContainers(t.Context(), "app", p, metav1.UpdateOptions{})
			return err
		})
	}
	if err := add("look", "app", "sh", "-c", "echo looking; exit 4"); err != nil {
		t.Fatal(err)
	}
	if err := add("second", "", "sh", "-c", "echo still; exec sleep infinity"); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ name, target, want string }{
		{"third", "nobody", `Pod "app" is invalid: spec.ephemeralContainers[2].targetContainerName: Not found: "nobody"`},
		{"app", "", `Pod "app" is invalid: spec.ephemeralContainers[2].name: Duplicate value: "app"`},
	} {
		if err := add(tc.name, tc.target); fmt.Sprint(err) != tc.want {
			t.Errorf("refused with %q, want %q", err, tc.want)
		}
	}
	var p *corev1.Pod
	eventually(t, "one has ended and one runs", func() bool {
		var err error
		p, err = pods.Get(t.Context(), "app", metav1.GetOptions{})
		s := p.Status.EphemeralContainerStatuses
		return err == nil && len(s) == 2 && s[0].State.Terminated != nil && s[1].State.Running != nil
	})
	if s := p.Status.EphemeralContainerStatuses[0]; s.State.Terminated.ExitCode != 4 || s.Ready || s.RestartCount != 0 || p.Status.Phase != corev1.PodRunning {
		t.Errorf("status %+v of a pod that is %s", s, p.Status.Phase)
	}
	for args, want := range map[string]string{"look": "looking\n", "second": "still\n"} {
		eventually(t, "the log of "+args, func() bool { out, _ := r.kubectl("logs", "app", "-c", args); return out == want })
	}
	if out, code := r.kubectl("exec", "app", "-c", "second", "--", "hostname"); code != 0 || out != "app\n" {
		t.Errorf("code %d: %q", code, out)
	}
	zero := int64(0)
	if err := pods.Delete(t.Context(), "app", metav1.DeleteOptions{GracePeriodSeconds: &zero}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the pod is gone", func() bool { _, err := pods.Get(t.Context(), "app", metav1.GetOptions{}); return err != nil })
}

// listener runs a pod that serves a page on port 8080.
func (r *running) listener(name string) {
	r.t.Helper()
	r.pod(name, corev1.PodRunning, "busybox", "sh", "-c", `mkdir -p /www/sub; echo '<a href="/sub/x">x</a>' > /www/index.html; echo "this is $HOSTNAME" > /www/sub/x; exec httpd -f -p 8080 -h /www`)
	eventually(r.t, name+" listens", func() bool {
		code, _ := r.call("", "GET", "/api/v1/namespaces/default/pods/"+name+":8080/proxy/", "")
		return code == http.StatusOK
	})
}

// API-239, with client-go.
func TestPortForward(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{Nodes: 1})
	r.listener("web")
	u, err := url.Parse(r.Config.Host + "/api/v1/namespaces/default/pods/web/portforward")
	if err != nil {
		t.Fatal(err)
	}
	rt, up, err := spdy.RoundTripperFor(r.Config)
	if err != nil {
		t.Fatal(err)
	}
	tunnel, err := portforward.NewSPDYOverWebsocketDialerForStreaming(u, r.Config)
	if err != nil {
		t.Fatal(err)
	}
	old := spdy.NewDialerForStreaming(up, &http.Client{Transport: rt}, http.MethodPost, u)
	for _, dialer := range []any{tunnel, old} {
		stop, ready := make(chan struct{}), make(chan struct{})
		var f *portforward.PortForwarder
		if dialer == any(tunnel) {
			f, err = portforward.NewForStreaming(tunnel, []string{"0:8080"}, stop, ready, io.Discard, io.Discard)
		} else {
			f, err = portforward.NewForStreaming(old, []string{"0:8080"}, stop, ready, io.Discard, io.Discard)
		}
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- f.ForwardPorts() }()
		select {
		case <-ready:
		case err := <-done:
			t.Fatal(err)
		}
		ports, err := f.GetPorts()
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if got := get(t, fmt.Sprintf("http://127.0.0.1:%d/sub/x", ports[0].Local)); got != "this is web\n" {
				t.Errorf("the page is %q", got)
			}
		}
		close(stop)
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func get(t *testing.T, address string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestProxies(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{Nodes: 1})
	r.listener("web")
	if out, code := r.kubectl("label", "pod", "web", "run=web"); code != 0 {
		t.Fatal(out)
	}
	if out, code := r.kubectl("expose", "pod", "web", "--port=80", "--target-port=8080"); code != 0 {
		t.Fatal(out)
	}
	const ns = "/api/v1/namespaces/default"
	eventually(t, "the service has an endpoint", func() bool { code, _ := r.call("", "GET", ns+"/services/web/proxy/", ""); return code == http.StatusOK })
	var node string
	if p, err := r.Admin.CoreV1().Pods("default").Get(t.Context(), "web", metav1.GetOptions{}); err != nil {
		t.Fatal(err)
	} else {
		node = "/api/v1/nodes/" + p.Spec.NodeName
	}
	for _, tc := range []struct {
		path string
		code int
		body string
	}{
		{ns + "/pods/web:8080/proxy/sub/x", 200, "this is web\n"},
		{ns + "/pods/http:web:8080/proxy/sub/x", 200, "this is web\n"},
		{ns + "/pods/web:8080/proxy/", 200, `<a href="` + ns + `/pods/web:8080/proxy/sub/x">x</a>`},
		{ns + "/services/web/proxy/sub/x", 200, "this is web\n"},
		{ns + "/services/web:80/proxy/sub/x", 200, "this is web\n"},
		{ns + "/pods/web:81/proxy/", 503, "error trying to reach service: dial tcp"},
		{ns + "/pods/nobody:80/proxy/", 404, `pods \"nobody\" not found`},
		{ns + "/pods/a:b:c:d/proxy/", 400, `invalid pod request \"a:b:c:d\"`},
		{ns + "/services/web:99/proxy/", 503, `no service port 99 found for service \"web\"`},
		{ns + "/services/web:nope/proxy/", 503, `no endpoints available for service \"web:nope\"`},
		{node + "/proxy/healthz", 200, "ok"},
		{node + "/proxy/pods", 200, `"kind":"PodList"`},
		{node + ":10250/proxy/metrics", 200, "kubelet_running_pods 1\n"},
		{node + "/proxy/containerLogs/default/web/web", 200, ""},
		{node + "/proxy/containerLogs/default/nobody/c", 404, `pod "nobody" does not exist`},
		{node + ":99/proxy/", 503, "connection refused"},
		{"/api/v1/nodes/nobody/proxy/healthz", 404, `nodes \"nobody\" not found`},
	} {
		if code, body := r.call("", "GET", tc.path, ""); code != tc.code || !strings.Contains(body, tc.body) {
			t.Errorf("%s: %d %s, want %d %s", tc.path, code, body, tc.code, tc.body)
		}
	}
	token, _ := r.kubectl("create", "token", "default")
	for _, path := range []string{ns + "/pods/web:8080/proxy/", ns + "/services/web/proxy/", node + "/proxy/pods"} {
		if code, body := r.call(strings.TrimSpace(token), "GET", path, ""); code != http.StatusForbidden || !strings.Contains(body, `/proxy\"`) {
			t.Errorf("%s without rights: %d %s", path, code, body)
		}
	}
}

// forwarding is the line in which kubectl says where it listens.
var forwarding = regexp.MustCompile(`Forwarding from 127\.0\.0\.1:(\d+) -> `)

// With somebody else's kubectl, if there is one.
func TestOutsideKubectlStreams(t *testing.T) {
	t.Parallel()
	outside, err := exec.LookPath("kubectl")
	if err != nil {
		t.Skip("there is no other kubectl here")
	}
	r := start(t, kubemint.Config{Nodes: 1})
	r.listener("web")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	run := func(stdin string, args ...string) (string, int) {
		c := exec.CommandContext(ctx, outside, append([]string{"--kubeconfig", r.KubeconfigPath()}, args...)...)
		c.Stdin = strings.NewReader(stdin)
		out, err := c.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		return string(out), c.ProcessState.ExitCode()
	}
	for _, tc := range []struct {
		stdin, want string
		code        int
		args        []string
	}{
		{"", "this is web\n", 0, []string{"exec", "web", "--", "cat", "/www/sub/x"}},
		{"typed\n", "typed\n", 0, []string{"exec", "-i", "web", "--", "cat"}},
		{"", "command terminated with exit code 9\n", 9, []string{"exec", "web", "--", "sh", "-c", "exit 9"}},
		{"", "error: Metrics API not available\n", 1, []string{"top", "pod"}},
		{"", "error: Metrics API not available\n", 1, []string{"top", "node"}},
		{"", "this is web\n", 0, []string{"get", "--raw", "/api/v1/namespaces/default/pods/web:8080/proxy/sub/x"}},
	} {
		// Kubectls before 1.33 may complain first of a message that they were not ready for.
		if out, code := run(tc.stdin, tc.args...); !strings.HasSuffix(out, tc.want) || code != tc.code {
			t.Errorf("kubectl %q: code %d, %q; want %d, %q", tc.args, code, out, tc.code, tc.want)
		}
	}
	if out, code := run("piped in", "run", "-i", "--rm", "--quiet", "--restart=Never", "--image=busybox", "reader", "--", "cat"); code != 0 || !strings.Contains(out, "piped in") {
		t.Errorf("run -i: code %d, %q", code, out)
	}

	c := exec.CommandContext(ctx, outside, "--kubeconfig", r.KubeconfigPath(), "port-forward", "pod/web", ":8080")
	said, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(said)
	port := ""
	for port == "" && lines.Scan() {
		if m := forwarding.FindStringSubmatch(lines.Text()); m != nil {
			port = m[1]
		}
	}
	if port == "" {
		t.Error("kubectl port-forward did not say where it listens")
	} else if got := get(t, "http://127.0.0.1:"+port+"/sub/x"); got != "this is web\n" {
		t.Errorf("the page is %q", got)
	}
	_ = c.Process.Kill()
	_ = c.Wait()
}
