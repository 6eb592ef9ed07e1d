package endpoints

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubemint/kubemint/controller/work"
)

// sliceManager is who a slice says it is managed by, and maxEndpoints how many endpoints one holds.
const (
	sliceManager = "endpointslice-controller.k8s.io"
	maxEndpoints = 100
)

// NewSlices returns the loop of EndpointSlices. e acts as endpointslice-controller. Keys are Services.
func NewSlices(e work.Env) *work.Loop {
	l := e.Loop("endpointslice")
	services := e.Factory.Core().V1().Services().Lister()
	pods := e.Factory.Core().V1().Pods().Lister()
	lister := e.Factory.Discovery().V1().EndpointSlices().Lister()
	watch(e, l)
	l.Watch(e.EndpointSlices(), func(old, new metav1.Object) {
		for _, o := range []metav1.Object{old, new} {
			if o != nil && o.GetLabels()[discoveryv1.LabelManagedBy] == sliceManager {
				l.Queue.Add(o.GetNamespace() + "/" + o.GetLabels()[discoveryv1.LabelServiceName])
			}
		}
	})
	l.Sync = func(ctx context.Context, key string) error {
		ns, name := work.Split(key)
		s, err := services.Services(ns).Get(name)
		if err != nil || !selects(s) || s.DeletionTimestamp != nil {
			return work.Gone(err) // the garbage collector takes the slices of a Service that is gone
		}
		behind, err := backends(s, pods)
		if err != nil {
			return err
		}
		have, err := lister.EndpointSlices(ns).List(labels.SelectorFromSet(labels.Set{discoveryv1.LabelServiceName: name, discoveryv1.LabelManagedBy: sliceManager}))
		if err != nil {
			return err
		}
		return reconcileSlices(ctx, e, l, key, s, have, wantedSlices(s, behind))
	}
	return l
}

// wantedSlices are the slices a Service should have: one per set of port numbers, or several if that is large; an empty
// one if there is nothing behind it.
func wantedSlices(s *corev1.Service, behind []backend) []*discoveryv1.EndpointSlice {
	var groups []*discoveryv1.EndpointSlice
	for _, b := range behind {
		ports := slicePorts(s, b.pod)
		var into *discoveryv1.EndpointSlice
		for _, g := range groups {
			if len(g.Endpoints) < maxEndpoints && equality.Semantic.DeepEqual(g.Ports, ports) {
				into = g
			}
		}
		if into == nil {
			into = newSlice(s, ports)
			groups = append(groups, into)
		}
		into.Endpoints = append(into.Endpoints, endpoint(b))
	}
	if len(groups) == 0 {
		groups = append(groups, newSlice(s, nil))
	}
	return groups
}

func endpoint(b backend) discoveryv1.Endpoint {
	e := discoveryv1.Endpoint{Addresses: []string{b.pod.Status.PodIP}, TargetRef: target(b.pod),
		Conditions: discoveryv1.EndpointConditions{Ready: &b.ready, Serving: &b.serving, Terminating: &b.terminating}}
	if b.pod.Spec.NodeName != "" {
		e.NodeName = &b.pod.Spec.NodeName
	}
	if b.pod.Spec.Hostname != "" && b.pod.Spec.Subdomain != "" {
		e.Hostname = &b.pod.Spec.Hostname
	}
	return e
}

func slicePorts(s *corev1.Service, p *corev1.Pod) []discoveryv1.EndpointPort {
	var ports []discoveryv1.EndpointPort
	for _, sp := range s.Spec.Ports {
		if n, ok := targetPort(p, sp); ok {
			ports = append(ports, discoveryv1.EndpointPort{Name: &sp.Name, Port: &n, Protocol: &sp.Protocol, AppProtocol: sp.AppProtocol})
		}
	}
	return ports
}

func newSlice(s *corev1.Service, ports []discoveryv1.EndpointPort) *discoveryv1.EndpointSlice {
	l := maps.Clone(s.Labels)
	if l == nil {
		l = map[string]string{}
	}
	l[discoveryv1.LabelServiceName], l[discoveryv1.LabelManagedBy] = s.Name, sliceManager
	if s.Spec.ClusterIP == corev1.ClusterIPNone {
		l[corev1.IsHeadlessService] = ""
	}
	if ports == nil {
		ports = []discoveryv1.EndpointPort{}
	}
	return &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace, GenerateName: s.Name + "-", Labels: l,
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(s, corev1.SchemeGroupVersion.WithKind("Service"))}},
		AddressType: discoveryv1.AddressTypeIPv4, Ports: ports, Endpoints: []discoveryv1.Endpoint{},
	}
}

// reconcileSlices makes what is wanted of what is there, changing as few slices as it can.
func reconcileSlices(ctx context.Context, e work.Env, l *work.Loop, key string, s *corev1.Service, have, want []*discoveryv1.EndpointSlice) error {
	client := e.Client.DiscoveryV1().EndpointSlices(s.Namespace)
	slices.SortFunc(have, func(a, b *discoveryv1.EndpointSlice) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	var left []*discoveryv1.EndpointSlice
	for _, h := range have {
		if i := slices.IndexFunc(want, func(w *discoveryv1.EndpointSlice) bool { return sameSlice(h, w) }); i >= 0 {
			want = slices.Delete(want, i, i+1)
		} else {
			left = append(left, h)
		}
	}
	var failed error
	for _, w := range want {
		if len(left) > 0 {
			next := left[0].DeepCopy()
			left = left[1:]
			next.Labels, next.Ports, next.Endpoints, next.OwnerReferences = w.Labels, w.Ports, w.Endpoints, w.OwnerReferences
			updated, err := client.Update(ctx, next, metav1.UpdateOptions{})
			if err == nil {
				l.Wrote(key, e.EndpointSlices(), updated)
			}
			failed = errors.Join(failed, work.Gone(err))
			continue
		}
		made, err := client.Create(ctx, w, metav1.CreateOptions{})
		if err == nil {
			l.Wrote(key, e.EndpointSlices(), made)
		}
		failed = errors.Join(failed, moot(err))
	}
	for _, extra := range left {
		err := client.Delete(ctx, extra.Name, metav1.DeleteOptions{})
		failed = errors.Join(failed, work.Gone(err))
		l.Deleted(key, e.EndpointSlices(), extra)
	}
	if failed != nil {
		return fmt.Errorf("slices of service %s: %w", key, failed)
	}
	return nil
}

func sameSlice(have, want *discoveryv1.EndpointSlice) bool {
	return equality.Semantic.DeepEqual(have.Labels, want.Labels) && equality.Semantic.DeepEqual(have.Ports, want.Ports) &&
		equality.Semantic.DeepEqual(have.Endpoints, want.Endpoints)
}
