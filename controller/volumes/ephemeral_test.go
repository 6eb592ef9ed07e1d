package volumes

import (
	"context"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/record"

	"github.com/kubemint/kubemint/controller/work"
	"github.com/kubemint/kubemint/internal/client/clienttest"
	"github.com/kubemint/kubemint/internal/clock"
)

// A claim of somebody else in the place of a pod's own is told of and waited for, not worked on without end: the cluster is quiet
// meanwhile. When the claim goes the pod gets its own.
func TestAForeignClaimInTheWayOfAnEphemeralVolume(t *testing.T) {
	t.Parallel()
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "a-b", UID: "1"}, Spec: corev1.PodSpec{Volumes: []corev1.Volume{
		{Name: "c-d", VolumeSource: corev1.VolumeSource{Ephemeral: &corev1.EphemeralVolumeSource{VolumeClaimTemplate: &corev1.PersistentVolumeClaimTemplate{}}}}}}}
	c := clienttest.NewClientset(pod, &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "a-b-c-d"}})
	events, clk := record.NewFakeRecorder(100), clock.New(clock.Config{})
	e := work.Env{Informers: &work.Informers{}, Factory: informers.NewSharedInformerFactory(c, 0), Client: c, Events: events, Clock: clk}
	l := NewEphemeral(e)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		err := l.Run(ctx)
		e.Informers.Wait()
		done <- err
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	eventually := func(what string, ok func() bool) {
		t.Helper()
		for end := time.Now().Add(time.Minute); !ok(); time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("never came: %s; pending: %q", what, l.Pending())
			}
		}
	}
	told := func() {
		t.Helper()
		const want = "Warning FailedBinding ephemeral volume c-d: PVC shop/a-b-c-d was not created for pod shop/a-b (pod is not owner)"
		select {
		case got := <-events.Events:
			if got != want {
				t.Errorf("event %q, want %q", got, want)
			}
		case <-time.After(time.Minute):
			t.Fatal("no event")
		}
		eventually("an end of the work", func() bool { return len(l.Pending()) == 0 })
	}
	told()
	if _, _, err := clk.Leap(syncPeriod); err != nil {
		t.Fatal(err)
	}
	told()
	claims := c.CoreV1().PersistentVolumeClaims("shop")
	if err := claims.Delete(t.Context(), "a-b-c-d", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually("a claim of the pod's", func() bool {
		claim, err := claims.Get(t.Context(), "a-b-c-d", metav1.GetOptions{})
		return err == nil && metav1.IsControlledBy(claim, pod)
	})
}
