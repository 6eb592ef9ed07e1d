package kubelet

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clienttesting "k8s.io/client-go/testing"
	"sigs.k8s.io/yaml"

	"github.com/kubemint/kubemint/internal/client/clienttest"
	"github.com/kubemint/kubemint/internal/clock"
)

var start = time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC)

// bench is a node beside a simulated API, on a clock that stands still.
type bench struct {
	*testing.T
	api   *clienttest.Clientset
	clock *clock.Clock
	dir   string
	node  *Kubelet
	cfg   Config // what a test wants otherwise, set before run
	stop  func()

	mu      sync.Mutex
	tokens  int   // issued
	refused error // of token requests
	deletes []string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{T: t, api: clienttest.NewClientset(), dir: t.TempDir(), clock: clock.New(clock.Config{Now: start, Paused: true})}
	t.Cleanup(b.clock.Close)
	b.api.PrependReactor("create", "serviceaccounts", b.issue)
	b.api.PrependReactor("delete", "pods", func(a clienttesting.Action) (bool, runtime.Object, error) {
		d := a.(clienttesting.DeleteActionImpl)
		line := "delete " + d.Name
		if o := d.DeleteOptions; o.Preconditions != nil && o.GracePeriodSeconds != nil {
			line = fmt.Sprintf("delete %s uid=%s grace=%d", d.Name, *o.Preconditions.UID, *o.GracePeriodSeconds)
			if _, err := os.Lstat(b.path("pods", string(*o.Preconditions.UID))); !errors.Is(err, fs.ErrNotExist) {
				line += " with its directory still there"
			}
		}
		b.mu.Lock()
		b.deletes = append(b.deletes, line)
		b.mu.Unlock()
		return false, nil, nil
	})
	b.create(&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "kube-root-ca.crt"}, Data: map[string]string{"ca.crt": "pem"}})
	return b
}

func (b *bench) issue(a clienttesting.Action) (bool, runtime.Object, error) {
	if a.GetSubresource() != "token" {
		return false, nil, nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refused != nil {
		return true, nil, b.refused
	}
	b.tokens++
	tr := a.(clienttesting.CreateAction).GetObject().(*authenticationv1.TokenRequest).DeepCopy()
	if tr.Spec.ExpirationSeconds == nil {
		seconds := int64(3600)
		tr.Spec.ExpirationSeconds = &seconds
	}
	tr.Status.Token = fmt.Sprintf("token-%d", b.tokens)
	tr.Status.ExpirationTimestamp = metav1.NewTime(b.clock.Now().Add(time.Duration(*tr.Spec.ExpirationSeconds) * time.Second))
	return true, tr, nil
}

func (b *bench) refuse(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refused = err
}

// run starts the node; it stops with the test, or by b.stop.
func (b *bench) run() {
	b.Helper()
	cfg := b.cfg
	cfg.NodeName, cfg.Client, cfg.Clock, cfg.Dir = "node-1", b.api, clock.NewWatch(b.clock), b.dir
	cfg.Log = slog.New(slog.NewTextHandler(b.Output(), nil))
	k, err := New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := k.Run(ctx); err != nil {
			b.Errorf("run: %v", err)
		}
	}()
	b.node = k
	b.stop = sync.OnceFunc(func() { cancel(); <-done })
	b.Cleanup(b.stop)
}

func (b *bench) create(obj runtime.Object) {
	b.Helper()
	if err := b.api.Tracker().Add(obj); err != nil {
		b.Fatal(err)
	}
}

// standard is the volume that admission adds to a pod, and its mount.
const standard = `
- name: kube-api-access
  projected:
    defaultMode: 420
    sources:
    - serviceAccountToken: {expirationSeconds: 3607, path: token}
    - configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: ca.crt}]}
    - downwardAPI: {items: [{path: namespace, fieldRef: {fieldPath: metadata.namespace}}]}
`

// pod creates a pod bound to the node. Every container without mounts gets the standard one.
func (b *bench) pod(name, spec string) *corev1.Pod {
	b.Helper()
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, UID: types.UID("uid-" + name)}}
	if err := yaml.UnmarshalStrict([]byte(strings.ReplaceAll(spec, "\t", " ")), &p.Spec); err != nil {
		b.Fatal(err)
	}
	p.Spec.NodeName = "node-1"
	var volumes []corev1.Volume
	if err := yaml.Unmarshal([]byte(standard), &volumes); err != nil {
		b.Fatal(err)
	}
	p.Spec.Volumes = append(p.Spec.Volumes, volumes...)
	for _, list := range [][]corev1.Container{p.Spec.InitContainers, p.Spec.Containers} {
		for i := range list {
			if list[i].VolumeMounts == nil {
				list[i].VolumeMounts = []corev1.VolumeMount{{Name: "kube-api-access", MountPath: "/var/run/secrets/kubernetes.io/serviceaccount", ReadOnly: true}}
			}
		}
	}
	if p.Spec.RestartPolicy == "" {
		p.Spec.RestartPolicy = corev1.RestartPolicyAlways
	}
	p.Status.Phase = corev1.PodPending
	b.create(p)
	return p
}

func (b *bench) get(name string) *corev1.Pod {
	b.Helper()
	p, err := b.api.CoreV1().Pods("default").Get(context.Background(), name, metav1.GetOptions{})
	if err != nil {
		b.Fatal(err)
	}
	return p
}

// eventually polls in wall time: what it waits for is other goroutines, not the cluster's clock.
func (b *bench) eventually(what string, ok func() bool) {
	b.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			b.Fatalf("never came: %s; pending %v, events %v", what, b.node.Pending(), b.events())
		}
	}
}

// quiet waits until the node has heard of all there is and has nothing to do.
func (b *bench) quiet() {
	b.Helper()
	b.eventually("quiet", func() bool {
		version := b.api.Version()
		return b.api.Heard() && len(b.node.Pending()) == 0 && b.api.Heard() && b.api.Version() == version
	})
}

func (b *bench) phase(name string, phase corev1.PodPhase) *corev1.Pod {
	b.Helper()
	b.eventually(name+" "+string(phase), func() bool { return b.get(name).Status.Phase == phase })
	b.quiet()
	return b.get(name)
}

// running waits until the pod runs and is ready.
func (b *bench) running(name string) *corev1.Pod {
	b.Helper()
	return b.phase(name, corev1.PodRunning)
}

// advance runs through the time and settles at each stop.
func (b *bench) advance(d time.Duration) clock.Report {
	b.Helper()
	r, err := b.clock.Advance(context.Background(), d, clock.Hooks{Heartbeat: b.node.Heartbeat, Settle: func(context.Context) []string {
		b.quiet()
		return nil
	}})
	if err != nil {
		b.Fatal(err)
	}
	return r
}

func (b *bench) path(elements ...string) string {
	return filepath.Join(append([]string{b.dir, "node-1"}, elements...)...)
}

func (b *bench) read(elements ...string) string {
	b.Helper()
	content, err := os.ReadFile(b.path(elements...))
	if err != nil {
		b.Fatal(err)
	}
	return string(content)
}

// events lists "REASON FIELDPATH MESSAGE" of all events, once each, sorted.
func (b *bench) events() []string {
	list, err := b.api.CoreV1().Events("").List(context.Background(), metav1.ListOptions{})
	if err != nil {
		b.Fatal(err)
	}
	var out []string
	for _, e := range list.Items {
		out = append(out, strings.Join([]string{e.Type, e.Reason, e.InvolvedObject.FieldPath, e.Message}, "|"))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (b *bench) wantEvent(line string) {
	b.Helper()
	b.eventually("event "+line, func() bool { return slices.Contains(b.events(), line) })
}

const access = "volumes/kubernetes.io~projected/kube-api-access"
