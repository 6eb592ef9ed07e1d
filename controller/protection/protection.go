// Package protection lets go of claims and volumes that are to be deleted once nothing uses them: a claim that no
// scheduled pod names, a volume that is not bound. The API server puts the finalizers on when they are made.
package protection

import (
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/controller/work"
)

// The finalizers of claims and of volumes.
const (
	claimFinalizer  = "kubernetes.io/pvc-protection"
	volumeFinalizer = "kubernetes.io/pv-protection"
)

// NewClaims returns the loop of claims. e acts as pvc-protection-controller. Keys are PersistentVolumeClaims.
func NewClaims(e work.Env) *work.Loop {
	l := e.Loop("claim protection")
	claims := e.Factory.Core().V1().PersistentVolumeClaims().Lister()
	l.WatchKeys(e.PersistentVolumeClaims())
	l.Watch(e.Pods(), func(old, new metav1.Object) {
		if new == nil && old != nil { // only a pod's end can free a claim
			for _, name := range work.ClaimsOf(old.(*corev1.Pod)) {
				l.Queue.Add(old.GetNamespace() + "/" + name)
			}
		}
	})
	l.Sync = func(ctx context.Context, key string) error {
		ns, name := work.Split(key)
		claim, err := claims.PersistentVolumeClaims(ns).Get(name)
		if err != nil {
			return work.Gone(err)
		}
		next := claim.DeepCopy()
		switch held := slices.Contains(claim.Finalizers, claimFinalizer); {
		case claim.DeletionTimestamp == nil && !held: // somebody took it off
			next.Finalizers = append(next.Finalizers, claimFinalizer)
			_, err = e.Client.CoreV1().PersistentVolumeClaims(ns).Update(ctx, next, metav1.UpdateOptions{})
			return work.Gone(err)
		case claim.DeletionTimestamp == nil || !held:
			return nil
		}
		// A pod may be newer than what the informer has: ask the server.
		all, err := e.Client.CoreV1().Pods(ns).List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		for i := range all.Items {
			if p := &all.Items[i]; p.Spec.NodeName != "" && slices.Contains(work.ClaimsOf(p), name) {
				return nil
			}
		}
		next.Finalizers = without(next.Finalizers, claimFinalizer)
		_, err = e.Client.CoreV1().PersistentVolumeClaims(ns).Update(ctx, next, metav1.UpdateOptions{})
		return work.Gone(err)
	}
	return l
}

// NewVolumes returns the loop of volumes. e acts as pv-protection-controller. Keys are PersistentVolumes.
func NewVolumes(e work.Env) *work.Loop {
	l := e.Loop("volume protection")
	volumes := e.Factory.Core().V1().PersistentVolumes().Lister()
	l.WatchKeys(e.PersistentVolumes())
	l.Sync = func(ctx context.Context, key string) error {
		v, err := volumes.Get(key)
		if err != nil {
			return work.Gone(err)
		}
		next := v.DeepCopy()
		switch held := slices.Contains(v.Finalizers, volumeFinalizer); {
		case v.DeletionTimestamp == nil && !held:
			next.Finalizers = append(next.Finalizers, volumeFinalizer)
		case v.DeletionTimestamp != nil && held && v.Status.Phase != corev1.VolumeBound:
			next.Finalizers = without(next.Finalizers, volumeFinalizer)
		default:
			return nil
		}
		_, err = e.Client.CoreV1().PersistentVolumes().Update(ctx, next, metav1.UpdateOptions{})
		return work.Gone(err)
	}
	return l
}

func without(list []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == name })
}
