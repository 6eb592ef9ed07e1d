package volumes

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	storage "k8s.io/component-helpers/storage/volume"

	"github.com/kubemint/kubemint/controller/work"
)

// afterRace is after what wall time a claim is looked at again whose volume went to another one.
const afterRace = 20 * time.Millisecond

func (b *Binder) syncVolume(ctx context.Context, key, name string) error {
	volume, err := b.Client.CoreV1().PersistentVolumes().Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	ref := volume.Spec.ClaimRef
	if ref == nil || ref.UID == "" { // free, or kept for a claim that will come
		return b.volumePhase(ctx, volume, corev1.VolumeAvailable, "")
	}
	claim, err := b.Client.CoreV1().PersistentVolumeClaims(ref.Namespace).Get(ctx, ref.Name, metav1.GetOptions{})
	if err != nil && !isGone(err) {
		return err
	}
	switch {
	case isGone(err) || claim.UID != ref.UID:
		return b.release(ctx, key, volume)
	case claim.Spec.VolumeName == volume.Name:
		return b.volumePhase(ctx, volume, corev1.VolumeBound, "")
	case claim.Spec.VolumeName == "":
		if storage.CheckVolumeModeMismatches(&claim.Spec, &volume.Spec) {
			b.Events.Eventf(volume, corev1.EventTypeWarning, "VolumeMismatch", "Cannot bind PersistentVolume to requested PersistentVolumeClaim %q due to incompatible volumeMode.", claim.Name)
			b.Events.Eventf(claim, corev1.EventTypeWarning, "VolumeMismatch", "Cannot bind PersistentVolume %q to requested PersistentVolumeClaim due to incompatible volumeMode.", volume.Name)
			return nil
		}
		b.loop.Queue.Add(claimPrefix + work.Key(claim)) // the binding is half done
		return nil
	case metav1.HasAnnotation(volume.ObjectMeta, storage.AnnDynamicallyProvisioned) && volume.Spec.PersistentVolumeReclaimPolicy == corev1.PersistentVolumeReclaimDelete:
		return b.release(ctx, key, volume) // made for a claim that has found another
	}
	return b.unbind(ctx, volume)
}

// release notes that a volume's claim is gone, and does with the volume what it says.
func (b *Binder) release(ctx context.Context, key string, volume *corev1.PersistentVolume) error {
	if volume.Status.Phase != corev1.VolumeReleased && volume.Status.Phase != corev1.VolumeFailed {
		if err := b.volumePhase(ctx, volume, corev1.VolumeReleased, ""); err != nil {
			return err
		}
		return nil // its watch brings it back here
	}
	switch volume.Spec.PersistentVolumeReclaimPolicy {
	case corev1.PersistentVolumeReclaimRetain:
		return nil
	case corev1.PersistentVolumeReclaimRecycle:
		return b.recycle(ctx, key, volume)
	case corev1.PersistentVolumeReclaimDelete:
		return b.discard(ctx, key, volume)
	}
	return b.failed(ctx, volume, "VolumeUnknownReclaimPolicy", "Volume has unrecognized PersistentVolumeReclaimPolicy")
}

// unbind takes a volume back whose claim is bound to another.
func (b *Binder) unbind(ctx context.Context, volume *corev1.PersistentVolume) error {
	next := volume.DeepCopy()
	if metav1.HasAnnotation(volume.ObjectMeta, storage.AnnBoundByController) {
		next.Spec.ClaimRef = nil
		delete(next.Annotations, storage.AnnBoundByController)
	} else {
		next.Spec.ClaimRef.UID = "" // a person has set it: it stays theirs
	}
	next, err := b.Client.CoreV1().PersistentVolumes().Update(ctx, next, metav1.UpdateOptions{})
	if err != nil {
		return err
	}
	return b.volumePhase(ctx, next, corev1.VolumeAvailable, "")
}

// failed notes once that a volume could not be dealt with.
func (b *Binder) failed(ctx context.Context, volume *corev1.PersistentVolume, reason, message string) error {
	if volume.Status.Phase == corev1.VolumeFailed && volume.Status.Message == message {
		return nil
	}
	if err := b.volumePhase(ctx, volume, corev1.VolumeFailed, message); err != nil {
		return err
	}
	b.Events.Event(volume, corev1.EventTypeWarning, reason, message)
	return nil
}

func (b *Binder) volumePhase(ctx context.Context, volume *corev1.PersistentVolume, phase corev1.PersistentVolumePhase, message string) error {
	if volume.Status.Phase == phase && volume.Status.Message == message {
		return nil
	}
	next := volume.DeepCopy()
	next.Status.Phase, next.Status.Message = phase, message
	next, err := b.Client.CoreV1().PersistentVolumes().UpdateStatus(ctx, next, metav1.UpdateOptions{})
	if err != nil {
		return fmt.Errorf("phase of volume %s: %w", volume.Name, err)
	}
	*volume = *next
	return nil
}

func isGone(err error) bool { return apierrors.IsNotFound(err) }
