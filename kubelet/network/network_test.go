package network

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubemint/kubemint/internal/client/clienttest"
)

var server = netip.MustParseAddrPort("10.96.0.1:443")

// bench is a network that runs, with the Services of these objects.
func bench(t *testing.T, objects ...runtime.Object) *Network {
	t.Helper()
	n := New(Config{
		Client: clienttest.NewClientset(objects...), Server: server,
		Dial: func(_ context.Context, node string) (net.Conn, error) { return answering("api for " + node), nil },
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = n.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return n
}

// answering is a connection on which this has been said.
func answering(text string) net.Conn {
	near, far := net.Pipe()
	go func() { says(text)(far) }()
	return near
}

func says(text string) Serve {
	return func(c net.Conn) {
		_, _ = io.WriteString(c, text) // a caller that has gone hears nothing
		_ = c.Close()
	}
}

func pod(n *Network, namespace, name, ip string) *End {
	return n.Join(Pod{Namespace: namespace, Name: name, Node: "node-1", IP: netip.MustParseAddr(ip)})
}

// hear dials and returns what is said, or the error's text.
func hear(t *testing.T, from *End, address string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c, err := from.Dial(ctx, address)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = c.Close() }()
	b, err := io.ReadAll(c)
	if err != nil {
		t.Errorf("reading from %s: %v", address, err)
	}
	return string(b)
}

func service(namespace, name, ip string, ports ...corev1.ServicePort) *corev1.Service {
	return &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Spec: corev1.ServiceSpec{ClusterIP: ip, Ports: ports}}
}

func slice(namespace, service, port string, number int32, endpoints ...discoveryv1.Endpoint) *discoveryv1.EndpointSlice {
	return &discoveryv1.EndpointSlice{
		ObjectMeta:  metav1.ObjectMeta{Namespace: namespace, Name: service + "-1", Labels: map[string]string{discoveryv1.LabelServiceName: service}},
		AddressType: discoveryv1.AddressTypeIPv4, Endpoints: endpoints,
		Ports: []discoveryv1.EndpointPort{{Name: &port, Port: &number}},
	}
}

func endpoint(ip string, ready bool) discoveryv1.Endpoint {
	return discoveryv1.Endpoint{Addresses: []string{ip}, Conditions: discoveryv1.EndpointConditions{Ready: &ready}}
}

func TestDial(t *testing.T) {
	t.Parallel()
	host := "db-0"
	named := endpoint("10.244.0.5", true)
	named.Hostname = &host
	n := bench(t,
		service("default", "web", "10.96.0.50", corev1.ServicePort{Name: "http", Port: 80, NodePort: 30080}, corev1.ServicePort{Name: "admin", Port: 9000}),
		slice("default", "web", "http", 8080, endpoint("10.244.0.5", true), endpoint("10.244.0.6", false)),
		service("default", "empty", "10.96.0.51", corev1.ServicePort{Port: 80}),
		service("default", "gone", "10.96.0.52", corev1.ServicePort{Port: 80}), slice("default", "gone", "", 80, endpoint("10.244.0.77", true)),
		service("shop", "db", corev1.ClusterIPNone, corev1.ServicePort{Port: 5432}), slice("shop", "db", "", 5432, named, endpoint("10.244.0.6", true), endpoint("10.244.0.7", false)),
		&corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "alias"}, Spec: corev1.ServiceSpec{Type: corev1.ServiceTypeExternalName, ExternalName: "web.default.svc.cluster.local"}},
		&corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "away"}, Spec: corev1.ServiceSpec{Type: corev1.ServiceTypeExternalName, ExternalName: "example.com"}},
	)
	n.AddNode(netip.MustParseAddr("172.18.0.2"))
	a, b := pod(n, "default", "a", "10.244.0.4"), pod(n, "shop", "b", "10.244.0.5")
	for _, port := range []uint16{80, 8080} {
		if _, err := b.Listen(port, says("b at "+netip.AddrPortFrom(b.who.IP, port).String())); err != nil {
			t.Fatal(err)
		}
	}
	for _, tc := range []struct{ name, address, want string }{
		{"a pod's address", "10.244.0.5:80", "b at 10.244.0.5:80"},
		{"a port nobody listens on", "10.244.0.5:81", "dial tcp 10.244.0.5:81: connect: connection refused"},
		{"an address no pod has", "10.244.3.3:80", "dial tcp 10.244.3.3:80: connect: no route to host"},
		{"own loopback", "127.0.0.1:80", "dial tcp 127.0.0.1:80: connect: connection refused"},
		{"the API server", "10.96.0.1:443", "api for node-1"},
		{"another port of the API server", "10.96.0.1:80", "dial tcp 10.96.0.1:80: connect: connection refused"},
		{"a Service, to its target port and ready endpoint", "10.96.0.50:80", "b at 10.244.0.5:8080"},
		{"a Service's port without endpoints", "10.96.0.50:9000", "dial tcp 10.96.0.50:9000: connect: connection refused"},
		{"a port the Service has not", "10.96.0.50:8080", "dial tcp 10.96.0.50:8080: connect: connection refused"},
		{"a Service without endpoints", "10.96.0.51:80", "dial tcp 10.96.0.51:80: connect: connection refused"},
		{"a Service whose pod has gone", "10.96.0.52:80", "dial tcp 10.96.0.52:80: connect: no route to host"},
		{"a node port", "172.18.0.2:30080", "b at 10.244.0.5:8080"},
		{"another port of a node", "172.18.0.2:22", "dial tcp 172.18.0.2:22: connect: connection refused"},
		{"the computer", "192.168.1.1:22", "dial tcp 192.168.1.1:22: connect: connection refused"},
		{"the world", "93.184.216.34:443", "dial tcp 93.184.216.34:443: connect: connection refused"},
	} {
		if got := hear(t, a, tc.address); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
	if got := hear(t, b, "127.0.0.1:80"); got != "b at 10.244.0.5:80" {
		t.Errorf("loopback: %q", got)
	}
	for _, tc := range []struct {
		from *End
		name string
		want string
	}{
		{a, "web", "web.default.svc.cluster.local 10.96.0.50"},
		{b, "web", ""},
		{b, "web.default", "web.default.svc.cluster.local 10.96.0.50"},
		{b, "web.default.svc", "web.default.svc.cluster.local 10.96.0.50"},
		{b, "WEB.default.svc.cluster.local", "web.default.svc.cluster.local 10.96.0.50"},
		{a, "web.default.svc.cluster.local.", "web.default.svc.cluster.local 10.96.0.50"},
		{a, "web.default.", ""},
		{b, "db", "db.shop.svc.cluster.local 10.244.0.5 10.244.0.6"},
		{a, "db-0.db.shop", "db-0.db.shop.svc.cluster.local 10.244.0.5"},
		{a, "db-9.db.shop", ""},
		{a, "10-244-0-5.shop.pod", "10-244-0-5.shop.pod.cluster.local 10.244.0.5"},
		{a, "kubernetes", "kubernetes.default.svc.cluster.local 10.96.0.1"},
		{b, "kubernetes", ""},
		{b, "kubernetes.default", "kubernetes.default.svc.cluster.local 10.96.0.1"},
		{a, "alias", "web.default.svc.cluster.local 10.96.0.50"},
		{a, "away", ""},
		{a, "example.com", ""},
		{a, "localhost", "localhost 127.0.0.1"},
		{a, "a", "a 10.244.0.4"},
		{a, "10.1.2.3", "10.1.2.3 10.1.2.3"},
		{a, "", ""},
		{a, "..", ""},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		answer, ok, err := tc.from.Resolve(ctx, tc.name)
		cancel()
		words := []string{answer.Name}
		for _, ip := range answer.Addresses {
			words = append(words, ip.String())
		}
		if got := strings.Join(words, " "); err != nil || ok != (tc.want != "") || ok && got != tc.want {
			t.Errorf("%s asks for %q: %q, %v, %v; want %q", tc.from.who.Name, tc.name, got, ok, err, tc.want)
		}
	}
}

func TestSessionAffinityKeepsAClientAtOneEndpoint(t *testing.T) {
	t.Parallel()
	s := service("default", "web", "10.96.0.50", corev1.ServicePort{Port: 80})
	sticky := service("default", "sticky", "10.96.0.51", corev1.ServicePort{Port: 80})
	sticky.Spec.SessionAffinity = corev1.ServiceAffinityClientIP
	both := []discoveryv1.Endpoint{endpoint("10.244.0.5", true), endpoint("10.244.0.6", true)}
	n := bench(t, s, sticky, slice("default", "web", "", 80, both...), slice("default", "sticky", "", 80, both...))
	for _, ip := range []string{"10.244.0.5", "10.244.0.6"} {
		if _, err := pod(n, "default", ip, ip).Listen(80, says(ip)); err != nil {
			t.Fatal(err)
		}
	}
	a := pod(n, "default", "a", "10.244.0.4")
	heard := map[string]map[string]bool{"10.96.0.50:80": {}, "10.96.0.51:80": {}}
	for address, by := range heard {
		for range 64 { // one endpoint alone answers all of them once in 2^63 runs
			by[hear(t, a, address)] = true
		}
	}
	if len(heard["10.96.0.50:80"]) != 2 || len(heard["10.96.0.51:80"]) != 1 {
		t.Errorf("heard %v", heard)
	}
}

func TestAPodThatLeavesEndsItsConnections(t *testing.T) {
	t.Parallel()
	n := bench(t)
	a, b := pod(n, "default", "a", "10.244.0.4"), pod(n, "default", "b", "10.244.0.5")
	served := make(chan struct{})
	if _, err := b.Listen(80, func(c net.Conn) { _, _ = io.Copy(io.Discard, c); close(served) }); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Listen(80, says("")); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("a second listener: %v", err)
	}
	c, err := a.Dial(t.Context(), "10.244.0.5:80")
	if err != nil {
		t.Fatal(err)
	}
	if from := c.LocalAddr().String(); !strings.HasPrefix(from, "10.244.0.4:") || c.RemoteAddr().String() != "10.244.0.5:80" {
		t.Errorf("from %s to %s", from, c.RemoteAddr())
	}
	b.Leave()
	<-served
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the caller reads %v", err)
	}
	_ = c.Close()
	if got := hear(t, a, "10.244.0.5:80"); !strings.HasSuffix(got, "no route to host") {
		t.Errorf("afterwards: %q", got)
	}
	b.Leave() // once more is no harm
	again := pod(n, "default", "c", "10.244.0.5")
	stop, err := again.Listen(80, says("c"))
	if err != nil {
		t.Fatal(err)
	}
	if got := hear(t, a, "10.244.0.5:80"); got != "c" {
		t.Errorf("its address has a new owner: %q", got)
	}
	stop()
	if again.Listens(80) || hear(t, a, "10.244.0.5:80") != "dial tcp 10.244.0.5:80: connect: connection refused" {
		t.Errorf("still listens")
	}
}

func TestPodsOfTheNodesNetworkShareItsPorts(t *testing.T) {
	t.Parallel()
	n := bench(t)
	ip := netip.MustParseAddr("172.18.0.2")
	n.AddNode(ip)
	a, b := n.Join(Pod{Namespace: "x", Name: "a", IP: ip}), n.Join(Pod{Namespace: "y", Name: "b", IP: ip})
	if _, err := a.Listen(80, says("a")); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Listen(80, says("b")); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("the same port: %v", err)
	}
	a.Leave()
	if got := hear(t, pod(n, "default", "c", "10.244.0.4"), "172.18.0.2:80"); got != "a" {
		t.Errorf("while another pod has the address: %q", got)
	}
	b.Leave()
	if got := hear(t, pod(n, "default", "d", "10.244.0.8"), "172.18.0.2:80"); !strings.HasSuffix(got, "refused") {
		t.Errorf("after both: %q", got)
	}
}

func TestNothingIsWatchedBeforeItIsNeeded(t *testing.T) {
	t.Parallel()
	api := clienttest.NewClientset(service("default", "web", "10.96.0.50", corev1.ServicePort{Port: 80}))
	n := New(Config{Client: api, Server: server})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = n.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	a := pod(n, "default", "a", "10.244.0.4")
	_, _, _ = a.Resolve(t.Context(), "kubernetes")
	_ = hear(t, a, "10.96.0.1:443")
	if n.Informers() != nil || len(api.Actions()) != 0 {
		t.Errorf("watched for the API server's sake: %v", api.Actions())
	}
	limited, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	if _, ok, err := a.Resolve(limited, "web"); !ok || err != nil {
		t.Errorf("found %v, %v", ok, err)
	}
	if got := n.Informers(); len(got) != 2 {
		t.Errorf("watches %v", got)
	}
	over, end := context.WithCancel(t.Context())
	end()
	if _, err := a.Dial(over, "10.96.0.50:80"); !errors.Is(err, context.Canceled) {
		t.Errorf("dial after the end: %v", err)
	}
}

func TestCandidatesFollowTheSearchList(t *testing.T) {
	t.Parallel()
	e := &End{who: Pod{Namespace: "shop"}}
	search := []string{".shop.svc.cluster.local", ".svc.cluster.local", ".cluster.local", ""}
	for name, first := range map[string]string{"web": "web.shop.svc.cluster.local", "a.b.c.d.e": "a.b.c.d.e.shop.svc.cluster.local", "a.b.c.d.e.f": "a.b.c.d.e.f"} {
		got := e.candidates(name)
		if len(got) != len(search) || got[0] != first || !slices.Contains(got, name) {
			t.Errorf("%s: %v", name, got)
		}
	}
	if got := e.candidates("web."); !slices.Equal(got, []string{"web"}) {
		t.Errorf("an absolute name: %v", got)
	}
}
