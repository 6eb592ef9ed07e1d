package kubemint_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"

	"github.com/kubemint/kubemint"
)

// configMap makes one by the administrator.
func (r *running) configMap(name, value string) {
	r.t.Helper()
	cm := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}, Data: map[string]string{"k": value}}
	if _, err := r.Admin.CoreV1().ConfigMaps("default").Create(r.t.Context(), cm, metav1.CreateOptions{}); err != nil {
		r.t.Fatal(err)
	}
}

// TestInformersLiveThroughARestart: a shared informer keeps its picture right when the server goes and comes back with the same
// data, with changes it did not see.
func TestInformersLiveThroughARestart(t *testing.T) {
	t.Parallel()
	cfg := kubemint.Config{DataDir: t.TempDir()}
	first := start(t, cfg)
	first.configMap("before", "1")
	first.configMap("gone", "1")

	w := newWire()
	client, err := kubernetes.NewForConfig(w.through(first.Config))
	if err != nil {
		t.Fatal(err)
	}
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace("default"))
	maps := factory.Core().V1().ConfigMaps()
	var deletes atomic.Int32
	if _, err := maps.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{DeleteFunc: func(any) { deletes.Add(1) }}); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	factory.Start(stop)
	defer factory.Shutdown()
	defer close(stop)
	cache.WaitForCacheSync(stop, maps.Informer().HasSynced)
	value := func(name string) string {
		cm, err := maps.Lister().ConfigMaps("default").Get(name)
		if err != nil {
			return ""
		}
		return cm.Data["k"]
	}
	eventually(t, "the informer knows what is there", func() bool { return value("before") == "1" && value("gone") == "1" })

	first.stop()
	w.cut()
	second := start(t, cfg)
	w.mendTo(second.Address())
	second.configMap("after", "2")
	if err := second.Admin.CoreV1().ConfigMaps("default").Delete(t.Context(), "gone", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the informer knows what came and went", func() bool {
		return value("after") == "2" && value("before") == "1" && value("gone") == "" && deletes.Load() == 1
	})
}

// TestThePastExpires: when a revision has been compacted, a list at it is 410, a continue token is 410 with a token to go on with, and
// client-go's pager and informers come through (API-117, API-118).
func TestThePastExpires(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{History: 50 * time.Millisecond})
	for i := range 5 {
		r.configMap(fmt.Sprintf("cm-%d", i), "x")
	}
	page, err := r.Admin.CoreV1().ConfigMaps("default").List(t.Context(), metav1.ListOptions{Limit: 2})
	if err != nil || page.Continue == "" {
		t.Fatalf("the first page: %v, continue %q", err, page.Continue)
	}
	old := page.ResourceVersion
	r.configMap("later", "x")
	var expired *apierrors.StatusError
	eventually(t, "the first page's revision is gone", func() bool {
		_, err := r.Admin.CoreV1().ConfigMaps("default").List(t.Context(), metav1.ListOptions{Limit: 2, Continue: page.Continue})
		if err == nil {
			return false
		}
		if !apierrors.IsResourceExpired(err) {
			t.Fatalf("got %v, want 410", err)
		}
		expired, _ = err.(*apierrors.StatusError)
		return true
	})
	rest, err := r.Admin.CoreV1().ConfigMaps("default").List(t.Context(), metav1.ListOptions{Continue: expired.ErrStatus.Continue})
	if err != nil || len(rest.Items) != 7-2 { // with kube-root-ca.crt
		t.Errorf("the rest by the fresh token: %v, %d items, want 5", err, len(rest.Items))
	}
	_, err = r.Admin.CoreV1().ConfigMaps("default").List(t.Context(), metav1.ListOptions{ResourceVersion: old, ResourceVersionMatch: metav1.ResourceVersionMatchExact})
	if !apierrors.IsResourceExpired(err) || !strings.Contains(err.Error(), "The resourceVersion for the provided list is too old.") {
		t.Errorf("a list at the old revision: %v", err)
	}
}
