package kubelet

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/kubemint/kubemint/kubelet/container"
)

// listening is a runtime whose containers listen on port 8080 and answer as the test says.
type listening struct {
	container.Runtime
	answer chan string // the next answers; empty: hang up
}

type listener struct{ container.Handle }

func (listener) Networked() bool { return true }

func (l *listening) Start(ctx context.Context, spec container.Spec) (container.Handle, error) {
	h, err := l.Runtime.Start(ctx, spec)
	if err != nil {
		return nil, err
	}
	_, err = spec.Network.Listen(8080, func(c net.Conn) {
		defer func() { _ = c.Close() }()
		b := make([]byte, 4096)
		n, err := c.Read(b)
		if err != nil {
			return
		}
		text := <-l.answer
		_, _ = fmt.Fprintf(c, text, strings.Contains(string(b[:n]), "User-Agent: kube-probe/1.36")) // the prober may have gone
	})
	return listener{h}, err
}

func TestProbesAskTheListener(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	l := &listening{Runtime: container.NewSimulated(b.clock), answer: make(chan string, 1)}
	b.cfg.Runtime = l
	b.run()
	l.answer <- "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Prober: %v\r\n\r\n"
	b.pod("app", `containers: [{name: c, image: x, ports: [{name: web, containerPort: 8080}],
		readinessProbe: {httpGet: {path: "/ready?x=1", port: web}, periodSeconds: 10, failureThreshold: 1, timeoutSeconds: 60}}]`)
	b.eventually("ready", func() bool { return b.ready("app") })
	b.quiet()
	l.answer <- "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nX-Prober: %v\r\n\r\n"
	b.leap(10 * time.Second)
	b.wantEvent("Warning|Unhealthy|spec.containers{c}|Readiness probe failed: HTTP probe failed with statuscode: 503")
	b.eventually("not ready", func() bool { return !b.ready("app") })
}

func TestProbesOfPortsNobodyListensOn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	l := &listening{Runtime: container.NewSimulated(b.clock), answer: make(chan string, 1)}
	b.cfg.Runtime = l
	b.run()
	b.pod("http", `containers: [{name: c, image: x, readinessProbe: {httpGet: {path: /healthz, port: 9090}, initialDelaySeconds: 5}}]`)
	b.pod("tcp", `containers: [{name: d, image: x, readinessProbe: {tcpSocket: {port: 9090}, initialDelaySeconds: 5}}]`)
	b.pod("grpc", `containers: [{name: e, image: x, readinessProbe: {grpc: {port: 9090}, initialDelaySeconds: 5}}]`)
	b.pod("open", `containers: [{name: f, image: x, readinessProbe: {tcpSocket: {port: 8080}, initialDelaySeconds: 5}}]`)
	for _, name := range []string{"http", "tcp", "grpc", "open"} {
		b.running(name)
	}
	b.advance(5 * time.Second)
	ip := func(name string) string { return b.get(name).Status.PodIP }
	b.wantEvent(fmt.Sprintf(`Warning|Unhealthy|spec.containers{c}|Readiness probe failed: Get "http://%[1]s:9090/healthz": dial tcp %[1]s:9090: connect: connection refused`, ip("http")))
	b.wantEvent(fmt.Sprintf(`Warning|Unhealthy|spec.containers{d}|Readiness probe failed: dial tcp %s:9090: connect: connection refused`, ip("tcp")))
	b.wantEvent(fmt.Sprintf(`Warning|Unhealthy|spec.containers{e}|Readiness probe failed: timeout: failed to connect service "%s:9090" within 1s: context deadline exceeded`, ip("grpc")))
	b.eventually("the open port is ready", func() bool { return b.ready("open") })
}

func TestDialPod(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	l := &listening{Runtime: container.NewSimulated(b.clock), answer: make(chan string, 1)}
	b.cfg.Runtime = l
	b.run()
	b.pod("app", `containers: [{name: c, image: x}]`)
	b.running("app")
	c, err := b.node.DialPod(t.Context(), "default", "app", 8080)
	if err != nil {
		t.Fatal(err)
	}
	l.answer <- "hello %v"
	if _, err := io.WriteString(c, "hi"); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(c); string(got) != "hello false" || err != nil {
		t.Errorf("heard %q, %v", got, err)
	}
	_ = c.Close()
	if _, err := b.node.DialPod(t.Context(), "default", "app", 8081); err == nil || !strings.HasSuffix(err.Error(), "connect: connection refused") {
		t.Errorf("another port: %v", err)
	}
	if _, err := b.node.DialPod(t.Context(), "default", "nobody", 8080); err == nil || !strings.Contains(err.Error(), ErrNoPod.Error()) {
		t.Errorf("another pod: %v", err)
	}
}
