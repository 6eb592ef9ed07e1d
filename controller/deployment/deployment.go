package deployment

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	appslisters "k8s.io/client-go/listers/apps/v1"

	"github.com/kubemint/kubemint/controller/work"
	"github.com/kubemint/kubemint/controller/workload"
)

type controller struct {
	work.Env
	loop        *work.Loop
	deployments appslisters.DeploymentLister
	sets        workload.Dependents[*appsv1.ReplicaSet]
	pods        workload.Dependents[*corev1.Pod]
}

// New returns the loop. e acts as deployment-controller. Keys are Deployments.
func New(e work.Env) *work.Loop {
	c := &controller{Env: e, loop: e.Loop("deployment"), deployments: e.Factory.Apps().V1().Deployments().Lister()}
	c.sets = workload.NewDependents(appsv1.SchemeGroupVersion.WithKind("Deployment"), e.ReplicaSets(),
		func(ctx context.Context, namespace, name string, data []byte) (*appsv1.ReplicaSet, error) {
			return e.Client.AppsV1().ReplicaSets(namespace).Patch(ctx, name, types.MergePatchType, data, metav1.PatchOptions{})
		})
	c.pods = workload.NewPods(e, appsv1.SchemeGroupVersion.WithKind("ReplicaSet")).Dependents
	c.loop.WatchKeys(e.Deployments())
	c.sets.Watch(c.loop, c.wanting)
	sets := e.Factory.Apps().V1().ReplicaSets().Lister()
	c.loop.Watch(e.Pods(), func(old, new metav1.Object) {
		if new != nil {
			return
		}
		// Recreate waits until the last old pod is gone.
		ref := metav1.GetControllerOfNoCopy(old)
		if ref == nil || ref.Kind != "ReplicaSet" {
			return
		}
		if rs, err := sets.ReplicaSets(old.GetNamespace()).Get(ref.Name); err == nil {
			if owner := metav1.GetControllerOfNoCopy(rs); owner != nil && owner.Kind == "Deployment" {
				c.loop.Queue.Add(rs.Namespace + "/" + owner.Name)
			}
		}
	})
	c.loop.Sync = c.sync
	return c.loop
}

// wanting lists the Deployments that would adopt an orphan.
func (c *controller) wanting(rs metav1.Object) []string {
	all, err := c.deployments.Deployments(rs.GetNamespace()).List(labels.Everything())
	if err != nil {
		return nil
	}
	var keys []string
	for _, d := range all {
		s, err := metav1.LabelSelectorAsSelector(d.Spec.Selector)
		if err == nil && !s.Empty() && s.Matches(labels.Set(rs.GetLabels())) {
			keys = append(keys, work.Key(d))
		}
	}
	return keys
}

// rollout is one Deployment as one sync finds it.
type rollout struct {
	*controller
	key string
	d   *appsv1.Deployment // a copy
	all []*appsv1.ReplicaSet
	old []*appsv1.ReplicaSet
	is  *appsv1.ReplicaSet // of the present template; nil if it does not exist yet
}

func (c *controller) sync(ctx context.Context, key string) error {
	ns, name := work.Split(key)
	d, err := c.deployments.Deployments(ns).Get(name)
	if err != nil {
		c.loop.Queue.NotAt(key)
		return work.Gone(err)
	}
	selector, err := metav1.LabelSelectorAsSelector(d.Spec.Selector)
	if err != nil || selector.Empty() {
		return nil // the API server lets none such in
	}
	r := &rollout{controller: c, key: key, d: d.DeepCopy()}
	r.all, err = c.sets.Claim(ctx, c.loop, workload.Owner{Object: d, Key: key, Selector: selector, Fresh: func(ctx context.Context) (metav1.Object, error) {
		return c.Client.AppsV1().Deployments(ns).Get(ctx, name, metav1.GetOptions{})
	}})
	if err != nil {
		return err
	}
	r.sort()
	switch {
	case d.DeletionTimestamp != nil:
		return r.report(ctx)
	case d.Spec.Paused || r.resized():
		r.pausing()
		return r.resize(ctx)
	}
	r.pausing()
	if rolling(d) {
		return r.roll(ctx)
	}
	return r.recreate(ctx)
}

// sort tells the ReplicaSet of the present template from the others.
func (r *rollout) sort() {
	r.all = oldestFirst(r.all)
	r.is, r.old = nil, nil
	for _, rs := range r.all {
		if r.is == nil && sameTemplate(&rs.Spec.Template, &r.d.Spec.Template) {
			r.is = rs
		} else {
			r.old = append(r.old, rs)
		}
	}
}

// resized says whether the wanted size has changed since the ReplicaSets were last scaled.
func (r *rollout) resized() bool {
	busy := active(r.all)
	if !rolling(r.d) && len(busy) > 1 {
		return false // the old ones go first, whatever the size
	}
	for _, rs := range busy {
		if was, ok := annotated(rs, desiredAnnotation); ok && was != wanted(r.d) {
			return true
		}
	}
	return false
}

// resize follows a change of size, or a pause, without moving the rollout on.
func (r *rollout) resize(ctx context.Context) error {
	if err := r.annotate(ctx); err != nil {
		return err
	}
	var steps []step
	switch busy := active(r.all); {
	case len(busy) <= 1:
		only := r.is
		if len(busy) == 1 {
			only = busy[0]
		} else if only == nil && len(r.old) > 0 {
			only = r.old[len(r.old)-1]
		}
		if only != nil {
			steps = []step{{only, wanted(r.d)}}
		}
	case saturated(r.d, r.is):
		for _, rs := range active(r.old) {
			steps = append(steps, step{rs, 0})
		}
	case rolling(r.d):
		steps = proportions(r.d, r.all)
	}
	for _, s := range steps {
		if err := r.scale(ctx, s); err != nil {
			return err
		}
	}
	return r.report(ctx)
}

// saturated says whether the new ReplicaSet has all its pods available.
func saturated(d *appsv1.Deployment, rs *appsv1.ReplicaSet) bool {
	if rs == nil {
		return false
	}
	desired, ok := annotated(rs, desiredAnnotation)
	return ok && size(rs) == wanted(d) && desired == wanted(d) && available(rs) == wanted(d)
}

// roll takes one step of a rolling update.
func (r *rollout) roll(ctx context.Context) error {
	if err := r.present(ctx); err != nil {
		return err
	}
	steps := rollUp(r.d, r.all, r.is)
	if len(steps) == 0 {
		steps = rollDown(r.d, r.all, r.old, r.is)
	}
	for _, s := range steps {
		if err := r.scale(ctx, s); err != nil {
			return err
		}
	}
	if len(steps) == 0 && complete(r.d, r.d.Status) {
		if err := r.forgetHistory(ctx); err != nil {
			return err
		}
	}
	return r.report(ctx)
}

// recreate ends all old pods before it makes new ones.
func (r *rollout) recreate(ctx context.Context) error {
	if busy := active(r.old); len(busy) > 0 {
		for _, rs := range busy {
			if err := r.scale(ctx, step{rs, 0}); err != nil {
				return err
			}
		}
		return r.report(ctx)
	}
	for _, rs := range r.old {
		for _, p := range r.pods.Owned(rs) {
			if p.Status.Phase != corev1.PodSucceeded && p.Status.Phase != corev1.PodFailed {
				return r.report(ctx) // its end queues the Deployment again
			}
		}
	}
	if err := r.present(ctx); err != nil {
		return err
	}
	if size(r.is) != wanted(r.d) {
		if err := r.scale(ctx, step{r.is, wanted(r.d)}); err != nil {
			return err
		}
	}
	if complete(r.d, r.d.Status) {
		if err := r.forgetHistory(ctx); err != nil {
			return err
		}
	}
	return r.report(ctx)
}

// scale gives a ReplicaSet its size and notes what was wanted at that time.
func (r *rollout) scale(ctx context.Context, s step) error {
	was := size(s.set)
	next := s.set.DeepCopy()
	noted := r.note(next)
	if was == s.size && !noted {
		return nil
	}
	next.Spec.Replicas = &s.size
	next, err := r.Client.AppsV1().ReplicaSets(next.Namespace).Update(ctx, next, metav1.UpdateOptions{})
	if err != nil {
		return fmt.Errorf("scale replicaset %s: %w", s.set.Name, err)
	}
	r.replace(s.set, next)
	if was != s.size {
		verb := "up"
		if s.size < was {
			verb = "down"
		}
		r.Events.Eventf(r.d, corev1.EventTypeNormal, "ScalingReplicaSet", "Scaled %s replica set %s from %d to %d", verb, next.Name, was, s.size)
	}
	return nil
}

// note writes on a ReplicaSet what is wanted, and says whether that is new.
func (r *rollout) note(rs *appsv1.ReplicaSet) bool {
	surge, _ := bounds(r.d)
	changed := false
	for key, value := range map[string]int32{desiredAnnotation: wanted(r.d), maxAnnotation: wanted(r.d) + surge} {
		if have, ok := annotated(rs, key); !ok || have != value {
			metav1.SetMetaDataAnnotation(&rs.ObjectMeta, key, strconv.Itoa(int(value)))
			changed = true
		}
	}
	return changed
}

// replace puts a new state of a ReplicaSet in the place of the one that was read.
func (r *rollout) replace(was, next *appsv1.ReplicaSet) {
	r.loop.Wrote(r.key, r.sets.Informer, next)
	for _, list := range [][]*appsv1.ReplicaSet{r.all, r.old} {
		if i := slices.Index(list, was); i >= 0 {
			list[i] = next
		}
	}
	if r.is == was {
		r.is = next
	}
}

func largestFirst(sets []*appsv1.ReplicaSet) {
	slices.SortStableFunc(sets, func(a, b *appsv1.ReplicaSet) int { return int(size(b)) - int(size(a)) })
}
