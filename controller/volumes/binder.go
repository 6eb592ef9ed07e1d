package volumes

import (
	"context"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	corelisters "k8s.io/client-go/listers/core/v1"
	storagelisters "k8s.io/client-go/listers/storage/v1"
	"k8s.io/client-go/tools/record"
	storage "k8s.io/component-helpers/storage/volume"

	"github.com/kubemint/kubemint/controller/work"
)

// Disks are the disks of the nodes.
type Disks interface {
	// Remove removes a directory, named as the node names it, from the disk of a node, or from those of all if node is empty. What is not
	// there is no error.
	Remove(node, path string) error
	// Clear removes what is in a directory.
	Clear(node, path string) error
}

// Config is what a Binder needs besides its environment.
type Config struct {
	Disks Disks
	// Provisioner records the events of the external provisioners.
	Provisioner record.EventRecorder
}

// syncPeriod is after what cluster time a claim or a volume that is not settled is looked at again.
const syncPeriod = 15 * time.Second

// Keys of the queue are claimPrefix and volumePrefix with a name behind.
const (
	claimPrefix  = "claim:"
	volumePrefix = "volume:"
)

// Binder is the loop.
type Binder struct {
	work.Env
	cfg     Config
	loop    *work.Loop
	claims  corelisters.PersistentVolumeClaimLister
	volumes corelisters.PersistentVolumeLister
	classes storagelisters.StorageClassLister
	nodes   corelisters.NodeLister
	pods    corelisters.PodLister
}

// New returns the loop. e acts as persistent-volume-binder.
func New(e work.Env, cfg Config) *Binder {
	core := e.Factory.Core().V1()
	b := &Binder{Env: e, cfg: cfg, loop: e.Loop("volume binder"),
		claims: core.PersistentVolumeClaims().Lister(), volumes: core.PersistentVolumes().Lister(),
		classes: e.Factory.Storage().V1().StorageClasses().Lister(), nodes: core.Nodes().Lister(), pods: core.Pods().Lister()}
	b.loop.Workers = 1 // two claims never reach for the same volume
	b.loop.Watch(e.PersistentVolumeClaims(), func(old, new metav1.Object) {
		is := work.Either(old, new)
		b.loop.Queue.Add(claimPrefix + work.Key(is))
		if name := is.(*corev1.PersistentVolumeClaim).Spec.VolumeName; name != "" {
			b.loop.Queue.Add(volumePrefix + name)
		}
		if new == nil {
			b.askVolumesOf(is)
		}
	})
	b.loop.Watch(e.PersistentVolumes(), func(old, new metav1.Object) {
		is := work.Either(old, new)
		v := is.(*corev1.PersistentVolume)
		b.loop.Queue.Add(volumePrefix + v.Name)
		if ref := v.Spec.ClaimRef; ref != nil {
			b.loop.Queue.Add(claimPrefix + ref.Namespace + "/" + ref.Name)
		} else if old == nil || old.(*corev1.PersistentVolume).Status.Phase != v.Status.Phase || !equality.Semantic.DeepEqual(old.(*corev1.PersistentVolume).Spec, v.Spec) {
			b.askWaiting()
		}
	})
	b.loop.Watch(e.StorageClasses(), func(old, new metav1.Object) {
		if new != nil {
			b.askWaiting()
		}
	})
	b.loop.Need(e.Nodes())
	b.loop.Watch(e.Pods(), func(old, new metav1.Object) {
		if old != nil || new == nil {
			return
		}
		for _, name := range work.ClaimsOf(new.(*corev1.Pod)) { // a claim that waits for its first consumer now knows of one
			if c, err := b.claims.PersistentVolumeClaims(new.GetNamespace()).Get(name); err == nil && c.Status.Phase == corev1.ClaimPending {
				b.loop.Queue.Add(claimPrefix + work.Key(c))
			}
		}
	})
	b.loop.Sync = b.sync
	return b
}

// Run binds until ctx ends.
func (b *Binder) Run(ctx context.Context) error { return b.loop.Run(ctx) }

// Pending lists what is still to be looked at.
func (b *Binder) Pending() []string { return b.loop.Pending() }

// askWaiting has every claim looked at that is not bound: a volume or a class has come.
func (b *Binder) askWaiting() {
	all, err := b.claims.List(labels.Everything())
	if err != nil {
		return
	}
	for _, c := range all {
		if !metav1.HasAnnotation(c.ObjectMeta, storage.AnnBindCompleted) {
			b.loop.Queue.Add(claimPrefix + work.Key(c))
		}
	}
}

// askVolumesOf has the volumes looked at that refer to a claim that is gone.
func (b *Binder) askVolumesOf(claim metav1.Object) {
	all, err := b.volumes.List(labels.Everything())
	if err != nil {
		return
	}
	for _, v := range all {
		if v.Spec.ClaimRef != nil && v.Spec.ClaimRef.UID == claim.GetUID() {
			b.loop.Queue.Add(volumePrefix + v.Name)
		}
	}
}

func (b *Binder) sync(ctx context.Context, key string) error {
	var err error
	if name, ok := strings.CutPrefix(key, volumePrefix); ok {
		err = b.syncVolume(ctx, key, name)
	} else {
		ns, name := work.Split(strings.TrimPrefix(key, claimPrefix))
		err = b.syncClaim(ctx, key, ns, name)
	}
	if apierrors.IsConflict(err) { // what was read is old: the informer is about to tell
		b.loop.Queue.Later(key, 20*time.Millisecond)
		return nil
	}
	return work.Gone(err)
}

// again has a key looked at after a while although nothing has changed: its events are repeated.
func (b *Binder) again(key string) { b.loop.Queue.After(key, syncPeriod) }

// delays says whether a claim waits for the first pod that uses it.
func (b *Binder) delays(claim *corev1.PersistentVolumeClaim) bool {
	class, err := b.classes.Get(storage.GetPersistentVolumeClaimClass(claim))
	return err == nil && class.VolumeBindingMode != nil && *class.VolumeBindingMode == storagev1.VolumeBindingWaitForFirstConsumer
}
