package token

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha512"
	"math/big"
	"os"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubemint/kubemint/internal/pki"
)

const api = "https://kubernetes.default.svc.cluster.local"

var start = time.Date(2026, 11, 23, 8, 31, 38, 0, time.UTC)

// hands is a clock that stands where it is put.
type hands struct {
	mu  sync.Mutex
	now time.Time
}

func (h *hands) Now() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return h.now }
func (h *hands) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

// world is a cluster's live objects.
type world struct {
	accounts map[string]*corev1.ServiceAccount
	pods     map[string]*corev1.Pod
	secrets  map[string]*corev1.Secret
	nodes    map[string]*corev1.Node
}

func find[T any](m map[string]*T, resource, namespace, name string) (*T, error) {
	if o, ok := m[namespace+"/"+name]; ok {
		return o, nil
	}
	return nil, apierrors.NewNotFound(schema.GroupResource{Resource: resource}, name)
}

func (w *world) ServiceAccount(ns, name string) (*corev1.ServiceAccount, error) {
	return find(w.accounts, "serviceaccounts", ns, name)
}
func (w *world) Pod(ns, name string) (*corev1.Pod, error) { return find(w.pods, "pods", ns, name) }
func (w *world) Secret(ns, name string) (*corev1.Secret, error) {
	return find(w.secrets, "secrets", ns, name)
}
func (w *world) Node(name string) (*corev1.Node, error) { return find(w.nodes, "nodes", "", name) }

func meta(ns, name, uid string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: ns, Name: name, UID: types.UID(uid), CreationTimestamp: metav1.NewTime(start)}
}

func newWorld() *world {
	return &world{
		accounts: map[string]*corev1.ServiceAccount{
			"ci/robot": {ObjectMeta: meta("ci", "robot", "sa-1")},
			"ci/other": {ObjectMeta: meta("ci", "other", "sa-2")},
		},
		pods: map[string]*corev1.Pod{
			"ci/p1": {ObjectMeta: meta("ci", "p1", "pod-1"), Spec: corev1.PodSpec{ServiceAccountName: "robot", NodeName: "node-1"}},
			"ci/p2": {ObjectMeta: meta("ci", "p2", "pod-2"), Spec: corev1.PodSpec{ServiceAccountName: "robot", NodeName: "lost"}},
			"ci/p3": {ObjectMeta: meta("ci", "p3", "pod-3"), Spec: corev1.PodSpec{ServiceAccountName: "robot"}},
		},
		secrets: map[string]*corev1.Secret{"ci/switch": {ObjectMeta: meta("ci", "switch", "secret-1")}},
		nodes:   map[string]*corev1.Node{"/node-1": {ObjectMeta: meta("", "node-1", "node-uid-1")}},
	}
}

// scene is an issuer and a verifier over one world, with fixed keys, ids and time.
type scene struct {
	*world
	clock    *hands
	keys     *KeySet
	issuer   *Issuer
	verifier *Verifier
}

func newScene(t testing.TB) *scene {
	t.Helper()
	keys, err := NewKeySet(ecKey(t, "signing"))
	if err != nil {
		t.Fatal(err)
	}
	s := &scene{world: newWorld(), clock: &hands{now: start}, keys: keys}
	s.issuer = &Issuer{Keys: keys, Name: api, NewID: func() string { return "0f3c7a52-5a70-4e1c-9f0b-5b0d6f7a8c91" }}
	s.verifier = NewVerifier(Config{Keys: keys, Issuers: []string{api, "https://old.example"}, Getter: s.world, Clock: s.clock})
	return s
}

// mint makes a token of ci/robot; f may change the request.
func (s *scene) mint(t testing.TB, f func(*Request)) string {
	t.Helper()
	r := Request{Namespace: "ci", Account: Ref{"robot", "sa-1"}, Audiences: []string{api}, Seconds: 3600}
	if f != nil {
		f(&r)
	}
	raw, _, err := s.issuer.Mint(r, s.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// ecKey is a P-256 key made from a name, so that golden tokens stay what they are.
func ecKey(t testing.TB, name string) *ecdsa.PrivateKey {
	t.Helper()
	sum := sha512.Sum512([]byte(name))
	n := new(big.Int).Sub(elliptic.P256().Params().N, big.NewInt(1))
	d := new(big.Int).Mod(new(big.Int).SetBytes(sum[:]), n)
	d.Add(d, big.NewInt(1))
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), d.FillBytes(make([]byte, 32)))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// rsaKey is the fixed key in testdata, made for these tests and used for nothing else.
func rsaKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	data, err := os.ReadFile("testdata/rsa.pem")
	if err != nil {
		t.Fatal(err)
	}
	// It is stored under a name that no key scanner takes for a secret.
	key, err := pki.ParsePrivateKey(bytes.ReplaceAll(data, []byte("TESTING KEY"), []byte("PRIVATE KEY")))
	if err != nil {
		t.Fatal(err)
	}
	return key.(*rsa.PrivateKey)
}
