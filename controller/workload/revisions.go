package workload

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/rand"

	"github.com/kubemint/kubemint/controller/work"
)

// Labels of a revision that hold its hash alone; its name holds it after the owner's. DaemonSets have the first,
// StatefulSets the other.
const (
	revisionHash    = appsv1.ControllerRevisionHashLabelKey
	setRevisionHash = "controller.kubernetes.io/hash"
)

// maxRevisionName bounds the owner's part of a revision's name.
const maxRevisionName = 223

// Revisions keeps the past templates of StatefulSets or DaemonSets as ControllerRevisions, in the form that kubectl
// rollout history and undo read.
type Revisions struct {
	work.Env
	Dependents[*appsv1.ControllerRevision]
}

// NewRevisions prepares the shared informer of revisions for owners of a kind.
func NewRevisions(e work.Env, kind schema.GroupVersionKind) *Revisions {
	return &Revisions{Env: e, Dependents: NewDependents(kind, e.ControllerRevisions(),
		func(ctx context.Context, namespace, name string, data []byte) (*appsv1.ControllerRevision, error) {
			return e.Client.AppsV1().ControllerRevisions(namespace).Patch(ctx, name, types.MergePatchType, data, metav1.PatchOptions{})
		})}
}

// snapshot is the data of a revision: a patch that brings the template back.
func snapshot(t *corev1.PodTemplateSpec) ([]byte, error) {
	raw, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	var template map[string]any
	if err := json.Unmarshal(raw, &template); err != nil {
		return nil, err
	}
	template["$patch"] = "replace"
	return json.Marshal(map[string]any{"spec": map[string]any{"template": template}})
}

// Template reads the template out of a revision.
func Template(r *appsv1.ControllerRevision) (*corev1.PodTemplateSpec, error) {
	var patch struct {
		Spec struct {
			Template corev1.PodTemplateSpec `json:"template"`
		} `json:"spec"`
	}
	if err := json.Unmarshal(r.Data.Raw, &patch); err != nil {
		return nil, fmt.Errorf("revision %s: %w", r.Name, err)
	}
	return &patch.Spec.Template, nil
}

// RevisionHash is the hash of a revision.
func RevisionHash(r *appsv1.ControllerRevision) string {
	return cmp.Or(r.Labels[revisionHash], r.Labels[setRevisionHash])
}

// hashOf is the hash of a StatefulSet's revision, of which no collisions are none: that of a DaemonSet is its template's.
func hashOf(data []byte, collisions *int32) string {
	h, n := fnv.New32(), int32(0)
	h.Write(data)
	if collisions != nil {
		n = *collisions
	}
	fmt.Fprintf(h, "%d", n)
	return rand.SafeEncodeString(fmt.Sprint(h.Sum32()))
}

// Current returns the revision of an owner's present template, made or raised to the newest if need be, and all
// revisions, the oldest first. collisions is the owner's count, raised if a name is taken by a stranger.
func (r *Revisions) Current(ctx context.Context, l *work.Loop, o Owner, t *corev1.PodTemplateSpec, collisions **int32) (*appsv1.ControllerRevision, []*appsv1.ControllerRevision, error) {
	all, err := r.Claim(ctx, l, o)
	if err != nil {
		return nil, nil, err
	}
	slices.SortFunc(all, func(a, b *appsv1.ControllerRevision) int {
		return cmp.Or(cmp.Compare(a.Revision, b.Revision), a.CreationTimestamp.Time.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
	})
	data, err := snapshot(t)
	if err != nil {
		return nil, nil, err
	}
	newest := int64(0)
	if len(all) > 0 {
		newest = all[len(all)-1].Revision
	}
	for i := len(all) - 1; i >= 0; i-- {
		if !bytes.Equal(all[i].Data.Raw, data) {
			continue
		}
		if all[i].Revision == newest {
			return all[i], all, nil
		}
		next := all[i].DeepCopy() // a template of the past is the present one again
		next.Revision = newest + 1
		next, err := r.Client.AppsV1().ControllerRevisions(next.Namespace).Update(ctx, next, metav1.UpdateOptions{})
		if err != nil {
			return nil, nil, fmt.Errorf("revision %s: %w", all[i].Name, err)
		}
		l.Wrote(o.Key, r.Informer, next)
		return next, append(slices.Delete(all, i, i+1), next), nil
	}
	for {
		made, err := r.make(ctx, o, t, data, newest+1, *collisions)
		if err == nil {
			l.Wrote(o.Key, r.Informer, made)
			return made, append(all, made), nil
		}
		if !apierrors.IsAlreadyExists(err) {
			return nil, nil, err
		}
		n := int32(1)
		if *collisions != nil {
			n = **collisions + 1
		}
		*collisions = &n
	}
}

func (r *Revisions) make(ctx context.Context, o Owner, t *corev1.PodTemplateSpec, data []byte, number int64, collisions *int32) (*appsv1.ControllerRevision, error) {
	hash := hashOf(data, collisions)
	if r.Kind.Kind == "DaemonSet" {
		hash = Hash(t, collisions)
	}
	labels := maps.Clone(t.Labels)
	if labels == nil {
		labels = map[string]string{}
	}
	if r.Kind.Kind == "StatefulSet" {
		labels[setRevisionHash] = hash
	} else {
		labels[revisionHash] = hash
	}
	name := o.GetName()
	rev := &appsv1.ControllerRevision{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: o.GetNamespace(), Name: name[:min(len(name), maxRevisionName)] + "-" + hash, Labels: labels,
			Annotations:     maps.Clone(o.GetAnnotations()),
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(o, r.Kind)},
		},
		Data: runtime.RawExtension{Raw: data}, Revision: number,
	}
	delete(rev.Annotations, corev1.LastAppliedConfigAnnotation)
	made, err := r.Client.AppsV1().ControllerRevisions(rev.Namespace).Create(ctx, rev, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		have, getErr := r.Client.AppsV1().ControllerRevisions(rev.Namespace).Get(ctx, rev.Name, metav1.GetOptions{})
		if getErr == nil && bytes.Equal(have.Data.Raw, data) && metav1.IsControlledBy(have, o) {
			return have, nil
		}
	}
	return made, err
}

// Forget deletes the oldest revisions beyond the limit that nothing uses.
func (r *Revisions) Forget(ctx context.Context, l *work.Loop, key string, all []*appsv1.ControllerRevision, limit int32, used func(*appsv1.ControllerRevision) bool) error {
	var idle []*appsv1.ControllerRevision
	for _, rev := range all {
		if !used(rev) {
			idle = append(idle, rev)
		}
	}
	for i := range max(len(idle)-int(limit), 0) {
		if err := r.Client.AppsV1().ControllerRevisions(idle[i].Namespace).Delete(ctx, idle[i].Name, metav1.DeleteOptions{}); work.Gone(err) != nil {
			return fmt.Errorf("delete revision %s: %w", idle[i].Name, err)
		}
		l.Deleted(key, r.Informer, idle[i])
	}
	return nil
}
