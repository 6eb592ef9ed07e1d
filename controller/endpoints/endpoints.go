package endpoints

import (
	"context"
	"fmt"
	"maps"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/controller/work"
)

// Labels of Endpoints that this loop makes.
const (
	endpointsManagedBy = "endpoints.kubernetes.io/managed-by"
	endpointsManager   = "endpoint-controller"
)

// NewEndpoints returns the loop of Endpoints. e acts as endpoint-controller. Keys are Services.
func NewEndpoints(e work.Env) *work.Loop {
	l := e.Loop("endpoints")
	services := e.Factory.Core().V1().Services().Lister()
	pods := e.Factory.Core().V1().Pods().Lister()
	lister := e.Factory.Core().V1().Endpoints().Lister()
	watch(e, l)
	l.WatchKeys(e.Endpoints())
	l.Sync = func(ctx context.Context, key string) error {
		ns, name := work.Split(key)
		s, err := services.Services(ns).Get(name)
		if apierrors.IsNotFound(err) {
			// Endpoints have no owner reference: they go with the Service of their name.
			if old, err := lister.Endpoints(ns).Get(name); err == nil && old.Labels[endpointsManagedBy] == endpointsManager {
				return work.Gone(e.Client.CoreV1().Endpoints(ns).Delete(ctx, name, metav1.DeleteOptions{}))
			}
			return nil
		}
		if err != nil || !selects(s) {
			return err
		}
		behind, err := backends(s, pods)
		if err != nil {
			return err
		}
		want := newEndpoints(s, behind)
		have, err := lister.Endpoints(ns).Get(name)
		if apierrors.IsNotFound(err) {
			made, err := e.Client.CoreV1().Endpoints(ns).Create(ctx, want, metav1.CreateOptions{})
			if err == nil {
				l.Wrote(key, e.Endpoints(), made)
			}
			return moot(err)
		}
		if err != nil || equality.Semantic.DeepEqual(have.Subsets, want.Subsets) && equality.Semantic.DeepEqual(have.Labels, want.Labels) {
			return err
		}
		next := have.DeepCopy()
		next.Labels, next.Subsets = want.Labels, want.Subsets
		updated, err := e.Client.CoreV1().Endpoints(ns).Update(ctx, next, metav1.UpdateOptions{})
		if err != nil {
			return work.Gone(fmt.Errorf("endpoints %s: %w", key, err))
		}
		l.Wrote(key, e.Endpoints(), updated)
		return nil
	}
	return l
}

// newEndpoints groups the pods behind a Service by the numbers of their ports.
func newEndpoints(s *corev1.Service, behind []backend) *corev1.Endpoints {
	l := maps.Clone(s.Labels)
	if l == nil {
		l = map[string]string{}
	}
	l[endpointsManagedBy] = endpointsManager
	if s.Spec.ClusterIP == corev1.ClusterIPNone {
		l[corev1.IsHeadlessService] = ""
	}
	out := &corev1.Endpoints{ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace, Name: s.Name, Labels: l}}
	for _, b := range behind {
		if b.terminating && !s.Spec.PublishNotReadyAddresses {
			continue
		}
		var ports []corev1.EndpointPort
		for _, sp := range s.Spec.Ports {
			if n, ok := targetPort(b.pod, sp); ok {
				ports = append(ports, corev1.EndpointPort{Name: sp.Name, Port: n, Protocol: sp.Protocol, AppProtocol: sp.AppProtocol})
			}
		}
		var into *corev1.EndpointSubset
		for i := range out.Subsets {
			if equality.Semantic.DeepEqual(out.Subsets[i].Ports, ports) {
				into = &out.Subsets[i]
			}
		}
		if into == nil {
			out.Subsets = append(out.Subsets, corev1.EndpointSubset{Ports: ports})
			into = &out.Subsets[len(out.Subsets)-1]
		}
		a := corev1.EndpointAddress{IP: b.pod.Status.PodIP, TargetRef: target(b.pod)}
		if b.pod.Spec.NodeName != "" {
			a.NodeName = &b.pod.Spec.NodeName
		}
		if b.pod.Spec.Hostname != "" && b.pod.Spec.Subdomain == s.Name {
			a.Hostname = b.pod.Spec.Hostname
		}
		if b.ready {
			into.Addresses = append(into.Addresses, a)
		} else {
			into.NotReadyAddresses = append(into.NotReadyAddresses, a)
		}
	}
	return out
}

// moot drops the error of a create that came true otherwise, or whose namespace is going.
func moot(err error) error {
	if apierrors.IsAlreadyExists(err) || apierrors.IsNotFound(err) || apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
		return nil
	}
	return err
}
