package volumes

import (
	"context"
	"fmt"
	"path"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	storage "k8s.io/component-helpers/storage/volume"
)

// discard deletes a released volume with what is on it: one that a simulated provisioner made, or one of a path below /tmp, as real
// controllers have it. Others are left to who made them, or cannot be deleted.
func (b *Binder) discard(ctx context.Context, key string, volume *corev1.PersistentVolume) error {
	maker := volume.Annotations[storage.AnnDynamicallyProvisioned]
	onNode, ok := pathOf(volume)
	switch {
	case maker != "" && simulated(maker) == nil && !strings.HasPrefix(maker, "kubernetes.io/"), volume.Spec.CSI != nil:
		return nil // somebody else's
	case simulated(maker) != nil:
	case volume.Spec.HostPath == nil:
		return b.failed(ctx, volume, "VolumeFailedDelete", fmt.Sprintf("error getting deleter volume plugin for volume %q: no deletable volume plugin matched", volume.Name))
	case !strings.HasPrefix(onNode, "/tmp/") || len(onNode) <= len("/tmp/"):
		return b.failed(ctx, volume, "VolumeFailedDelete", "host_path deleter only supports /tmp/.+ but received provided "+volume.Spec.HostPath.Path)
	}
	if ok {
		if err := b.cfg.Disks.Remove(nodeOf(volume), onNode); err != nil {
			b.again(key)
			return b.failed(ctx, volume, "VolumeFailedDelete", err.Error())
		}
	}
	return b.Client.CoreV1().PersistentVolumes().Delete(ctx, volume.Name, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &volume.UID}})
}

// recycle empties a released volume and offers it again.
func (b *Binder) recycle(ctx context.Context, key string, volume *corev1.PersistentVolume) error {
	onNode, ok := pathOf(volume)
	if !ok || volume.Spec.HostPath == nil {
		return b.failed(ctx, volume, "VolumeFailedRecycle", "No recycler plugin found for the volume!")
	}
	if err := b.cfg.Disks.Clear(nodeOf(volume), onNode); err != nil {
		b.again(key)
		return b.failed(ctx, volume, "VolumeFailedRecycle", fmt.Sprintf("Recycle failed: %v", err))
	}
	b.Events.Event(volume, corev1.EventTypeNormal, "VolumeRecycled", "Volume recycled")
	return b.unbind(ctx, volume)
}

// pathOf is where a volume lies on its node's disk.
func pathOf(volume *corev1.PersistentVolume) (string, bool) {
	switch s := volume.Spec.PersistentVolumeSource; {
	case s.HostPath != nil:
		return path.Clean("/" + s.HostPath.Path), true
	case s.Local != nil:
		return path.Clean("/" + s.Local.Path), true
	}
	return "", false
}

// nodeOf is the one node that a volume can be reached from, or empty.
func nodeOf(volume *corev1.PersistentVolume) string {
	a := volume.Spec.NodeAffinity
	if a == nil || a.Required == nil || len(a.Required.NodeSelectorTerms) != 1 {
		return ""
	}
	for _, e := range a.Required.NodeSelectorTerms[0].MatchExpressions {
		if e.Key == corev1.LabelHostname && e.Operator == corev1.NodeSelectorOpIn && len(e.Values) == 1 {
			return e.Values[0]
		}
	}
	return ""
}
