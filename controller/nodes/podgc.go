package nodes

import (
	"context"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/controller/work"
	"github.com/kubemint/kubemint/internal/clock"
)

// quarantine is how long a pod may name a node that does not exist: the node may just be late.
const quarantine = 40 * time.Second

// NewPodGC returns the loop that collects pods nobody will ever end: those whose node is gone, and those that are to be
// deleted but were never scheduled. e acts as pod-garbage-collector. Keys are pods.
func NewPodGC(e work.Env) *work.Loop {
	l := e.Loop("pod garbage")
	nodes := e.Factory.Core().V1().Nodes().Lister()
	pods := e.Factory.Core().V1().Pods().Lister()
	byNode := indexPods(e)
	var mu sync.Mutex
	missed := map[string]time.Time{} // per pod: since when its node is missing
	l.Watch(e.Nodes(), func(old, new metav1.Object) {
		if old == nil || new == nil {
			name := ""
			if new != nil {
				name = new.GetName()
			} else {
				name = old.GetName()
			}
			for _, p := range byNode.on(name) {
				l.Queue.Add(work.Key(p))
			}
		}
	})
	l.Watch(e.Pods(), func(old, new metav1.Object) {
		if new == nil {
			key := work.Key(old)
			mu.Lock()
			delete(missed, key)
			mu.Unlock()
			l.Queue.NotAt(key)
			return
		}
		p := new.(*corev1.Pod)
		if p.Spec.NodeName == "" && p.DeletionTimestamp == nil {
			return
		}
		if _, err := nodes.Get(p.Spec.NodeName); err != nil {
			l.Queue.Add(work.Key(p))
		}
	})
	l.Sync = func(ctx context.Context, key string) error {
		ns, name := work.Split(key)
		p, err := pods.Pods(ns).Get(name)
		if err != nil {
			return work.Gone(err)
		}
		if p.Spec.NodeName == "" {
			if p.DeletionTimestamp == nil {
				return nil
			}
			return work.Gone(remove(ctx, e, p))
		}
		if _, err := nodes.Get(p.Spec.NodeName); !apierrors.IsNotFound(err) {
			mu.Lock()
			delete(missed, key)
			mu.Unlock()
			l.Queue.NotAt(key)
			return err
		}
		mu.Lock()
		since, ok := missed[key]
		if !ok {
			since = e.Clock.Now()
			missed[key] = since
		}
		mu.Unlock()
		if end := since.Add(quarantine); e.Clock.Now().Before(end) {
			l.Queue.At(clock.Other, fmt.Sprintf("pod %s collected: its node %s is gone", key, p.Spec.NodeName), key, end)
			return nil
		}
		if _, err := e.Client.CoreV1().Nodes().Get(ctx, p.Spec.NodeName, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
			return err
		}
		if err := condemn(ctx, e, p, "DeletionByPodGC", "PodGC: node no longer exists", true); err != nil {
			return work.Gone(err)
		}
		return work.Gone(remove(ctx, e, p))
	}
	return l
}

// remove deletes a pod without waiting for a kubelet.
func remove(ctx context.Context, e work.Env, p *corev1.Pod) error {
	o := metav1.NewDeleteOptions(0)
	o.Preconditions = metav1.NewUIDPreconditions(string(p.UID))
	return e.Client.CoreV1().Pods(p.Namespace).Delete(ctx, p.Name, *o)
}
