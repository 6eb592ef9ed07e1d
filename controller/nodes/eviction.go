package nodes

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubemint/kubemint/controller/work"
	"github.com/kubemint/kubemint/internal/clock"
)

// NewEviction returns the loop that deletes pods which do not tolerate a NoExecute taint of their node, at once or when
// their tolerationSeconds are over. e acts as node-controller. Keys are pods.
func NewEviction(e work.Env) *work.Loop {
	l := e.Loop("taint eviction")
	nodes := e.Factory.Core().V1().Nodes().Lister()
	pods := e.Factory.Core().V1().Pods().Lister()
	byNode := indexPods(e)
	l.Watch(e.Pods(), func(old, new metav1.Object) {
		if new == nil {
			l.Queue.NotAt(work.Key(old))
			return
		}
		p := new.(*corev1.Pod)
		if p.Spec.NodeName == "" {
			return
		}
		if n, err := nodes.Get(p.Spec.NodeName); err == nil && slices.ContainsFunc(n.Spec.Taints, executes) {
			l.Queue.Add(work.Key(p))
		}
	})
	l.Watch(e.Nodes(), func(old, new metav1.Object) {
		if new == nil {
			return // the pods are garbage now, and collected as such
		}
		had := old != nil && slices.ContainsFunc(old.(*corev1.Node).Spec.Taints, executes)
		if had || slices.ContainsFunc(new.(*corev1.Node).Spec.Taints, executes) {
			for _, p := range byNode.on(new.GetName()) {
				l.Queue.Add(work.Key(p))
			}
		}
	})
	l.Sync = func(ctx context.Context, key string) error {
		ns, name := work.Split(key)
		p, err := pods.Pods(ns).Get(name)
		if err != nil || p.DeletionTimestamp != nil || p.Spec.NodeName == "" {
			l.Queue.NotAt(key)
			return work.Gone(err)
		}
		node, err := nodes.Get(p.Spec.NodeName)
		if err != nil {
			return work.Gone(err)
		}
		now := e.Clock.Now()
		at, evict := evictionTime(p.Spec.Tolerations, node.Spec.Taints, now)
		switch {
		case !evict:
			l.Queue.NotAt(key)
			return nil
		case now.Before(at):
			l.Queue.At(clock.Other, fmt.Sprintf("pod %s evicted from %s", key, node.Name), key, at)
			return nil
		}
		return work.Gone(evictPod(ctx, e, p))
	}
	return l
}

func executes(t corev1.Taint) bool { return t.Effect == corev1.TaintEffectNoExecute }

// evictionTime says whether a pod with these tolerations must leave a node with these taints, and when: each NoExecute
// taint must be tolerated; the shortest toleration counts, from the moment the taint was put.
func evictionTime(tolerations []corev1.Toleration, taints []corev1.Taint, now time.Time) (at time.Time, evict bool) {
	for _, taint := range taints {
		if !executes(taint) {
			continue
		}
		tolerated := false
		for _, t := range tolerations {
			if !tolerates(t, taint) {
				continue
			}
			tolerated = true
			if t.TolerationSeconds == nil {
				continue
			}
			since := now
			if taint.TimeAdded != nil {
				since = taint.TimeAdded.Time
			}
			end := since.Add(time.Duration(max(*t.TolerationSeconds, 0)) * time.Second)
			if !evict || end.Before(at) {
				at, evict = end, true
			}
		}
		if !tolerated {
			return now, true
		}
	}
	return at, evict
}

// tolerates says whether one toleration matches one taint.
func tolerates(t corev1.Toleration, taint corev1.Taint) bool {
	if t.Effect != "" && t.Effect != taint.Effect || t.Key != "" && t.Key != taint.Key {
		return false
	}
	return t.Operator == corev1.TolerationOpExists || t.Key != "" && t.Value == taint.Value
}

// evictPod deletes one pod and says why.
func evictPod(ctx context.Context, e work.Env, p *corev1.Pod) error {
	e.Events.Eventf(p, corev1.EventTypeNormal, "TaintManagerEviction", "Marking for deletion Pod %s/%s", p.Namespace, p.Name)
	if err := condemn(ctx, e, p, "DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint", false); err != nil {
		return err
	}
	return e.Client.CoreV1().Pods(p.Namespace).Delete(ctx, p.Name, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &p.UID}})
}

// condemn puts the condition DisruptionTarget on a pod that is about to be deleted, and ends its life for the books if
// nobody else will.
func condemn(ctx context.Context, e work.Env, p *corev1.Pod, reason, message string, failed bool) error {
	type object = map[string]any
	state := object{"conditions": []corev1.PodCondition{{
		Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue, Reason: reason, Message: message, LastTransitionTime: metav1.NewTime(e.Clock.Now()),
	}}}
	if failed && p.Status.Phase != corev1.PodSucceeded && p.Status.Phase != corev1.PodFailed {
		state["phase"] = corev1.PodFailed
	}
	data, err := json.Marshal(object{"metadata": object{"uid": p.UID}, "status": state})
	if err != nil {
		return err
	}
	_, err = e.Client.CoreV1().Pods(p.Namespace).Patch(ctx, p.Name, types.StrategicMergePatchType, data, metav1.PatchOptions{}, "status")
	return err
}
