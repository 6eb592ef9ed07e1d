package garbage

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	fakediscovery "k8s.io/client-go/discovery/fake"
	"k8s.io/client-go/kubernetes/fake"
	metafake "k8s.io/client-go/metadata/fake"
	ktesting "k8s.io/client-go/testing"
	"k8s.io/client-go/tools/record"

	"github.com/kubemint/kubemint/controller/work"
	"github.com/kubemint/kubemint/internal/client/clienttest"
)

var (
	configMaps = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}
	nodes      = schema.GroupVersionResource{Version: "v1", Resource: "nodes"}
)

// object makes a ConfigMap called name with UID "uid-name", owned by owners.
func object(name string, owners ...string) *metav1.PartialObjectMetadata {
	o := &metav1.PartialObjectMetadata{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, UID: types.UID("uid-" + name)},
	}
	yes := true
	for _, owner := range owners {
		o.OwnerReferences = append(o.OwnerReferences, metav1.OwnerReference{APIVersion: "v1", Kind: "ConfigMap", Name: owner,
			UID: types.UID("uid-" + owner), BlockOwnerDeletion: &yes})
	}
	return o
}

func deleting(o *metav1.PartialObjectMetadata, finalizer string) *metav1.PartialObjectMetadata {
	o.DeletionTimestamp = &metav1.Time{Time: time.Unix(1000, 0)}
	o.Finalizers = []string{finalizer, "example.com/other"} // the fake server does not remove what has no finalizer left
	return o
}

// cluster is a fake server of ConfigMaps and Nodes with a collector at work.
type cluster struct {
	*metafake.FakeMetadataClient
	events *record.FakeRecorder
}

func start(t *testing.T, objects ...*metav1.PartialObjectMetadata) cluster {
	t.Helper()
	cl := holding(objects...)
	cl.collect(t)
	return cl
}

// holding is such a server before any collector is at work.
func holding(objects ...*metav1.PartialObjectMetadata) cluster {
	return cluster{clienttest.NewMetadataClient(objects...), record.NewFakeRecorder(100)}
}

// collect sets a collector to work until the test ends.
func (cl cluster) collect(t *testing.T) {
	t.Helper()
	typed := fake.NewClientset()
	all := metav1.Verbs{"get", "list", "watch", "delete", "patch"}
	typed.Discovery().(*fakediscovery.FakeDiscovery).Resources = []*metav1.APIResourceList{{GroupVersion: "v1", APIResources: []metav1.APIResource{
		{Name: "configmaps", Kind: "ConfigMap", Namespaced: true, Verbs: all},
		{Name: "nodes", Kind: "Node", Verbs: all},
		{Name: "nodes/status", Kind: "Node", Verbs: metav1.Verbs{"patch"}},
		{Name: "bindings", Kind: "Binding", Namespaced: true, Verbs: metav1.Verbs{"create"}},
	}}}
	informers := &work.Informers{}
	c := New(work.Env{Informers: informers, Client: typed, Metadata: cl, Events: cl.events, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}, cl)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); c.Run(ctx); informers.Wait() }()
	t.Cleanup(func() { cancel(); <-done })
}

func (c cluster) names(t *testing.T) []string {
	t.Helper()
	l, err := c.Resource(configMaps).Namespace("").List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, o := range l.Items {
		names = append(names, o.Name)
	}
	slices.Sort(names)
	return names
}

func (c cluster) get(t *testing.T, name string) *metav1.PartialObjectMetadata {
	t.Helper()
	o, err := c.Resource(configMaps).Namespace("shop").Get(t.Context(), name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func (c cluster) left(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if got = c.names(t); cmp.Equal(got, want) {
			return
		}
	}
	t.Fatalf("left: %v, want %v", got, want)
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never came: %s", what)
		}
	}
}

// API-181
func TestCollectorDeletesWhatLostAllOwners(t *testing.T) {
	t.Parallel()
	c := start(t, object("top"), object("middle", "top"), object("leaf", "middle"), object("shared", "top", "stays"), object("stays"), object("lost", "never"))
	c.left(t, "leaf", "middle", "shared", "stays", "top") // "lost" goes at once
	if err := c.Resource(configMaps).Namespace("shop").Delete(t.Context(), "top", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	c.left(t, "shared", "stays")
	eventually(t, "the dead reference taken out", func() bool { return len(c.get(t, "shared").OwnerReferences) == 1 })
}

// API-182
func TestCollectorGoesByUIDNotByName(t *testing.T) {
	t.Parallel()
	again := object("top")
	again.UID = "another"
	c := start(t, again, object("leaf", "top"))
	c.left(t, "top")
}

// API-181
func TestCollectorTakesAnOwnerOfAnotherNamespaceForAbsent(t *testing.T) {
	t.Parallel()
	away := object("owner")
	away.Namespace = "elsewhere"
	c := start(t, away, object("leaf", "owner"))
	c.left(t, "owner")
	if got := <-c.events.Events; !strings.Contains(got, "OwnerRefInvalidNamespace") || !strings.Contains(got, `does not exist in namespace "shop"`) {
		t.Errorf("event %q", got)
	}
}

func TestCollectorLeavesWhatItCannotJudge(t *testing.T) {
	t.Parallel()
	odd := object("odd")
	odd.OwnerReferences = []metav1.OwnerReference{{APIVersion: "example.com/v1", Kind: "Thing", Name: "x", UID: "u"}}
	wide := &metav1.PartialObjectMetadata{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Node"}, ObjectMeta: metav1.ObjectMeta{Name: "n", UID: "uid-n",
		OwnerReferences: object("x", "owner").OwnerReferences}}
	c := start(t, odd, wide, object("lost", "never"))
	c.left(t, "odd")
	if _, err := c.Resource(nodes).Get(t.Context(), "n", metav1.GetOptions{}); err != nil {
		t.Errorf("a cluster-wide object with a namespaced owner was collected: %v", err)
	}
}

// API-180
func TestCollectorOrphans(t *testing.T) {
	t.Parallel()
	c := start(t, deleting(object("top"), "orphan"), object("leaf", "top"), object("both", "top", "stays"), object("stays"))
	eventually(t, "references taken out", func() bool {
		return len(c.get(t, "leaf").OwnerReferences) == 0 && len(c.get(t, "both").OwnerReferences) == 1
	})
	eventually(t, "the finalizer taken off", func() bool { return !slices.Contains(c.get(t, "top").Finalizers, "orphan") })
	c.left(t, "both", "leaf", "stays", "top")
}

// API-180
func TestCollectorDeletesInTheForeground(t *testing.T) {
	t.Parallel()
	slow := object("slow", "top")
	slow.Finalizers = []string{"example.com/slow"}
	hold := make(chan struct{})
	c := holding(deleting(object("top"), "foregroundDeletion"), object("leaf", "top"), slow)
	c.PrependReactor("delete", "configmaps", func(a ktesting.Action) (bool, runtime.Object, error) {
		if a.(ktesting.DeleteAction).GetName() != "slow" {
			return false, nil, nil
		}
		select {
		case <-hold:
			return false, nil, nil
		default:
			return true, nil, apierrors.NewServiceUnavailable("held by the test")
		}
	})
	c.collect(t)
	c.left(t, "slow", "top")
	if !slices.Contains(c.get(t, "top").Finalizers, "foregroundDeletion") {
		t.Fatal("the owner did not wait for the dependent that blocks it")
	}
	close(hold)
	c.left(t, "top")
	eventually(t, "the finalizer taken off", func() bool { return !slices.Contains(c.get(t, "top").Finalizers, "foregroundDeletion") })
}
