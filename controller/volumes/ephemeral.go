package volumes

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/controller/work"
)

// NewEphemeral returns the loop that makes the claims of generic ephemeral volumes. e acts as ephemeral-volume-controller. Keys are pods.
func NewEphemeral(e work.Env) *work.Loop {
	l := e.Loop("ephemeral volumes")
	pods, claims := e.Factory.Core().V1().Pods().Lister(), e.Factory.Core().V1().PersistentVolumeClaims().Lister()
	l.Watch(e.Pods(), func(old, new metav1.Object) {
		if old != nil || new == nil || new.GetDeletionTimestamp() != nil {
			return
		}
		for _, v := range new.(*corev1.Pod).Spec.Volumes {
			if v.Ephemeral != nil {
				l.Queue.Add(work.Key(new))
				return
			}
		}
	})
	l.Watch(e.PersistentVolumeClaims(), func(old, new metav1.Object) {
		if new != nil || old == nil {
			return
		}
		// Deleted under its pod, or out of a pod's way: its name begins with the pod's and a dash.
		for name, i := old.GetName(), 0; i < len(name); i++ {
			if name[i] != '-' {
				continue
			}
			if pod, err := pods.Pods(old.GetNamespace()).Get(name[:i]); err == nil && slices.Contains(work.ClaimsOf(pod), name) {
				l.Queue.Add(work.Key(pod))
			}
		}
	})
	l.Sync = func(ctx context.Context, key string) error {
		ns, name := work.Split(key)
		pod, err := pods.Pods(ns).Get(name)
		if err != nil || pod.DeletionTimestamp != nil {
			return work.Gone(err)
		}
		for i := range pod.Spec.Volumes {
			v := &pod.Spec.Volumes[i]
			if v.Ephemeral == nil || v.Ephemeral.VolumeClaimTemplate == nil {
				continue
			}
			claim := newClaim(pod, v)
			have, err := claims.PersistentVolumeClaims(ns).Get(claim.Name)
			switch {
			case err == nil && !metav1.IsControlledBy(have, pod): // which lasts until somebody deletes it
				e.Events.Eventf(pod, corev1.EventTypeWarning, "FailedBinding", "ephemeral volume %s: PVC %s/%s was not created for pod %s/%s (pod is not owner)",
					v.Name, ns, claim.Name, ns, pod.Name)
				l.Queue.After(key, syncPeriod)
				return nil
			case apierrors.IsNotFound(err):
				if _, err = e.Client.CoreV1().PersistentVolumeClaims(ns).Create(ctx, claim, metav1.CreateOptions{}); err != nil {
					err = fmt.Errorf("create PVC %s: %w", claim.Name, err)
				}
			}
			if err != nil && ctx.Err() == nil {
				e.Events.Eventf(pod, corev1.EventTypeWarning, "FailedBinding", "ephemeral volume %s: %v", v.Name, err)
				return fmt.Errorf("pod %s, ephemeral volume %s: %w", key, v.Name, err)
			}
		}
		return nil
	}
	return l
}

// newClaim is the claim of a pod's ephemeral volume. It goes with the pod.
func newClaim(pod *corev1.Pod, v *corev1.Volume) *corev1.PersistentVolumeClaim {
	t := v.Ephemeral.VolumeClaimTemplate
	return &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Name: work.ClaimOf(pod, v), Annotations: t.Annotations, Labels: t.Labels,
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(pod, corev1.SchemeGroupVersion.WithKind("Pod"))}},
		Spec: t.Spec,
	}
}
