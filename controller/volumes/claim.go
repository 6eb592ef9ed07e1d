package volumes

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	storage "k8s.io/component-helpers/storage/volume"

	"github.com/kubemint/kubemint/controller/work"
)

func (b *Binder) syncClaim(ctx context.Context, key, ns, name string) error {
	// The server is asked, not the informer: the step before this one may have been the loop's own.
	claim, err := b.Client.CoreV1().PersistentVolumeClaims(ns).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	if metav1.HasAnnotation(claim.ObjectMeta, storage.AnnBindCompleted) {
		return b.syncBound(ctx, claim)
	}
	return b.syncUnbound(ctx, key, claim)
}

// syncUnbound looks for a volume.
func (b *Binder) syncUnbound(ctx context.Context, key string, claim *corev1.PersistentVolumeClaim) error {
	if claim.DeletionTimestamp != nil {
		return nil
	}
	if claim.Spec.VolumeName != "" {
		return b.syncNamed(ctx, key, claim)
	}
	all, err := b.volumes.List(labels.Everything())
	if err != nil {
		return err
	}
	delayed := b.delays(claim)
	volume, err := fitting(claim, all, delayed)
	if err != nil {
		return err
	}
	if volume != nil {
		return b.bind(ctx, volume.Name, claim)
	}
	if changed, err := b.giveClass(ctx, claim); err != nil || changed {
		return err
	}
	b.again(key)
	switch class := storage.GetPersistentVolumeClaimClass(claim); {
	case delayed && !storage.IsDelayBindingProvisioning(claim):
		b.tellWhomItWaitsFor(claim)
	case class != "":
		if err := b.provision(ctx, claim); err != nil {
			return err
		}
	default:
		b.Events.Event(claim, corev1.EventTypeNormal, "FailedBinding", "no persistent volumes available for this claim and no storage class is set")
	}
	return b.claimPhase(ctx, claim, corev1.ClaimPending, nil)
}

// fitting finds a volume for a claim that names none, or nil: of those with every access mode that the claim asks for first those with the
// fewest others, among them the smallest. It changes all.
func fitting(claim *corev1.PersistentVolumeClaim, all []*corev1.PersistentVolume, delayed bool) (*corev1.PersistentVolume, error) {
	modes := func(v *corev1.PersistentVolume) int { return len(v.Spec.AccessModes) }
	all = slices.DeleteFunc(all, func(v *corev1.PersistentVolume) bool { return !storage.CheckAccessModes(claim, v) })
	slices.SortFunc(all, func(x, y *corev1.PersistentVolume) int {
		return cmp.Or(cmp.Compare(modes(x), modes(y)), strings.Compare(x.Name, y.Name))
	})
	for len(all) > 0 {
		n := 1
		for n < len(all) && modes(all[n]) == modes(all[0]) {
			n++
		}
		if volume, err := storage.FindMatchingVolume(claim, all[:n], nil, nil, delayed, true); err != nil || volume != nil {
			return volume, err
		}
		all = all[n:]
	}
	return nil, nil
}

// giveClass gives a claim that names no class the default one, which has come after it.
func (b *Binder) giveClass(ctx context.Context, claim *corev1.PersistentVolumeClaim) (changed bool, err error) {
	if storage.PersistentVolumeClaimHasClass(claim) {
		return false, nil
	}
	class, err := b.defaultClass()
	if err != nil || class == "" {
		return false, err
	}
	next := claim.DeepCopy()
	next.Spec.StorageClassName = &class
	_, err = b.Client.CoreV1().PersistentVolumeClaims(claim.Namespace).Update(ctx, next, metav1.UpdateOptions{})
	return err == nil, err
}

// defaultClass is the newest class that is marked as default, or empty.
func (b *Binder) defaultClass() (string, error) {
	all, err := b.classes.List(labels.Everything())
	if err != nil {
		return "", err
	}
	all = slices.DeleteFunc(slices.Clone(all), func(c *storagev1.StorageClass) bool {
		a := c.Annotations
		return a["storageclass.kubernetes.io/is-default-class"] != "true" && a["storageclass.beta.kubernetes.io/is-default-class"] != "true"
	})
	if len(all) == 0 {
		return "", nil
	}
	best := all[0]
	for _, c := range all[1:] {
		if best.CreationTimestamp.Before(&c.CreationTimestamp) || best.CreationTimestamp.Equal(&c.CreationTimestamp) && c.Name < best.Name {
			best = c
		}
	}
	return best.Name, nil
}

// tellWhomItWaitsFor says that a claim waits for a pod, or for one to be scheduled.
func (b *Binder) tellWhomItWaitsFor(claim *corev1.PersistentVolumeClaim) {
	pods, err := b.pods.Pods(claim.Namespace).List(labels.Everything())
	if err != nil {
		return
	}
	var names []string
	for _, p := range pods {
		over := p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed
		if p.Spec.NodeName == "" && !over && p.DeletionTimestamp == nil && slices.Contains(work.ClaimsOf(p), claim.Name) {
			names = append(names, p.Name)
		}
	}
	slices.Sort(names)
	switch len(names) {
	case 0:
		b.Events.Event(claim, corev1.EventTypeNormal, "WaitForFirstConsumer", "waiting for first consumer to be created before binding")
	case 1:
		b.Events.Eventf(claim, corev1.EventTypeNormal, "WaitForPodScheduled", "waiting for pod %s to be scheduled", names[0])
	default:
		b.Events.Eventf(claim, corev1.EventTypeNormal, "WaitForPodScheduled", "waiting for pods %s to be scheduled", strings.Join(names, ","))
	}
}

// syncNamed binds a claim that names its volume.
func (b *Binder) syncNamed(ctx context.Context, key string, claim *corev1.PersistentVolumeClaim) error {
	volume, err := b.volumes.Get(claim.Spec.VolumeName)
	if err != nil { // it may come yet
		return b.claimPhase(ctx, claim, corev1.ClaimPending, nil)
	}
	switch {
	case volume.Spec.ClaimRef == nil:
		if err := satisfies(volume, claim); err != nil {
			b.Events.Eventf(claim, corev1.EventTypeWarning, "VolumeMismatch", "Cannot bind to requested volume %q: %s", volume.Name, err)
			break
		}
		return b.bind(ctx, volume.Name, claim)
	case storage.IsVolumeBoundToClaim(volume, claim):
		return b.bind(ctx, volume.Name, claim)
	default:
		b.Events.Eventf(claim, corev1.EventTypeWarning, "FailedBinding", "volume %q already bound to a different claim.", volume.Name)
	}
	b.again(key)
	return b.claimPhase(ctx, claim, corev1.ClaimPending, nil)
}

// satisfies says what a volume lacks that a claim asked for by name, in the words of a real controller.
func satisfies(volume *corev1.PersistentVolume, claim *corev1.PersistentVolumeClaim) error {
	asked, has := claim.Spec.Resources.Requests[corev1.ResourceStorage], volume.Spec.Capacity[corev1.ResourceStorage]
	attributes := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	switch {
	case volume.DeletionTimestamp != nil:
		return fmt.Errorf("the volume is marked for deletion %q", volume.Name)
	case has.Value() < asked.Value():
		return errors.New("requested PV is too small")
	case storage.GetPersistentVolumeClass(volume) != storage.GetPersistentVolumeClaimClass(claim):
		return errors.New("storageClassName does not match")
	case attributes(claim.Spec.VolumeAttributesClassName) != attributes(volume.Spec.VolumeAttributesClassName):
		return errors.New("volumeAttributesClassName does not match")
	case storage.CheckVolumeModeMismatches(&claim.Spec, &volume.Spec):
		return errors.New("incompatible volumeMode")
	case !storage.CheckAccessModes(claim, volume):
		return errors.New("incompatible accessMode")
	}
	return nil
}

// syncBound looks after a claim that was bound once.
func (b *Binder) syncBound(ctx context.Context, claim *corev1.PersistentVolumeClaim) error {
	lost := func(reason, message string) error {
		if claim.Status.Phase == corev1.ClaimLost {
			return nil
		}
		if err := b.claimPhase(ctx, claim, corev1.ClaimLost, nil); err != nil {
			return err
		}
		b.Events.Event(claim, corev1.EventTypeWarning, reason, message)
		return nil
	}
	if claim.Spec.VolumeName == "" {
		return lost("ClaimLost", "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!")
	}
	volume, err := b.Client.CoreV1().PersistentVolumes().Get(ctx, claim.Spec.VolumeName, metav1.GetOptions{})
	switch {
	case isGone(err):
		return lost("ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!")
	case err != nil:
		return err
	case volume.Spec.ClaimRef != nil && volume.Spec.ClaimRef.UID != claim.UID: // or none: it is kept for a claim, and a bound one has it
		return lost("ClaimMisbound", "Two claims are bound to the same volume, this one is bound incorrectly")
	}
	return b.bind(ctx, volume.Name, claim)
}

// bind takes a binding through its steps. Each is left out where it is done.
func (b *Binder) bind(ctx context.Context, name string, claim *corev1.PersistentVolumeClaim) error {
	volumes := b.Client.CoreV1().PersistentVolumes()
	volume, err := volumes.Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	if ref := volume.Spec.ClaimRef; ref != nil && ref.UID != claim.UID && !storage.IsVolumeBoundToClaim(volume, claim) {
		b.loop.Queue.Later(claimPrefix+claim.Namespace+"/"+claim.Name, afterRace)
		return nil // somebody was quicker
	}
	next, dirty, err := storage.GetBindVolumeToClaim(volume, claim)
	if err != nil {
		return err
	}
	if dirty {
		if volume, err = volumes.Update(ctx, next, metav1.UpdateOptions{}); err != nil {
			return err
		}
	}
	if err := b.volumePhase(ctx, volume, corev1.VolumeBound, ""); err != nil {
		return err
	}
	bound := claim.DeepCopy()
	if bound.Spec.VolumeName == "" {
		bound.Spec.VolumeName = volume.Name
		metav1.SetMetaDataAnnotation(&bound.ObjectMeta, storage.AnnBoundByController, "yes")
	}
	metav1.SetMetaDataAnnotation(&bound.ObjectMeta, storage.AnnBindCompleted, "yes")
	if !equality.Semantic.DeepEqual(bound, claim) {
		if bound, err = b.Client.CoreV1().PersistentVolumeClaims(claim.Namespace).Update(ctx, bound, metav1.UpdateOptions{}); err != nil {
			return err
		}
	}
	return b.claimPhase(ctx, bound, corev1.ClaimBound, volume)
}

// claimPhase writes a claim's phase and, of a bound one, what it got.
func (b *Binder) claimPhase(ctx context.Context, claim *corev1.PersistentVolumeClaim, phase corev1.PersistentVolumeClaimPhase, volume *corev1.PersistentVolume) error {
	next := claim.DeepCopy()
	next.Status.Phase = phase
	if volume == nil {
		next.Status.AccessModes, next.Status.Capacity = nil, nil
	} else {
		next.Status.AccessModes = volume.Spec.AccessModes
		if _, known := next.Status.Capacity[corev1.ResourceStorage]; !known || claim.Status.Phase != corev1.ClaimBound {
			next.Status.Capacity = corev1.ResourceList{corev1.ResourceStorage: volume.Spec.Capacity[corev1.ResourceStorage]}
		}
		next.Status.CurrentVolumeAttributesClassName = volume.Spec.VolumeAttributesClassName
	}
	if equality.Semantic.DeepEqual(claim.Status, next.Status) {
		return nil
	}
	_, err := b.Client.CoreV1().PersistentVolumeClaims(claim.Namespace).UpdateStatus(ctx, next, metav1.UpdateOptions{})
	return err
}
