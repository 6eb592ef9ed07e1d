package daemonset

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// desired is on how many nodes pods should run.
func (r *round) desired() int {
	n := 0
	for _, node := range r.nodes {
		if run, _ := fits(r.ds, node); run {
			n++
		}
	}
	return n
}

func (r *round) bound(v func(*appsv1.RollingUpdateDaemonSet) *intstr.IntOrString) int {
	u := r.ds.Spec.UpdateStrategy.RollingUpdate
	if r.ds.Spec.UpdateStrategy.Type != appsv1.RollingUpdateDaemonSetStrategyType || u == nil || v(u) == nil {
		return 0
	}
	n, err := intstr.GetScaledValueFromIntOrPercent(v(u), r.desired(), true)
	if err != nil {
		return 0 // the API server lets none such in
	}
	return n
}

// surge is on how many nodes two pods may run while they are exchanged.
func (r *round) surge() int {
	return r.bound(func(u *appsv1.RollingUpdateDaemonSet) *intstr.IntOrString { return u.MaxSurge })
}

// unavailable is on how many nodes no pod need be available meanwhile.
func (r *round) unavailable() int {
	n := r.bound(func(u *appsv1.RollingUpdateDaemonSet) *intstr.IntOrString { return u.MaxUnavailable })
	if n == 0 && r.surge() == 0 {
		return 1
	}
	return n
}

// update takes one step of a rolling update: a few old pods go, and the next sync puts new ones in their place; or, with
// surge, new ones come beside the old, which go once the new are available.
func (r *round) update(ctx context.Context) error {
	if r.ds.Spec.UpdateStrategy.Type != appsv1.RollingUpdateDaemonSetStrategyType {
		return nil
	}
	isNew := func(p *corev1.Pod) bool { return p.Labels[appsv1.ControllerRevisionHashLabelKey] == r.hash }
	var idle, candidates, replaced []*corev1.Pod
	var wantNew []string
	unavailable, surging := 0, 0
	for _, n := range r.nodes {
		if run, _ := fits(r.ds, n); !run {
			continue
		}
		var old, fresh *corev1.Pod
		going := false
		for _, p := range r.pods[n.Name] {
			switch {
			case r.deleted[p]:
			case p.DeletionTimestamp != nil:
				going = true
			case isNew(p):
				fresh = p
			default:
				old = p
			}
		}
		switch {
		case old == nil && fresh == nil || old == nil && !r.available(fresh):
			unavailable++
		case old != nil && fresh != nil:
			surging++
			if r.available(fresh) {
				replaced = append(replaced, old)
			}
		case old != nil && !r.available(old):
			unavailable++
			idle = append(idle, old) // it is missed by nobody
		case old != nil:
			candidates = append(candidates, old)
			if !going {
				wantNew = append(wantNew, n.Name)
			}
		}
	}
	if surge := r.surge(); surge > 0 {
		room := max(surge-surging, 0)
		for _, p := range idle {
			wantNew = append([]string{nodeOf(p)}, wantNew...)
		}
		return r.change(ctx, wantNew[:min(room, len(wantNew))], replaced)
	}
	room := max(r.unavailable()-unavailable, 0)
	return r.change(ctx, nil, append(idle, candidates[:min(room, len(candidates))]...))
}
