package deployment

import (
	appsv1 "k8s.io/api/apps/v1"
)

// step is the size that a ReplicaSet is to have.
type step struct {
	set  *appsv1.ReplicaSet
	size int32
}

// newSize is the size of the new ReplicaSet in the next step: as large as the surge allows, never larger than wanted.
func newSize(d *appsv1.Deployment, all []*appsv1.ReplicaSet, is *appsv1.ReplicaSet) int32 {
	if !rolling(d) {
		return wanted(d)
	}
	surge, _ := bounds(d)
	room := wanted(d) + surge - total(all, size)
	if room <= 0 {
		return size(is)
	}
	return size(is) + min(room, wanted(d)-size(is))
}

// rollUp is the step of the new ReplicaSet, if there is one to take.
func rollUp(d *appsv1.Deployment, all []*appsv1.ReplicaSet, is *appsv1.ReplicaSet) []step {
	next := newSize(d, all, is)
	if size(is) > wanted(d) {
		next = wanted(d)
	}
	if next == size(is) {
		return nil
	}
	return []step{{is, next}}
}

// rollDown are the steps of the old ReplicaSets: pods that are not available go first, for they are missed by nobody;
// then as many of the others as are not needed to keep enough available.
func rollDown(d *appsv1.Deployment, all, old []*appsv1.ReplicaSet, is *appsv1.ReplicaSet) []step {
	old = oldestFirst(active(old))
	_, unavailable := bounds(d)
	least := wanted(d) - unavailable
	missing := int32(0)
	if is != nil {
		missing = size(is) - available(is)
	}
	room := total(all, size) - least - missing
	if len(old) == 0 || room <= 0 {
		return nil
	}
	sizes := map[*appsv1.ReplicaSet]int32{}
	for _, rs := range old {
		sizes[rs] = size(rs)
		if gone := min(room, size(rs)-available(rs)); gone > 0 {
			sizes[rs] -= gone
			room -= gone
		}
	}
	spare := total(all, available) - least
	for _, rs := range old {
		if gone := min(spare, sizes[rs]); gone > 0 {
			sizes[rs] -= gone
			spare -= gone
		}
	}
	var steps []step
	for _, rs := range old {
		if sizes[rs] != size(rs) {
			steps = append(steps, step{rs, sizes[rs]})
		}
	}
	return steps
}

// proportions spreads a change of the wanted size over the ReplicaSets of a rollout that is under way, each by its
// share; what rounding leaves goes to the first: the largest, and of equals the newest when growing, the oldest when
// shrinking.
func proportions(d *appsv1.Deployment, all []*appsv1.ReplicaSet) []step {
	sets := oldestFirst(active(all))
	surge, _ := bounds(d)
	allowed := int32(0)
	if wanted(d) > 0 {
		allowed = wanted(d) + surge
	}
	add := allowed - total(sets, size)
	if add > 0 {
		reverse(sets)
	}
	largestFirst(sets)
	steps := make([]step, 0, len(sets))
	var added int32
	for _, rs := range sets {
		share := int32(0)
		if left := add - added; add != 0 && left != 0 {
			share = fraction(d, rs, allowed)
			if add > 0 {
				share = min(share, left)
			} else {
				share = max(share, left)
			}
		}
		added += share
		steps = append(steps, step{rs, size(rs) + share})
	}
	if len(steps) > 0 && add != added {
		steps[0].size = max(steps[0].size+add-added, 0)
	}
	return steps
}

// fraction is by how much one ReplicaSet would change to keep its share of the whole.
func fraction(d *appsv1.Deployment, rs *appsv1.ReplicaSet, allowed int32) int32 {
	if wanted(d) == 0 {
		return -size(rs)
	}
	was, ok := annotated(rs, maxAnnotation)
	if !ok || was == 0 {
		was = d.Status.Replicas
	}
	if was == 0 {
		return 0
	}
	n := float64(size(rs)) * float64(allowed) / float64(was)
	return int32(n+0.5) - size(rs)
}

func reverse(sets []*appsv1.ReplicaSet) {
	for i, j := 0, len(sets)-1; i < j; i, j = i+1, j-1 {
		sets[i], sets[j] = sets[j], sets[i]
	}
}
