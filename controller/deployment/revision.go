package deployment

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/controller/work"
	"github.com/kubemint/kubemint/controller/workload"
)

// historyLength is the most characters of past revisions that a ReplicaSet remembers.
const historyLength = 2000

// sameTemplate compares templates, leaving out the hash that was added to one of them.
func sameTemplate(a, b *corev1.PodTemplateSpec) bool {
	a, b = a.DeepCopy(), b.DeepCopy()
	delete(a.Labels, appsv1.DefaultDeploymentUniqueLabelKey)
	delete(b.Labels, appsv1.DefaultDeploymentUniqueLabelKey)
	return equality.Semantic.DeepEqual(a, b)
}

// nextRevision is one more than that of any ReplicaSet but the present one.
func (r *rollout) nextRevision() int64 {
	var highest int64
	for _, rs := range r.old {
		highest = max(highest, revision(rs))
	}
	return highest + 1
}

func revision(rs *appsv1.ReplicaSet) int64 {
	n, err := strconv.ParseInt(rs.Annotations[revisionAnnotation], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// present sees to it that the ReplicaSet of the present template exists and bears the newest revision.
func (r *rollout) present(ctx context.Context) error {
	if r.is != nil {
		return r.annotate(ctx)
	}
	template := r.d.Spec.Template.DeepCopy()
	hash := workload.Hash(template, r.d.Status.CollisionCount)
	if template.Labels == nil {
		template.Labels = map[string]string{}
	}
	template.Labels[appsv1.DefaultDeploymentUniqueLabelKey] = hash
	selector := r.d.Spec.Selector.DeepCopy()
	if selector.MatchLabels == nil {
		selector.MatchLabels = map[string]string{}
	}
	selector.MatchLabels[appsv1.DefaultDeploymentUniqueLabelKey] = hash
	n := newSize(r.d, r.all, nil)
	rs := &appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: r.d.Namespace, Name: r.d.Name + "-" + hash, Labels: maps.Clone(template.Labels),
			Annotations:     inherited(r.d.Annotations, nil),
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(r.d, r.sets.Kind)},
		},
		Spec: appsv1.ReplicaSetSpec{Replicas: &n, MinReadySeconds: r.d.Spec.MinReadySeconds, Selector: selector, Template: *template},
	}
	r.note(rs)
	rs.Annotations[revisionAnnotation] = strconv.FormatInt(r.nextRevision(), 10)
	made, err := r.Client.AppsV1().ReplicaSets(rs.Namespace).Create(ctx, rs, metav1.CreateOptions{})
	switch {
	case apierrors.IsAlreadyExists(err):
		return r.collided(ctx, rs)
	case apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause):
		return nil
	case err != nil:
		message := fmt.Sprintf("Failed to create new replica set %q: %v", rs.Name, err)
		if r.d.Spec.ProgressDeadlineSeconds != nil {
			r.progress(corev1.ConditionFalse, "ReplicaSetCreateError", message)
			if _, statusErr := r.Client.AppsV1().Deployments(r.d.Namespace).UpdateStatus(ctx, r.d, metav1.UpdateOptions{}); statusErr != nil {
				return statusErr
			}
		}
		r.Events.Event(r.d, corev1.EventTypeWarning, "ReplicaSetCreateError", message)
		return fmt.Errorf("make replicaset %s: %w", rs.Name, err)
	}
	r.loop.Wrote(r.key, r.sets.Informer, made)
	r.is, r.all = made, append(r.all, made)
	if n > 0 {
		r.Events.Eventf(r.d, corev1.EventTypeNormal, "ScalingReplicaSet", "Scaled up replica set %s from 0 to %d", made.Name, n)
	}
	metav1.SetMetaDataAnnotation(&r.d.ObjectMeta, revisionAnnotation, made.Annotations[revisionAnnotation])
	if r.d.Spec.ProgressDeadlineSeconds != nil {
		r.progress(corev1.ConditionTrue, "NewReplicaSetCreated", fmt.Sprintf("Created new replica set %q", made.Name))
	}
	return r.save(ctx)
}

// collided handles a name that is taken: by our own ReplicaSet that the informer has not shown yet, or by another one
// whose template has the same hash.
func (r *rollout) collided(ctx context.Context, rs *appsv1.ReplicaSet) error {
	have, err := r.Client.AppsV1().ReplicaSets(rs.Namespace).Get(ctx, rs.Name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	if owner := metav1.GetControllerOf(have); owner != nil && owner.UID == r.d.UID && sameTemplate(&have.Spec.Template, &r.d.Spec.Template) {
		r.loop.Wrote(r.key, r.sets.Informer, have)
		return fmt.Errorf("replicaset %s exists already", rs.Name)
	}
	n := int32(1)
	if r.d.Status.CollisionCount != nil {
		n = *r.d.Status.CollisionCount + 1
	}
	r.d.Status.CollisionCount = &n
	if err := r.save(ctx); err != nil {
		return err
	}
	return fmt.Errorf("replicaset name %s is taken", rs.Name)
}

// annotate brings the annotations of the present ReplicaSet, and the revision of the Deployment, up to date.
func (r *rollout) annotate(ctx context.Context) error {
	if r.is == nil {
		return nil
	}
	next := r.is.DeepCopy()
	next.Annotations = inherited(r.d.Annotations, next.Annotations)
	next.Spec.MinReadySeconds = r.d.Spec.MinReadySeconds
	if to, is := r.nextRevision(), revision(r.is); is < to {
		if is > 0 {
			next.Annotations[historyAnnotation] = remembered(next.Annotations[historyAnnotation], is)
		}
		next.Annotations[revisionAnnotation] = strconv.FormatInt(to, 10)
	}
	r.note(next)
	if !equality.Semantic.DeepEqual(next.Annotations, r.is.Annotations) || next.Spec.MinReadySeconds != r.is.Spec.MinReadySeconds {
		if r.resized() { // its size has to follow first; the annotation says for which
			delete(next.Annotations, desiredAnnotation)
			delete(next.Annotations, maxAnnotation)
			for _, key := range []string{desiredAnnotation, maxAnnotation} {
				if v, ok := r.is.Annotations[key]; ok {
					next.Annotations[key] = v
				}
			}
		}
		updated, err := r.Client.AppsV1().ReplicaSets(next.Namespace).Update(ctx, next, metav1.UpdateOptions{})
		if err != nil {
			return fmt.Errorf("annotate replicaset %s: %w", next.Name, err)
		}
		r.replace(r.is, updated)
	}
	needsSave := false
	if r.d.Annotations[revisionAnnotation] != r.is.Annotations[revisionAnnotation] {
		metav1.SetMetaDataAnnotation(&r.d.ObjectMeta, revisionAnnotation, r.is.Annotations[revisionAnnotation])
		needsSave = true
	}
	if r.d.Spec.ProgressDeadlineSeconds != nil && condition(&r.d.Status, appsv1.DeploymentProgressing) == nil {
		r.progress(corev1.ConditionTrue, "FoundNewReplicaSet", fmt.Sprintf("Found new replica set %q", r.is.Name))
		needsSave = true
	}
	if needsSave {
		return r.save(ctx)
	}
	return nil
}

// save writes the Deployment's status with its annotations, which the status subresource takes too.
func (r *rollout) save(ctx context.Context) error {
	next, err := r.Client.AppsV1().Deployments(r.d.Namespace).UpdateStatus(ctx, r.d, metav1.UpdateOptions{})
	if err != nil {
		return fmt.Errorf("status of deployment: %w", err)
	}
	r.loop.Wrote(r.key, r.Deployments(), next)
	r.d = next
	return nil
}

// inherited are the annotations of a ReplicaSet: its own, and those of its Deployment but for what is the Deployment's
// business alone.
func inherited(deployment, own map[string]string) map[string]string {
	out := maps.Clone(own)
	if out == nil {
		out = map[string]string{}
	}
	for key, value := range deployment {
		switch key {
		case corev1.LastAppliedConfigAnnotation, revisionAnnotation, historyAnnotation, desiredAnnotation, maxAnnotation, appsv1.DeprecatedRollbackTo:
		default:
			out[key] = value
		}
	}
	return out
}

// remembered adds a revision to a list of past ones, dropping the oldest when it gets long.
func remembered(list string, n int64) string {
	var all []string
	if list != "" {
		all = strings.Split(list, ",")
	}
	all = append(all, strconv.FormatInt(n, 10))
	for len(all) > 1 && len(strings.Join(all, ",")) > historyLength {
		all = all[1:]
	}
	return strings.Join(all, ",")
}

// forgetHistory deletes old, empty ReplicaSets beyond the limit, the oldest revisions first.
func (r *rollout) forgetHistory(ctx context.Context) error {
	if r.d.Spec.RevisionHistoryLimit == nil {
		return nil
	}
	var empty []*appsv1.ReplicaSet
	for _, rs := range r.old {
		if rs.DeletionTimestamp == nil {
			empty = append(empty, rs)
		}
	}
	excess := len(empty) - int(*r.d.Spec.RevisionHistoryLimit)
	slices.SortStableFunc(empty, func(a, b *appsv1.ReplicaSet) int { return int(revision(a) - revision(b)) })
	for i := 0; i < excess; i++ {
		rs := empty[i]
		if size(rs) != 0 || rs.Status.Replicas != 0 || rs.Generation > rs.Status.ObservedGeneration {
			continue
		}
		err := r.Client.AppsV1().ReplicaSets(rs.Namespace).Delete(ctx, rs.Name, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &rs.UID}})
		if work.Gone(err) != nil {
			return fmt.Errorf("delete replicaset %s: %w", rs.Name, err)
		}
		r.loop.Deleted(r.key, r.sets.Informer, rs)
	}
	return nil
}
