package scheduler

import (
	"context"
	"encoding/json"
	"sync"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// decide takes pods from the line until ctx ends. It only thinks; what it has decided is written by
// others, at most Binders at a time, who are there only while there is something to write.
func (s *Scheduler) decide(ctx context.Context, group *sync.WaitGroup) {
	for _, f := range s.feeds { // no verdict on half a picture
		select {
		case <-f.listed:
		case <-ctx.Done():
			return
		}
	}
	slots := make(chan struct{}, s.cfg.Binders)
	for {
		p := s.line.next()
		if p == nil {
			select {
			case <-s.line.news:
				continue
			case <-ctx.Done():
				return
			}
		}
		held := s.world.release(p)
		name, why, todo := s.world.choose(p)
		if held && name == "" {
			s.line.unpark() // somebody may have waited for its room
		}
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		group.Go(func() {
			defer func() { <-slots }()
			switch {
			case name != "" && !todo.none():
				s.prepare(ctx, p, name, todo)
			case name != "":
				s.bind(ctx, p, name)
			case why != "":
				s.refuse(ctx, p, why)
			default:
				s.line.park(p.uid)
			}
		})
	}
}

// bind writes a decision (API-219).
func (s *Scheduler) bind(ctx context.Context, p *pod, name string) {
	object := p.object.Load()
	err := s.cfg.Client.CoreV1().Pods(p.namespace).Bind(ctx, &corev1.Binding{
		ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: p.name, UID: p.uid},
		Target:     corev1.ObjectReference{Kind: "Node", Name: name},
	}, metav1.CreateOptions{})
	if err == nil {
		s.events.Action(object, nil, corev1.EventTypeNormal, "Scheduled", "Binding", "Successfully assigned %s/%s to %s", p.namespace, p.name, name)
		s.line.drop(p.uid)
		return
	}
	s.world.forget(p)
	switch {
	case ctx.Err() != nil:
	case apierrors.IsNotFound(err), apierrors.IsConflict(err):
		// The pod is gone, or somebody else bound it: the watch will say which.
		s.line.park(p.uid)
	default:
		s.cfg.Log.Error("cannot bind a pod", "pod", p.key(), "node", name, "err", err)
		s.line.retry(p.uid)
	}
}

// refuse reports that a pod fits nowhere, by an event and by the pod's condition.
func (s *Scheduler) refuse(ctx context.Context, p *pod, why string) {
	object := p.object.Load()
	s.events.Action(object, nil, corev1.EventTypeWarning, "FailedScheduling", "Scheduling", "%s", why)
	if err := s.markUnschedulable(ctx, object, why); err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) && ctx.Err() == nil {
		s.cfg.Log.Error("cannot write why a pod has no node", "pod", p.key(), "err", err)
	}
	s.line.park(p.uid)
}

// markUnschedulable sets the condition PodScheduled to False, unless it says the same already.
func (s *Scheduler) markUnschedulable(ctx context.Context, object *corev1.Pod, why string) error {
	c := corev1.PodCondition{
		Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable, Message: why,
		LastTransitionTime: metav1.NewTime(s.cfg.Clock.Now()), ObservedGeneration: object.Generation,
	}
	for _, old := range object.Status.Conditions {
		if old.Type != c.Type {
			continue
		}
		if old.Status == c.Status && old.Reason == c.Reason && old.Message == c.Message {
			return nil
		}
		if old.Status == c.Status {
			c.LastTransitionTime = old.LastTransitionTime
		}
	}
	patch, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"uid": object.UID},
		"status":   map[string]any{"conditions": []corev1.PodCondition{c}},
	})
	if err != nil {
		return err
	}
	_, err = s.cfg.Client.CoreV1().Pods(object.Namespace).Patch(ctx, object.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status")
	return err
}
