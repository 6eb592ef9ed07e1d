package apiserver

import (
	"context"
	"errors"
	"fmt"
	"sync"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubemint/kubemint/apiserver/registry"
	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/internal/era"
	"github.com/kubemint/kubemint/rbac"
	"github.com/kubemint/kubemint/rbac/bootstrap"
)

// itself is who the server acts as when nobody asked it to (AUTHZ-18).
var itself = &request.User{Name: request.APIServer, Groups: []string{request.Masters, request.Authenticated}}

// Load reads what is stored. Call it once, before Run.
func (s *Server) Load(ctx context.Context) error { return s.registry.Fill(ctx) }

// Prepare makes what must exist before anybody comes: the system's namespaces, roles and bindings, priority classes and the service
// of the API itself (BOOT-1 to BOOT-7, SA-15). Run must be running.
func (s *Server) Prepare(ctx context.Context, caPEM []byte) error {
	ctx = request.WithUser(ctx, itself)
	var first []runtime.Object
	for _, name := range []string{metav1.NamespaceDefault, metav1.NamespaceSystem, metav1.NamespacePublic, corev1.NamespaceNodeLease} {
		first = append(first, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})
	}
	if err := s.ensure(ctx, first); err != nil {
		return err
	}
	defaults, err := defaultPolicy(s.Era)
	if err != nil {
		return err
	}
	objs := append(defaults.Objects(), s.furniture(caPEM)...)
	if err := s.ensure(ctx, objs); err != nil {
		return err
	}
	s.prepared.Store(true)
	return nil
}

// defaultPolicy holds the default roles and bindings of an era. Aggregated roles have their rules already, so that whoever is bound to
// view, edit or admin need not wait for the controller.
func defaultPolicy(e era.Era) (bootstrap.Policy, error) {
	p := bootstrap.Defaults()
	if !e.RolesHoldTokenRequest() {
		p.DropTokenRequests()
	}
	for changed := true; changed; { // admin takes in what edit took in
		changed = false
		for _, r := range p.ClusterRoles {
			rules, differs, err := rbac.Aggregate(r, p.ClusterRoles)
			if err != nil {
				return p, fmt.Errorf("default roles: %w", err)
			}
			r.Rules, changed = rules, changed || differs
		}
	}
	return p, nil
}

// ensure makes or brings up to date all of them at once: the store shares one write to disk among many writers.
func (s *Server) ensure(ctx context.Context, objs []runtime.Object) error {
	var wg sync.WaitGroup
	errs := make([]error, len(objs))
	for i, obj := range objs {
		wg.Go(func() { errs[i] = s.ensureOne(ctx, obj) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// ensureRetries bounds the races with other writers at start (BOOT-7).
const ensureRetries = 5

func (s *Server) ensureOne(ctx context.Context, obj runtime.Object) error {
	store, err := s.storeOf(obj)
	if err != nil {
		return err
	}
	m := obj.(metav1.ObjectMetaAccessor).GetObjectMeta()
	for range ensureRetries {
		present, err := store.Typed(m.GetNamespace(), m.GetName())
		if apierrors.IsNotFound(err) {
			fresh := obj.DeepCopyObject()
			if d := store.Strategy().Default; d != nil {
				d(fresh)
			}
			_, err = store.Create(ctx, fresh, registry.CreateOptions{})
			if apierrors.IsAlreadyExists(err) {
				continue
			}
			return describeError(err, store, m)
		}
		if err != nil {
			return describeError(err, store, m)
		}
		err = s.reconcile(ctx, store, present, obj)
		if apierrors.IsConflict(err) || apierrors.IsNotFound(err) {
			continue
		}
		return describeError(err, store, m)
	}
	return fmt.Errorf("%s %q: others kept changing it", store.Resource().Name, m.GetName())
}

func describeError(err error, store *registry.Store, m metav1.Object) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("prepare %s %q: %w", store.Resource().Name, m.GetName(), err)
}

// reconcile brings a default role or binding up to date (BOOT-3 to BOOT-6); other objects are left as they are.
func (s *Server) reconcile(ctx context.Context, store *registry.Store, present, wanted runtime.Object) error {
	m := present.(metav1.ObjectMetaAccessor).GetObjectMeta()
	if r, ok := wanted.(*rbacv1.ClusterRole); ok && r.AggregationRule != nil { // what is aggregated is the controller's to say (BOOT-6)
		r = r.DeepCopy()
		r.Rules = nil
		wanted = r
	}
	updated, change := bootstrap.Reconcile(present, wanted)
	switch change {
	case bootstrap.Recreate:
		uid := m.GetUID()
		if _, _, err := store.Delete(ctx, m.GetNamespace(), m.GetName(), registry.DeleteOptions{Options: metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &uid}}}); err != nil {
			return err
		}
		_, err := store.Create(ctx, updated, registry.CreateOptions{})
		return err
	case bootstrap.Update:
		_, _, err := store.Update(ctx, m.GetNamespace(), m.GetName(), registry.UpdateOptions{
			Transform: func(context.Context, runtime.Object) (runtime.Object, error) { return updated, nil }})
		return err
	}
	return nil
}

func (s *Server) storeOf(obj runtime.Object) (*registry.Store, error) {
	for _, r := range s.registry.Resources() {
		if r.Stored && r.StoredAs == nil && fmt.Sprintf("%T", r.New()) == fmt.Sprintf("%T", obj) {
			return s.registry.Store(r.GroupResource()), nil
		}
	}
	return nil, fmt.Errorf("no kind for %T", obj)
}

// ServiceIP is the first address of the service range: the API server as pods know it.
const ServiceIP = "10.96.0.1"

// furniture is what a cluster holds besides roles: what its tools and lessons expect to find.
func (s *Server) furniture(caPEM []byte) []runtime.Object {
	never := corev1.PreemptLowerPriority
	class := func(name string, value int32, text string) *schedulingv1.PriorityClass {
		return &schedulingv1.PriorityClass{ObjectMeta: metav1.ObjectMeta{Name: name}, Value: value, Description: text, PreemptionPolicy: &never}
	}
	https, proto, ready := "https", corev1.ProtocolTCP, true
	port := int32(6443)
	meta := metav1.ObjectMeta{Name: "kubernetes", Namespace: metav1.NamespaceDefault}
	labelled := meta
	labelled.Labels = map[string]string{"component": "apiserver", "provider": "kubernetes"}
	slice := meta
	slice.Labels = map[string]string{discoveryv1.LabelServiceName: "kubernetes"}
	endpoints := meta
	endpoints.Labels = map[string]string{discoveryv1.LabelSkipMirror: "true"}
	out := []runtime.Object{
		class("system-cluster-critical", 2000000000, "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary."),
		class("system-node-critical", 2000001000, "Used for system critical pods that must not be moved from their current node."),
		&corev1.Service{ObjectMeta: labelled, Spec: corev1.ServiceSpec{Type: corev1.ServiceTypeClusterIP, ClusterIP: ServiceIP, ClusterIPs: []string{ServiceIP},
			Ports: []corev1.ServicePort{{Name: https, Protocol: proto, Port: 443, TargetPort: intstr.FromInt32(port)}}}},
		&corev1.Endpoints{ObjectMeta: endpoints, Subsets: []corev1.EndpointSubset{{Addresses: []corev1.EndpointAddress{{IP: advertised}}, Ports: []corev1.EndpointPort{{Name: https, Port: port, Protocol: proto}}}}},
		&discoveryv1.EndpointSlice{ObjectMeta: slice, AddressType: discoveryv1.AddressTypeIPv4, Endpoints: []discoveryv1.Endpoint{{Addresses: []string{advertised}, Conditions: discoveryv1.EndpointConditions{Ready: &ready}}},
			Ports: []discoveryv1.EndpointPort{{Name: &https, Port: &port, Protocol: &proto}}},
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "extension-apiserver-authentication", Namespace: metav1.NamespaceSystem}, Data: map[string]string{"client-ca-file": string(caPEM)}},
	}
	if s.Era.TracksLegacyUse() {
		out = append(out, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "kube-apiserver-legacy-service-account-token-tracking", Namespace: metav1.NamespaceSystem},
			Data: map[string]string{"since": s.clock.Now().UTC().Format("2006-01-02")}})
	}
	return out
}

// advertised is the API server's address on the cluster's own network, which is as simulated as the pods on it: Endpoints may not name
// the loopback.
const advertised = "10.244.255.1"
