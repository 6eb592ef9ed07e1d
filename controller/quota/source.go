package quota

import (
	"context"
	"fmt"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubemint/kubemint/controller/work"
	"github.com/kubemint/kubemint/internal/quota"
)

// source reads what quotas count: pods, services and claims from the informers, the number of anything else from the server.
type source struct {
	work.Env

	mu    sync.Mutex
	known map[schema.GroupResource]schema.GroupVersionResource // an empty one: not served, which it will not be later
}

// Objects implements quota.Source.
func (s *source) Objects(_ context.Context, gr schema.GroupResource, namespace string) ([]runtime.Object, error) {
	core := s.Factory.Core().V1()
	switch gr {
	case quota.Pods:
		l, err := core.Pods().Lister().Pods(namespace).List(labels.Everything())
		return objects(l), err
	case quota.Services:
		l, err := core.Services().Lister().Services(namespace).List(labels.Everything())
		return objects(l), err
	case quota.Claims:
		l, err := core.PersistentVolumeClaims().Lister().PersistentVolumeClaims(namespace).List(labels.Everything())
		return objects(l), err
	}
	return nil, fmt.Errorf("%s are counted, not read", gr)
}

func objects[T runtime.Object](list []T) []runtime.Object {
	all := make([]runtime.Object, len(list))
	for i, o := range list {
		all[i] = o
	}
	return all
}

// Count implements quota.Source. It asks for one object and for how many there are besides.
func (s *source) Count(ctx context.Context, gr schema.GroupResource, namespace string) (int64, bool, error) {
	gvr, served, err := s.resource(gr)
	if err != nil || !served {
		return 0, false, err
	}
	l, err := s.Metadata.Resource(gvr).Namespace(namespace).List(ctx, metav1.ListOptions{Limit: 1})
	if err != nil {
		return 0, false, err
	}
	n := int64(len(l.Items))
	if l.RemainingItemCount != nil {
		n += *l.RemainingItemCount
	}
	return n, true, nil
}

// resource finds the version under which a kind is served, if it is, in namespaces, and can be watched.
func (s *source) resource(gr schema.GroupResource) (schema.GroupVersionResource, bool, error) {
	switch gr.Resource {
	case "configmaps", "secrets", "replicationcontrollers", "resourcequotas":
		if gr.Group == "" {
			return corev1.SchemeGroupVersion.WithResource(gr.Resource), true, nil
		}
	}
	s.mu.Lock()
	gvr, ok := s.known[gr]
	s.mu.Unlock()
	if ok {
		return gvr, !gvr.Empty(), nil
	}
	all, err := work.Discover(s.Client.Discovery())
	if err != nil {
		return gvr, false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = map[schema.GroupResource]schema.GroupVersionResource{}
	}
	for _, r := range all {
		if r.Namespaced && r.Can("create", "list", "watch", "delete") {
			s.known[r.GroupResource()] = r.GroupVersionResource
		}
	}
	gvr, ok = s.known[gr]
	s.known[gr] = gvr
	return gvr, ok, nil
}
