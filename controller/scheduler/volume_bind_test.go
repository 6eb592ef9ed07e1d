package scheduler

import (
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A pod keeps its room on the node to which its claim has been tied, until the claim is bound or it turns out that it cannot be.
func TestAPodKeepsItsRoomWhileItsClaimIsBound(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		then        string // what becomes of the claim
		wins, loses string
	}{
		"bound":   {`{metadata: {annotations: {pv.kubernetes.io/bind-completed: "yes"}}, spec: {storageClassName: slow, volumeName: v}, status: {phase: Bound}}`, "first", "second"},
		"deleted": {`{metadata: {deletionTimestamp: "2026-11-23T08:30:00Z", finalizers: [a/b]}, spec: {storageClassName: slow}}`, "second", "first"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t,
				parse[corev1.Node](t, `{metadata: {name: a}, status: {allocatable: {cpu: "1", memory: 8Gi, pods: "10"}}}`),
				parse[storagev1.StorageClass](t, `{metadata: {name: slow}, provisioner: kubemint.dev/directory, volumeBindingMode: WaitForFirstConsumer}`),
				parse[corev1.PersistentVolume](t, `{metadata: {name: v}, spec: {storageClassName: slow}}`),
				parse[corev1.PersistentVolumeClaim](t, `{metadata: {namespace: default, name: c}, spec: {storageClassName: slow}}`))
			claims := b.api.CoreV1().PersistentVolumeClaims("default")
			b.pod("first", `{containers: [{name: c, resources: {requests: {cpu: "1"}}}], volumes: [{name: v, persistentVolumeClaim: {claimName: c}}]}`)
			b.eventually("the node of the claim", func() bool {
				c, err := claims.Get(t.Context(), "c", metav1.GetOptions{})
				return err == nil && c.Annotations["volume.kubernetes.io/selected-node"] == "a"
			})
			b.pod("second", `{containers: [{name: c, resources: {requests: {cpu: "1"}}}]}`)
			refused := func() bool {
				return slices.ContainsFunc(b.events(), func(e string) bool {
					return strings.HasPrefix(e, "second FailedScheduling 0/1 nodes are available: 1 Insufficient cpu.")
				})
			}
			b.eventually("a verdict about the second", func() bool { return refused() || b.get("second").Spec.NodeName != "" })
			if !refused() || b.get("first").Spec.NodeName != "" {
				t.Fatalf("the second is on %q, the first on %q", b.get("second").Spec.NodeName, b.get("first").Spec.NodeName)
			}
			c := parse[corev1.PersistentVolumeClaim](t, tt.then)
			c.Namespace, c.Name = "default", "c"
			metav1.SetMetaDataAnnotation(&c.ObjectMeta, "volume.kubernetes.io/selected-node", "a")
			if err := b.api.Tracker().Update(corev1.SchemeGroupVersion.WithResource("persistentvolumeclaims"), c, "default"); err != nil {
				t.Fatal(err)
			}
			b.eventually("a node for one of them", func() bool { return b.get(tt.wins).Spec.NodeName == "a" })
			b.eventually("an end of the work", func() bool { return len(b.s.Pending()) == 0 })
			if at := b.get(tt.loses).Spec.NodeName; at != "" {
				t.Errorf("the %s is on %s too", tt.loses, at)
			}
		})
	}
}
