package admission

import (
	"context"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubemint/kubemint/apiserver/request"
)

// world is a Getter over plain maps, keyed by namespace/name or name.
type world struct {
	namespaces map[string]*corev1.Namespace
	accounts   map[string]*corev1.ServiceAccount
	secrets    map[string]*corev1.Secret
	pods       map[string]*corev1.Pod
	nodes      map[string]*corev1.Node
	priorities []*schedulingv1.PriorityClass
	storages   []*storagev1.StorageClass
	limits     []*corev1.LimitRange
	lookups    int
	appears    int // the look-up at which default/default comes into being
}

func find[T any](m map[string]*T, resource, key, name string) (*T, error) {
	if o, ok := m[key]; ok {
		return o, nil
	}
	return nil, apierrors.NewNotFound(schema.GroupResource{Resource: resource}, name)
}

func (w *world) Namespace(name string) (*corev1.Namespace, error) {
	return find(w.namespaces, "namespaces", name, name)
}
func (w *world) ServiceAccount(ns, name string) (*corev1.ServiceAccount, error) {
	w.lookups++
	if w.appears > 0 && w.lookups >= w.appears && name == "default" {
		return &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: ns}}, nil
	}
	return find(w.accounts, "serviceaccounts", ns+"/"+name, name)
}
func (w *world) Secret(ns, name string) (*corev1.Secret, error) {
	return find(w.secrets, "secrets", ns+"/"+name, name)
}
func (w *world) Pod(ns, name string) (*corev1.Pod, error) {
	return find(w.pods, "pods", ns+"/"+name, name)
}
func (w *world) Node(name string) (*corev1.Node, error) { return find(w.nodes, "nodes", name, name) }
func (w *world) PriorityClass(name string) (*schedulingv1.PriorityClass, error) {
	for _, c := range w.priorities {
		if c.Name == name {
			return c, nil
		}
	}
	return nil, apierrors.NewNotFound(schedulingv1.Resource("priorityclasses"), name)
}
func (w *world) PriorityClasses() ([]*schedulingv1.PriorityClass, error) { return w.priorities, nil }
func (w *world) StorageClasses() ([]*storagev1.StorageClass, error)      { return w.storages, nil }
func (w *world) LimitRanges(string) ([]*corev1.LimitRange, error)        { return w.limits, nil }

func newWorld() *world {
	yes, no := true, false
	account := func(name string, change func(*corev1.ServiceAccount)) *corev1.ServiceAccount {
		a := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "default", UID: "uid-1"}}
		if change != nil {
			change(a)
		}
		return a
	}
	return &world{
		namespaces: map[string]*corev1.Namespace{
			"default": {ObjectMeta: metav1.ObjectMeta{Name: "default"}, Status: corev1.NamespaceStatus{Phase: corev1.NamespaceActive}},
			"going":   {ObjectMeta: metav1.ObjectMeta{Name: "going"}, Status: corev1.NamespaceStatus{Phase: corev1.NamespaceTerminating}},
		},
		accounts: map[string]*corev1.ServiceAccount{
			"default/default": account("default", nil),
			"default/on":      account("on", func(a *corev1.ServiceAccount) { a.AutomountServiceAccountToken = &yes }),
			"default/off":     account("off", func(a *corev1.ServiceAccount) { a.AutomountServiceAccountToken = &no }),
			"default/puller": account("puller", func(a *corev1.ServiceAccount) {
				a.ImagePullSecrets = []corev1.LocalObjectReference{{Name: "r1"}, {Name: "r2"}}
			}),
			"default/strict": account("strict", func(a *corev1.ServiceAccount) {
				a.Annotations = map[string]string{EnforceMountableSecrets: "true"}
				a.Secrets = []corev1.ObjectReference{{Name: "listed"}}
			}),
		},
		pods:  map[string]*corev1.Pod{},
		nodes: map[string]*corev1.Node{"node-1": {ObjectMeta: metav1.ObjectMeta{Name: "node-1", UID: "n1"}}},
	}
}

func newChain(t *testing.T, w *world, change func(*Config)) *Chain {
	t.Helper()
	c := Config{Getter: w, NodeRestriction: true, EnforceAudience: true,
		Suffix: func() string { return "abcde" },
		Pause:  func(context.Context, time.Duration) error { return nil }}
	if change != nil {
		change(&c)
	}
	return New(c)
}

func makePod(name string, change func(*corev1.Pod)) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "default"},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "img"}}}}
	if change != nil {
		change(p)
	}
	return p
}

var jane = &request.User{Name: "jane", Groups: []string{"system:authenticated"}}
var nodeOne = &request.User{Name: "system:node:node-1", Groups: []string{"system:nodes", "system:authenticated"}}

func createPod(p *corev1.Pod) *Attributes {
	return &Attributes{Operation: Create, User: jane, Resource: corev1.SchemeGroupVersion.WithResource("pods"),
		Kind: corev1.SchemeGroupVersion.WithKind("Pod"), Namespace: p.Namespace, Object: p}
}

func codes(a *Attributes) []string {
	var c []string
	for _, n := range a.Notes {
		c = append(c, n.Code)
	}
	return c
}

func has(a *Attributes, code string) bool { return slices.Contains(codes(a), code) }

// message is the text of an error, "" for none.
func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
