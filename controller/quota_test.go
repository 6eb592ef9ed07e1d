package controller_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func (c cluster) quota(t *testing.T, kv ...string) *corev1.ResourceQuota {
	t.Helper()
	q := &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Name: "compute"}, Spec: corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{}}}
	for i := 0; i+1 < len(kv); i += 2 {
		q.Spec.Hard[corev1.ResourceName(kv[i])] = resource.MustParse(kv[i+1])
	}
	q, err := c.CoreV1().ResourceQuotas("default").Create(t.Context(), q, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// used returns what the quota's status says of a name, "" if nothing.
func (c cluster) used(t *testing.T, name corev1.ResourceName) string {
	t.Helper()
	q, err := c.CoreV1().ResourceQuotas("default").Get(t.Context(), "compute", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	v, ok := q.Status.Used[name]
	if !ok {
		return ""
	}
	return v.String()
}

func (c cluster) secret(t *testing.T, name string) error {
	t.Helper()
	_, err := c.CoreV1().Secrets("default").Create(t.Context(), &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
	return err
}

func TestAQuotaHoldsFromTheStartAndGivesBack(t *testing.T) {
	t.Parallel()
	c := start(t, 0)
	ctx := t.Context()
	if err := c.secret(t, "old"); err != nil {
		t.Fatal(err)
	}
	c.quota(t, "secrets", "2", "count/leases.coordination.k8s.io", "1", "services.nodeports", "1")
	if err := c.secret(t, "a"); err != nil { // whether or not the controller was quicker
		t.Fatal(err)
	}
	err := c.secret(t, "b")
	if want := `secrets "b" is forbidden: exceeded quota: compute, requested: secrets=1, used: secrets=2, limited: secrets=2`; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	eventually(t, "a full status", func() bool {
		return c.used(t, "secrets") == "2" && c.used(t, "count/leases.coordination.k8s.io") == "0" && c.used(t, "services.nodeports") == "0"
	})
	if err := c.CoreV1().Secrets("default").Delete(ctx, "a", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := c.secret(t, "b"); err != nil {
		t.Errorf("at once after a delete: %v", err)
	}
	if err := c.CoreV1().Secrets("default").Delete(ctx, "b", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "one given back", func() bool { return c.used(t, "secrets") == "1" })
}

// A creation that fails after it was charged leaves the figure too high until it is counted again, as in a real cluster; the clock
// brings that about.
func TestAQuotaIsCountedAgainInTime(t *testing.T) {
	t.Parallel()
	c := start(t, 0)
	if err := c.secret(t, "a"); err != nil {
		t.Fatal(err)
	}
	c.quota(t, "secrets", "5")
	eventually(t, "a status", func() bool { return c.used(t, "secrets") == "1" })
	if err := c.secret(t, "a"); !apierrors.IsAlreadyExists(err) {
		t.Fatal(err)
	}
	if got := c.used(t, "secrets"); got != "2" {
		t.Errorf("used %s, want 2", got)
	}
	q, err := c.CoreV1().ResourceQuotas("default").Get(t.Context(), "compute", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	managers := map[string]bool{}
	for _, f := range q.ManagedFields {
		managers[f.Manager+" "+f.Subresource] = true
	}
	if !managers["kube-apiserver status"] || !managers["kube-controller-manager status"] {
		t.Errorf("managers %v", managers)
	}
	c.advance(t, time.Second) // until all have heard of it
	if _, _, err := c.Clock().Leap(6 * time.Minute); err != nil {
		t.Fatal(err)
	}
	eventually(t, "counted again", func() bool { return c.used(t, "secrets") == "1" })
}

func TestManyClientsAtOnceKeepToAQuota(t *testing.T) {
	t.Parallel()
	c := start(t, 1)
	const fit, come = 7, 40
	c.quota(t, "pods", fmt.Sprint(fit), "requests.cpu", "2")
	pod := func(name string) *corev1.Pod {
		return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "nginx",
			Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{"cpu": resource.MustParse("100m")}}}}}}
	}
	round := func(prefix string) {
		var group sync.WaitGroup
		var mu sync.Mutex
		in := 0
		for i := range come {
			group.Go(func() {
				_, err := c.CoreV1().Pods("default").Create(t.Context(), pod(fmt.Sprint(prefix, i)), metav1.CreateOptions{})
				switch {
				case err == nil:
					mu.Lock()
					in++
					mu.Unlock()
				case !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), "exceeded quota: compute, requested: pods=1, used: pods=7, limited: pods=7"):
					t.Error(err)
				}
			})
		}
		group.Wait()
		if in != fit {
			t.Errorf("%d pods got in, want %d", in, fit)
		}
		eventually(t, "the figures", func() bool { return c.used(t, "pods") == fmt.Sprint(fit) && c.used(t, "requests.cpu") == "700m" })
	}
	round("a")
	now := int64(0)
	if err := c.CoreV1().Pods("default").DeleteCollection(t.Context(), metav1.DeleteOptions{GracePeriodSeconds: &now}, metav1.ListOptions{}); err != nil {
		t.Fatal(err)
	}
	round("b") // the controller is giving back while these come
}
