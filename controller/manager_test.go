package controller

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"

	"github.com/kubemint/kubemint/internal/client/clienttest"
	"github.com/kubemint/kubemint/internal/clock"
)

var morning = time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC)

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func stopped(t *testing.T) *clock.Clock {
	t.Helper()
	c := clock.New(clock.Config{Now: morning, Paused: true})
	t.Cleanup(c.Close)
	return c
}

// offline is a configuration whose every identity is the fake server c.
func offline(t *testing.T, c *clienttest.Clientset) Config {
	t.Helper()
	m := clienttest.NewMetadataClient()
	return Config{
		Client:   func(string) kubernetes.Interface { return c },
		Metadata: func(string) metadata.Interface { return m },
		Clock:    stopped(t), RootCA: []byte("the CA\n"), Log: quiet(),
	}
}

// run runs m until the test ends.
func run(t *testing.T, m interface{ Run(context.Context) error }) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := m.Run(ctx); err != nil {
			t.Errorf("run: %v", err)
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(3 * time.Minute); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never came: %s", what)
		}
	}
}

func newNamespace(name string) *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}, Status: corev1.NamespaceStatus{Phase: corev1.NamespaceActive}}
}

// SA-10, SA-11
func TestEveryActiveNamespaceGetsADefaultAccount(t *testing.T) {
	t.Parallel()
	going := newNamespace("going")
	going.Status.Phase = corev1.NamespaceTerminating
	c := clienttest.NewClientset(newNamespace("shop"), going)
	run(t, New(offline(t, c)))
	has := func(ns string) bool {
		_, err := c.CoreV1().ServiceAccounts(ns).Get(t.Context(), "default", metav1.GetOptions{})
		return err == nil
	}
	eventually(t, "shop/default", func() bool { return has("shop") })
	if _, err := c.CoreV1().Namespaces().Create(t.Context(), newNamespace("ci"), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "ci/default", func() bool { return has("ci") })
	if err := c.CoreV1().ServiceAccounts("shop").Delete(t.Context(), "default", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "shop/default again", func() bool { return has("shop") })
	if has("going") {
		t.Error("a terminating namespace got an account")
	}
}

// SA-12, SA-13
func TestEveryActiveNamespaceGetsTheRootCA(t *testing.T) {
	t.Parallel()
	c := clienttest.NewClientset(newNamespace("shop"))
	run(t, New(offline(t, c)))
	read := func() *corev1.ConfigMap {
		cm, err := c.CoreV1().ConfigMaps("shop").Get(t.Context(), "kube-root-ca.crt", metav1.GetOptions{})
		if err != nil {
			return &corev1.ConfigMap{}
		}
		return cm
	}
	right := func() bool { cm := read(); return len(cm.Data) == 1 && cm.Data["ca.crt"] == "the CA\n" }
	eventually(t, "the ConfigMap", right)
	if got := read().Annotations["kubernetes.io/description"]; got == "" {
		t.Error("no description")
	}
	cm := read()
	cm.Data = map[string]string{"ca.crt": "forged", "more": "x"}
	cm.Annotations["kubernetes.io/description"] = "mine"
	if _, err := c.CoreV1().ConfigMaps("shop").Update(t.Context(), cm, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "its data restored", right)
	if got := read().Annotations["kubernetes.io/description"]; got != "mine" {
		t.Errorf("description %q: any text but none is left alone", got)
	}
	if err := c.CoreV1().ConfigMaps("shop").Delete(t.Context(), "kube-root-ca.crt", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the ConfigMap again", right)
}

// SA-15
func TestSystemNamespacesComeBack(t *testing.T) {
	t.Parallel()
	c := clienttest.NewClientset()
	clk := stopped(t)
	s := NewSystemNamespaces(c, clk)
	if err := s.Ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	l, err := c.CoreV1().Namespaces().List(t.Context(), metav1.ListOptions{})
	if err != nil || len(l.Items) != 4 {
		t.Fatalf("%d namespaces, %v", len(l.Items), err)
	}
	run(t, s)
	if err := c.CoreV1().Namespaces().Delete(t.Context(), "kube-node-lease", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "kube-node-lease", func() bool {
		if _, err := clk.Advance(t.Context(), time.Minute, clock.Hooks{}); err != nil {
			t.Fatal(err)
		}
		_, err := c.CoreV1().Namespaces().Get(t.Context(), "kube-node-lease", metav1.GetOptions{})
		return !apierrors.IsNotFound(err)
	})
}

func TestManagerIsIdleWhenAllIsDone(t *testing.T) {
	t.Parallel()
	c := clienttest.NewClientset(newNamespace("shop"))
	m := New(offline(t, c))
	run(t, m)
	eventually(t, "idle with content", func() bool {
		_, err := c.CoreV1().ServiceAccounts("shop").Get(t.Context(), "default", metav1.GetOptions{})
		return err == nil && len(m.Pending()) == 0
	})
	names := map[string]bool{}
	for _, i := range m.Informers() {
		names[i.Name] = true
	}
	if !names["namespaces"] || !names["serviceaccounts"] {
		t.Errorf("informers %v", names)
	}
}
