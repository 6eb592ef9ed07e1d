package scheduler

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	storage "k8s.io/component-helpers/storage/volume"

	"github.com/kubemint/kubemint/controller/work"
)

// storing is the scheduler's picture of claims and volumes; world.mu guards it.
type storing struct {
	claims  map[string]*corev1.PersistentVolumeClaim // by namespace/name
	volumes map[string]*corev1.PersistentVolume
	classes map[string]*storagev1.StorageClass
}

func newStoring() storing {
	return storing{map[string]*corev1.PersistentVolumeClaim{}, map[string]*corev1.PersistentVolume{}, map[string]*storagev1.StorageClass{}}
}

// needs are the claims of one pod, by what is to be done about them on a node.
type needs struct {
	bound   []*corev1.PersistentVolume      // to be reached from the node
	missing bool                            // one is bound to a volume that does not exist
	delayed []*corev1.PersistentVolumeClaim // to be bound once the node is known
}

// plan is what has to be written before a pod may go to the node that was chosen for it.
type plan struct {
	static    []match                         // volumes that are there
	provision []*corev1.PersistentVolumeClaim // claims that somebody is to make a volume for
	waits     bool                            // for somebody who has been asked
}

type match struct {
	volume *corev1.PersistentVolume
	claim  *corev1.PersistentVolumeClaim
}

// needsOf looks at the claims that a pod names. why says, in kube-scheduler's words, what keeps the pod from every node.
func (s *storing) needsOf(object *corev1.Pod) (n needs, why string) {
	immediate := false
	for i := range object.Spec.Volumes {
		v := &object.Spec.Volumes[i]
		name := work.ClaimOf(object, v)
		if name == "" {
			continue
		}
		claim := s.claims[object.Namespace+"/"+name]
		switch {
		case claim == nil && v.Ephemeral != nil:
			return n, fmt.Sprintf("waiting for ephemeral volume controller to create the persistentvolumeclaim %q", name)
		case claim == nil:
			return n, fmt.Sprintf("persistentvolumeclaim %q not found", name)
		case claim.Status.Phase == corev1.ClaimLost:
			return n, fmt.Sprintf("persistentvolumeclaim %q bound to non-existent persistentvolume %q", name, claim.Spec.VolumeName)
		case claim.DeletionTimestamp != nil:
			return n, fmt.Sprintf("persistentvolumeclaim %q is being deleted", name)
		case v.Ephemeral != nil && !metav1.IsControlledBy(claim, object):
			return n, fmt.Sprintf("PVC %s/%s was not created for pod %s/%s (pod is not owner)", object.Namespace, name, object.Namespace, object.Name)
		}
		volume := s.volumes[claim.Spec.VolumeName]
		switch {
		case claim.Spec.VolumeName == "" && s.delays(claim):
			n.delayed = append(n.delayed, claim)
		case claim.Status.Phase != corev1.ClaimBound || !metav1.HasAnnotation(claim.ObjectMeta, storage.AnnBindCompleted): // a node asks for the phase
			immediate = true
		case volume == nil:
			n.missing = true
		default:
			n.bound = append(n.bound, volume)
		}
	}
	if immediate {
		return n, "pod has unbound immediate PersistentVolumeClaims"
	}
	return n, ""
}

// delays says whether a claim waits for the first pod that uses it.
func (s *storing) delays(claim *corev1.PersistentVolumeClaim) bool {
	class := s.classes[storage.GetPersistentVolumeClaimClass(claim)]
	return class != nil && class.VolumeBindingMode != nil && *class.VolumeBindingMode == storagev1.VolumeBindingWaitForFirstConsumer
}

// on asks whether a node reaches what a pod needs, and what is to be done for it there.
func (s *storing) on(n *corev1.Node, need needs) (p plan, reasons []string) {
	for _, v := range need.bound {
		if storage.CheckNodeAffinity(v, n.Labels) != nil {
			reasons = append(reasons, "node(s) didn't match PersistentVolume's node affinity")
			break
		}
	}
	if !s.find(n, need.delayed, &p) {
		reasons = append(reasons, "node(s) didn't find available persistent volumes to bind")
	}
	if need.missing {
		reasons = append(reasons, "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)")
	}
	return p, reasons
}

// find looks for a volume for each claim, or for somebody to make one.
func (s *storing) find(n *corev1.Node, claims []*corev1.PersistentVolumeClaim, p *plan) bool {
	if len(claims) == 0 {
		return true
	}
	all := slices.SortedFunc(maps.Values(s.volumes), func(a, b *corev1.PersistentVolume) int { return cmp.Compare(a.Name, b.Name) })
	taken := map[string]*corev1.PersistentVolume{}
	for _, claim := range slices.SortedFunc(slices.Values(claims), bySize) {
		if at, ok := claim.Annotations[storage.AnnSelectedNode]; ok {
			if at != n.Name {
				return false
			}
			p.waits = true
			continue
		}
		volume, err := storage.FindMatchingVolume(claim, all, n, taken, true, true)
		if err != nil {
			return false
		}
		if volume != nil {
			taken[volume.Name] = volume
			p.static = append(p.static, match{volume, claim})
			continue
		}
		class := s.classes[storage.GetPersistentVolumeClaimClass(claim)]
		if class == nil || class.Provisioner == storage.NotSupportedProvisioner || !allowed(class, n) {
			return false
		}
		p.provision = append(p.provision, claim)
	}
	return true
}

func bySize(a, b *corev1.PersistentVolumeClaim) int {
	x, y := a.Spec.Resources.Requests[corev1.ResourceStorage], b.Spec.Resources.Requests[corev1.ResourceStorage]
	return cmp.Or(x.Cmp(y), strings.Compare(a.Name, b.Name))
}

// allowed says whether a class has volumes made where a node is.
func allowed(class *storagev1.StorageClass, n *corev1.Node) bool {
	if len(class.AllowedTopologies) == 0 {
		return true
	}
	return slices.ContainsFunc(class.AllowedTopologies, func(t corev1.TopologySelectorTerm) bool {
		return !slices.ContainsFunc(t.MatchLabelExpressions, func(e corev1.TopologySelectorLabelRequirement) bool {
			return !slices.Contains(e.Values, n.Labels[e.Key])
		})
	})
}

// The setters say whether what they take in could help a pod that waits.

func (w *world) setClaim(c *corev1.PersistentVolumeClaim) bool {
	c.ManagedFields = nil
	w.mu.Lock()
	defer w.mu.Unlock()
	key := c.Namespace + "/" + c.Name
	old := w.storing.claims[key]
	w.storing.claims[key] = c
	return old == nil || old.UID != c.UID || standOf(old) != standOf(c)
}

// claimStand is what of a claim decides about the pods that name it.
type claimStand struct {
	bound, lost, going bool
	class, node        string
}

func standOf(c *corev1.PersistentVolumeClaim) claimStand {
	return claimStand{
		bound: c.Spec.VolumeName != "" && c.Status.Phase == corev1.ClaimBound && metav1.HasAnnotation(c.ObjectMeta, storage.AnnBindCompleted),
		lost:  c.Status.Phase == corev1.ClaimLost, going: c.DeletionTimestamp != nil,
		class: storage.GetPersistentVolumeClaimClass(c), node: c.Annotations[storage.AnnSelectedNode],
	}
}

func (w *world) setVolume(v *corev1.PersistentVolume) bool {
	v.ManagedFields = nil
	w.mu.Lock()
	defer w.mu.Unlock()
	old := w.storing.volumes[v.Name]
	w.storing.volumes[v.Name] = v
	free := func(v *corev1.PersistentVolume) bool { return v != nil && v.Status.Phase == corev1.VolumeAvailable }
	switch {
	case free(v) && !free(old):
		return true
	case old != nil:
		return !equality.Semantic.DeepEqual(old.Spec.NodeAffinity, v.Spec.NodeAffinity)
	}
	for _, c := range w.storing.claims { // somebody may have waited for it
		if c.Spec.VolumeName == v.Name {
			return true
		}
	}
	return false
}

func (w *world) setClass(c *storagev1.StorageClass) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.storing.classes[c.Name] = c
	return true
}

func (w *world) dropClaim(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.storing.claims, key)
}

func (w *world) dropVolume(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.storing.volumes, name)
}

func (w *world) dropClass(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.storing.classes, name)
}
