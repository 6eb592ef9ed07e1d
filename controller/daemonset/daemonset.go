// Package daemonset keeps one pod of a DaemonSet on every node that fits it.
package daemonset

import (
	"context"
	"slices"
	"strconv"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	appslisters "k8s.io/client-go/listers/apps/v1"
	corelisters "k8s.io/client-go/listers/core/v1"

	"github.com/kubemint/kubemint/controller/work"
	"github.com/kubemint/kubemint/controller/workload"
	"github.com/kubemint/kubemint/internal/clock"
)

// burst is the most pods made or deleted in one sync.
const burst = 250

type controller struct {
	work.Env
	loop      *work.Loop
	sets      appslisters.DaemonSetLister
	nodes     corelisters.NodeLister
	pods      *workload.Pods
	revisions *workload.Revisions
}

// New returns the loop. e acts as daemon-set-controller. Keys are DaemonSets.
func New(e work.Env) *work.Loop {
	kind := appsv1.SchemeGroupVersion.WithKind("DaemonSet")
	c := &controller{Env: e, loop: e.Loop("daemonset"), sets: e.Factory.Apps().V1().DaemonSets().Lister(), nodes: e.Factory.Core().V1().Nodes().Lister(),
		pods: workload.NewPods(e, kind), revisions: workload.NewRevisions(e, kind)}
	c.loop.WatchKeys(e.DaemonSets())
	c.pods.Watch(c.loop, c.wanting)
	c.revisions.Watch(c.loop, nil)
	c.loop.Watch(e.Nodes(), func(old, new metav1.Object) {
		if old != nil && new != nil && sameNode(old.(*corev1.Node), new.(*corev1.Node)) {
			return
		}
		all, err := c.sets.List(labels.Everything())
		if err != nil {
			return
		}
		for _, ds := range all {
			c.loop.Queue.Add(work.Key(ds))
		}
	})
	c.loop.Sync = c.sync
	return c.loop
}

// sameNode says whether nothing changed that decides on which pods a node takes.
func sameNode(a, b *corev1.Node) bool {
	return equality.Semantic.DeepEqual(a.Labels, b.Labels) && equality.Semantic.DeepEqual(a.Spec.Taints, b.Spec.Taints) && a.Spec.Unschedulable == b.Spec.Unschedulable
}

func (c *controller) wanting(pod metav1.Object) []string {
	all, err := c.sets.DaemonSets(pod.GetNamespace()).List(labels.Everything())
	if err != nil {
		return nil
	}
	var keys []string
	for _, ds := range all {
		s, err := metav1.LabelSelectorAsSelector(ds.Spec.Selector)
		if err == nil && !s.Empty() && s.Matches(labels.Set(pod.GetLabels())) {
			keys = append(keys, work.Key(ds))
		}
	}
	return keys
}

// round is one DaemonSet as one sync finds it.
type round struct {
	*controller
	key     string
	ds      *appsv1.DaemonSet // a copy, whose status is being written
	now     time.Time
	hash    string                   // of the present template
	nodes   []*corev1.Node           // by name
	pods    map[string][]*corev1.Pod // by node, the oldest first
	wake    time.Time                // when to look again, though nothing happens
	deleted map[*corev1.Pod]bool
}

func (c *controller) sync(ctx context.Context, key string) error {
	ns, name := work.Split(key)
	seen, err := c.sets.DaemonSets(ns).Get(name)
	if err != nil {
		c.loop.Queue.NotAt(key)
		return work.Gone(err)
	}
	selector, err := metav1.LabelSelectorAsSelector(seen.Spec.Selector)
	if err != nil || selector.Empty() {
		return nil // the API server lets none such in
	}
	r := &round{controller: c, key: key, ds: seen.DeepCopy(), now: c.Clock.Now(), pods: map[string][]*corev1.Pod{}, deleted: map[*corev1.Pod]bool{}}
	owner := workload.Owner{Object: seen, Key: key, Selector: selector, Fresh: func(ctx context.Context) (metav1.Object, error) {
		return c.Client.AppsV1().DaemonSets(ns).Get(ctx, name, metav1.GetOptions{})
	}}
	if seen.DeletionTimestamp != nil {
		return nil // what is left of it is the garbage collector's
	}
	current, history, err := c.revisions.Current(ctx, c.loop, owner, &seen.Spec.Template, &r.ds.Status.CollisionCount)
	if err != nil {
		return err
	}
	r.hash = workload.RevisionHash(current)
	claimed, err := c.pods.Claim(ctx, c.loop, owner)
	if err != nil {
		return err
	}
	for _, p := range claimed {
		n := nodeOf(p)
		r.pods[n] = append(r.pods[n], p)
	}
	for _, list := range r.pods {
		slices.SortFunc(list, func(a, b *corev1.Pod) int { return a.CreationTimestamp.Time.Compare(b.CreationTimestamp.Time) })
	}
	if r.nodes, err = c.nodes.List(labels.Everything()); err != nil {
		return err
	}
	slices.SortFunc(r.nodes, func(a, b *corev1.Node) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	manageErr := r.manage(ctx)
	if manageErr == nil {
		manageErr = r.update(ctx)
	}
	if manageErr == nil && seen.Spec.RevisionHistoryLimit != nil {
		manageErr = c.revisions.Forget(ctx, c.loop, key, history, *seen.Spec.RevisionHistoryLimit, func(rev *appsv1.ControllerRevision) bool {
			return rev.Name == current.Name || slices.ContainsFunc(claimed, func(p *corev1.Pod) bool {
				return p.Labels[appsv1.ControllerRevisionHashLabelKey] == workload.RevisionHash(rev)
			})
		})
	}
	if err := r.report(ctx, seen); err != nil {
		return err
	}
	if r.wake.IsZero() {
		c.loop.Queue.NotAt(key)
	} else {
		c.loop.Queue.At(clock.Other, "pod of daemonset "+key, key, r.wake)
	}
	return manageErr
}

// manage gives each node that fits its pod, and takes away what is too much or has ended.
func (r *round) manage(ctx context.Context) error {
	var missing []string
	var excess []*corev1.Pod
	known := map[string]bool{}
	for _, n := range r.nodes {
		known[n.Name] = true
		run, stay := fits(r.ds, n)
		var there []*corev1.Pod
		failed := false
		for _, p := range r.pods[n.Name] {
			switch {
			case p.DeletionTimestamp != nil:
				there = append(there, p) // its place is not free yet
			case p.Status.Phase == corev1.PodFailed || p.Status.Phase == corev1.PodSucceeded:
				failed = true
				if at := r.restartAt(p); r.now.Before(at) {
					there = append(there, p)
					r.wake = workload.Earlier(r.wake, at)
					continue
				}
				if p.Status.Phase == corev1.PodFailed {
					r.Events.Eventf(r.ds, corev1.EventTypeWarning, "FailedDaemonPod", "Found failed daemon pod %s/%s on node %s, will try to kill it", p.Namespace, p.Name, n.Name)
				} else {
					r.Events.Eventf(r.ds, corev1.EventTypeNormal, "SucceededDaemonPod", "Found succeeded daemon pod %s/%s on node %s, will try to delete it", p.Namespace, p.Name, n.Name)
				}
				excess = append(excess, p)
			default:
				there = append(there, p)
			}
		}
		switch {
		case run && len(there) == 0 && !failed:
			missing = append(missing, n.Name)
		case !stay:
			for _, p := range there {
				if p.DeletionTimestamp == nil {
					excess = append(excess, p)
				}
			}
		case r.surge() == 0:
			excess = append(excess, surplus(there)...)
		}
	}
	for node, pods := range r.pods {
		if node != "" && !known[node] {
			for _, p := range pods {
				if p.Spec.NodeName == "" && p.DeletionTimestamp == nil {
					excess = append(excess, p) // it waits for a node that is gone
				}
			}
		}
	}
	return r.change(ctx, missing, excess)
}

// surplus is all but the oldest pod that is not going.
func surplus(pods []*corev1.Pod) []*corev1.Pod {
	var live []*corev1.Pod
	for _, p := range pods {
		if p.DeletionTimestamp == nil {
			live = append(live, p)
		}
	}
	if len(live) < 2 {
		return nil
	}
	return live[1:]
}

// Pauses before a pod that ended is replaced, in cluster time.
const restartPause = time.Second

func (r *round) restartAt(p *corev1.Pod) time.Time {
	end := p.CreationTimestamp.Time
	for _, s := range p.Status.ContainerStatuses {
		if t := s.State.Terminated; t != nil && t.FinishedAt.After(end) {
			end = t.FinishedAt.Time
		}
	}
	return end.Add(restartPause)
}

func (r *round) change(ctx context.Context, missing []string, excess []*corev1.Pod) error {
	for _, p := range excess {
		r.deleted[p] = true
	}
	if _, err := workload.Slowly(min(len(excess), burst), func(i int) error {
		return r.controller.pods.Delete(ctx, r.loop, r.key, r.ds, excess[i])
	}); err != nil {
		return err
	}
	_, err := workload.Slowly(min(len(missing), burst), func(i int) error {
		return r.controller.pods.Create(ctx, r.loop, r.key, r.ds, r.newPod(missing[i]))
	})
	return err
}

func (r *round) newPod(node string) *corev1.Pod {
	p := workload.NewPod(&r.ds.Spec.Template, r.ds, r.controller.pods.Kind)
	if p.Labels == nil {
		p.Labels = map[string]string{}
	}
	p.Labels[appsv1.ControllerRevisionHashLabelKey] = r.hash
	p.Labels["pod-template-generation"] = generation(r.ds)
	bind(&p.Spec, node)
	return p
}

// generation is the number of the template, which the API server counts in an annotation or else in the generation.
func generation(ds *appsv1.DaemonSet) string {
	if g := ds.Annotations[appsv1.DeprecatedTemplateGeneration]; g != "" {
		return g
	}
	return strconv.FormatInt(ds.Generation, 10)
}
