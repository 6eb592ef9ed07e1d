package endpoints

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
	corelisters "k8s.io/client-go/listers/core/v1"

	"github.com/kubemint/kubemint/controller/work"
	"github.com/kubemint/kubemint/controller/workload"
)

// selects says whether a Service wants its endpoints to be found.
func selects(s *corev1.Service) bool {
	return len(s.Spec.Selector) > 0 && s.Spec.Type != corev1.ServiceTypeExternalName
}

// watch queues Services that change, and those whose pods do.
func watch(e work.Env, l *work.Loop) {
	services := e.Factory.Core().V1().Services().Lister()
	l.WatchKeys(e.Services())
	l.Watch(e.Pods(), func(old, new metav1.Object) {
		if old != nil && new != nil && sameBackend(old.(*corev1.Pod), new.(*corev1.Pod)) {
			return
		}
		o := new
		if o == nil {
			o = old
		}
		all, err := services.Services(o.GetNamespace()).List(labels.Everything())
		if err != nil {
			return
		}
		for _, s := range all {
			if !selects(s) {
				continue
			}
			wants := labels.SelectorFromSet(s.Spec.Selector)
			if old != nil && wants.Matches(labels.Set(old.GetLabels())) || new != nil && wants.Matches(labels.Set(new.GetLabels())) {
				l.Queue.Add(work.Key(s))
			}
		}
	})
}

// sameBackend says whether nothing changed that an endpoint shows.
func sameBackend(a, b *corev1.Pod) bool {
	return a.Status.PodIP == b.Status.PodIP && a.Status.Phase == b.Status.Phase && a.Spec.NodeName == b.Spec.NodeName &&
		workload.Ready(a) == workload.Ready(b) && (a.DeletionTimestamp == nil) == (b.DeletionTimestamp == nil) &&
		labels.Equals(a.Labels, b.Labels)
}

// backend is a pod behind a Service.
type backend struct {
	pod                         *corev1.Pod
	ready, serving, terminating bool
}

// backends lists the pods of a Service that have an address, by name.
func backends(s *corev1.Service, pods corelisters.PodLister) ([]backend, error) {
	all, err := pods.Pods(s.Namespace).List(labels.SelectorFromSet(s.Spec.Selector))
	if err != nil {
		return nil, err
	}
	var out []backend
	for _, p := range all {
		if p.Status.PodIP == "" || p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed {
			continue
		}
		b := backend{pod: p, serving: workload.Ready(p), terminating: p.DeletionTimestamp != nil}
		b.ready = s.Spec.PublishNotReadyAddresses || b.serving && !b.terminating
		out = append(out, b)
	}
	slices.SortFunc(out, func(a, b backend) int { return cmp.Compare(a.pod.Name, b.pod.Name) })
	return out, nil
}

// targetPort is the number of a Service's port on a pod; false if the pod has no port of that name.
func targetPort(p *corev1.Pod, port corev1.ServicePort) (int32, bool) {
	if port.TargetPort.Type == intstr.Int {
		if n := port.TargetPort.IntVal; n != 0 {
			return n, true
		}
		return port.Port, true
	}
	for _, c := range p.Spec.Containers {
		for _, cp := range c.Ports {
			if cp.Name == port.TargetPort.StrVal && cp.Protocol == port.Protocol {
				return cp.ContainerPort, true
			}
		}
	}
	return 0, false
}

func target(p *corev1.Pod) *corev1.ObjectReference {
	return &corev1.ObjectReference{Kind: "Pod", Namespace: p.Namespace, Name: p.Name, UID: p.UID}
}
