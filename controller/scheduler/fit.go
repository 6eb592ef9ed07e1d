package scheduler

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	schedulinghelper "k8s.io/component-helpers/scheduling/corev1"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"
	"k8s.io/klog/v2"
)

// refusal is why a node does not take a pod: the first question that it answers with no, in the
// order in which kube-scheduler asks them.
type refusal struct {
	reasons []string
	final   bool // no removal of other pods from the node could help
}

// fits asks whether the node may take the pod.
func (n *node) fits(p *pod) (refusal, bool) {
	switch {
	case n.object.Spec.Unschedulable && !tolerates(p, corev1.Taint{Key: corev1.TaintNodeUnschedulable, Effect: corev1.TaintEffectNoSchedule}):
		return refusal{[]string{"node(s) were unschedulable"}, true}, false
	case n.tainted(p):
		return refusal{[]string{"node(s) had untolerated taint(s)"}, true}, false
	}
	if ok, err := p.required.Match(n.object); err != nil || !ok {
		return refusal{[]string{"node(s) didn't match Pod's node affinity/selector"}, true}, false
	}
	if n.portsTaken(p) {
		return refusal{[]string{"node(s) didn't have free ports for the requested pod ports"}, false}, false
	}
	return n.room(p)
}

// room asks whether the node has what the pod requests.
func (n *node) room(p *pod) (refusal, bool) {
	r := refusal{}
	if n.pods+1 > n.allocatable[corev1.ResourcePods] {
		r.reasons = append(r.reasons, "Too many pods")
	}
	for _, name := range slices.Sorted(maps.Keys(p.requests)) {
		want := p.requests[name]
		if want > 0 && n.used[name]+want > n.allocatable[name] {
			r.reasons = append(r.reasons, "Insufficient "+string(name))
			r.final = r.final || want > n.allocatable[name]
		}
	}
	return r, len(r.reasons) == 0
}

func tolerates(p *pod, taint corev1.Taint) bool {
	return schedulinghelper.TolerationsTolerateTaint(klog.Logger{}, p.object.Load().Spec.Tolerations, &taint, false)
}

func (n *node) tainted(p *pod) bool {
	for _, t := range n.object.Spec.Taints {
		if (t.Effect == corev1.TaintEffectNoSchedule || t.Effect == corev1.TaintEffectNoExecute) && !tolerates(p, t) {
			return true
		}
	}
	return false
}

func (n *node) portsTaken(p *pod) bool {
	anywhere := func(ip string) bool { return ip == "" || ip == "0.0.0.0" || ip == "::" }
	for _, want := range p.ports {
		for _, have := range n.ports {
			if want.port == have.port && want.protocol == have.protocol && (want.ip == have.ip || anywhere(want.ip) || anywhere(have.ip)) {
				return true
			}
		}
	}
	return false
}

// score says how much the node suits the pod, higher is better: mostly by the room that would be
// left, with the wishes of affinity and taints on top.
func (n *node) score(p *pod, preferred *nodeaffinity.PreferredSchedulingTerms) int64 {
	free := func(used, of int64) int64 {
		if of <= 0 || used >= of {
			return 0
		}
		return (of - used) * 10000 / of
	}
	score := (free(n.cpu+p.cpu, n.allocatable[corev1.ResourceCPU]) + free(n.memory+p.memory, n.allocatable[corev1.ResourceMemory])) / 2
	for _, t := range n.object.Spec.Taints {
		if t.Effect == corev1.TaintEffectPreferNoSchedule && !tolerates(p, t) {
			score -= 30000
		}
	}
	if preferred != nil {
		score += 200 * preferred.Score(n.object)
	}
	return score
}

// choose picks a node for the pod and assumes it there at once, or says in kube-scheduler's words
// why there is none.
func (w *world) choose(p *pod) (name, why string, todo plan) {
	object := p.object.Load()
	var preferred *nodeaffinity.PreferredSchedulingTerms
	if a := object.Spec.Affinity; a != nil && a.NodeAffinity != nil {
		// A term that does not parse wishes nothing; the API server refuses such pods anyway.
		preferred, _ = nodeaffinity.NewPreferredSchedulingTerms(a.NodeAffinity.PreferredDuringSchedulingIgnoredDuringExecution)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.pods[p.uid] != p {
		return "", "", todo // it is gone, or a newer object is on its way
	}
	count := len(w.order)
	if count == 0 {
		return "", "no nodes available to schedule pods", todo
	}
	var need needs
	if p.claims != nil {
		if need, why = w.storing.needsOf(object); why != "" {
			return "", unfit(count, why+".", count), todo
		}
	}
	occupied := p.claims != nil && w.occupied(object)
	var best *node
	var bestScore int64
	reasons, helpless := map[string]int{}, 0
	for i := range count {
		n := w.nodes[w.order[(w.turn+i)%count]]
		r, ok := n.fits(p)
		if ok && occupied {
			r, ok = refusal{[]string{"node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod"}, false}, false
		}
		var here plan
		if ok && p.claims != nil {
			here, r.reasons = w.storing.on(n.object, need)
			r.final, ok = true, len(r.reasons) == 0
		}
		if !ok {
			for _, reason := range r.reasons {
				reasons[reason]++
			}
			if r.final {
				helpless++
			}
			continue
		}
		if score := n.score(p, preferred); best == nil || score > bestScore {
			best, bestScore, todo = n, score, here
		}
	}
	if best == nil {
		return "", unfit(count, histogram(reasons), helpless), todo
	}
	w.turn++
	p.node, p.assumed = best.object.Name, true
	best.add(p, 1)
	return p.node, "", todo
}

// unfit is the sentence that people find in the event FailedScheduling.
func unfit(count int, reasons string, helpless int) string {
	preemption := map[string]int{}
	if helpless > 0 {
		preemption["Preemption is not helpful for scheduling"] = helpless
	}
	if rest := count - helpless; rest > 0 {
		preemption["No preemption victims found for incoming pod"] = rest
	}
	return fmt.Sprintf("0/%d nodes are available: %s no new claims to deallocate, preemption: 0/%d nodes are available: %s",
		count, reasons, count, histogram(preemption))
}

// histogram lists reasons with how many nodes gave each, sorted as text.
func histogram(reasons map[string]int) string {
	var parts []string
	for reason, n := range reasons {
		parts = append(parts, fmt.Sprintf("%d %s", n, reason))
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ") + "."
}
