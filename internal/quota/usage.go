package quota

import (
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	resourcehelper "k8s.io/component-helpers/resource"
)

// Usage is what one object uses, under all names that a quota could give it. now is the cluster's time, which ends a pod that should be
// gone by now.
func Usage(gr schema.GroupResource, obj runtime.Object, now time.Time) corev1.ResourceList {
	used := corev1.ResourceList{counter(gr): one()}
	if name, ok := alias(gr); ok {
		used[name] = one()
	}
	switch o := obj.(type) {
	case *corev1.Pod:
		podUsage(used, o, now)
	case *corev1.Service:
		serviceUsage(used, o)
	case *corev1.PersistentVolumeClaim:
		claimUsage(used, o)
	}
	return used
}

// podUsage: what has ended, or should have, uses nothing but its place in the count of objects.
func podUsage(used corev1.ResourceList, p *corev1.Pod, now time.Time) {
	if !Lives(p, now) {
		return
	}
	used[corev1.ResourcePods] = one()
	o := resourcehelper.PodResourcesOptions{UseStatusResources: true}
	compute(used, resourcehelper.PodRequests(p, o), resourcehelper.PodLimits(p, o))
}

// compute names requests and limits as quotas do: a request counts under its bare name as well.
func compute(used, requests, limits corev1.ResourceList) {
	for k, v := range requests {
		switch {
		case k == corev1.ResourceCPU, k == corev1.ResourceMemory, k == corev1.ResourceEphemeralStorage,
			strings.HasPrefix(string(k), corev1.ResourceHugePagesPrefix):
			used[k] = v
			used[requestsPrefix+k] = v
		case isExtended(string(k)):
			used[requestsPrefix+k] = v
		}
	}
	for k, v := range limits {
		if k == corev1.ResourceCPU || k == corev1.ResourceMemory || k == corev1.ResourceEphemeralStorage {
			used["limits."+k] = v
		}
	}
}

// Lives says whether a pod counts: it has not ended and is not overdue to be gone.
func Lives(p *corev1.Pod, now time.Time) bool {
	if p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed {
		return false
	}
	if p.DeletionTimestamp == nil || p.DeletionGracePeriodSeconds == nil {
		return true
	}
	return !now.After(p.DeletionTimestamp.Add(time.Duration(*p.DeletionGracePeriodSeconds) * time.Second))
}

func serviceUsage(used corev1.ResourceList, s *corev1.Service) {
	used[corev1.ResourceServices] = one()
	balancers, ports := int64(0), int64(0)
	switch s.Spec.Type {
	case corev1.ServiceTypeNodePort:
		ports = int64(len(s.Spec.Ports))
	case corev1.ServiceTypeLoadBalancer:
		balancers, ports = 1, int64(len(s.Spec.Ports))
		if a := s.Spec.AllocateLoadBalancerNodePorts; a != nil && !*a { // only those that are asked for by number
			ports = 0
			for _, p := range s.Spec.Ports {
				if p.NodePort != 0 {
					ports++
				}
			}
		}
	}
	used[corev1.ResourceServicesLoadBalancers] = *resource.NewQuantity(balancers, resource.DecimalSI)
	used[corev1.ResourceServicesNodePorts] = *resource.NewQuantity(ports, resource.DecimalSI)
}

func claimUsage(used corev1.ResourceList, c *corev1.PersistentVolumeClaim) {
	names := []corev1.ResourceName{""}
	if class := ClassOf(c); class != "" {
		names = append(names, corev1.ResourceName(class+classSuffix))
	}
	storage, asked := c.Spec.Resources.Requests[corev1.ResourceStorage]
	if got, ok := c.Status.AllocatedResources[corev1.ResourceStorage]; ok && asked && got.Cmp(storage) > 0 {
		storage = got
	}
	storage = storage.DeepCopy()
	storage.RoundUp(0) // whole bytes
	for _, prefix := range names {
		used[prefix+corev1.ResourcePersistentVolumeClaims] = one()
		if asked {
			used[prefix+corev1.ResourceRequestsStorage] = storage
		}
	}
}

// ClassOf is the storage class of a claim; the annotation that was there before the field wins.
func ClassOf(c *corev1.PersistentVolumeClaim) string {
	if class, ok := c.Annotations[corev1.BetaStorageClassAnnotation]; ok {
		return class
	}
	if c.Spec.StorageClassName != nil {
		return *c.Spec.StorageClassName
	}
	return ""
}

// Source is where the objects of a namespace are read.
type Source interface {
	// Objects lists the pods, services or claims of a namespace, shared: nobody changes them.
	Objects(ctx context.Context, gr schema.GroupResource, namespace string) ([]runtime.Object, error)
	// Count says how many objects of any other kind there are. false: the kind is not served.
	Count(ctx context.Context, gr schema.GroupResource, namespace string) (int64, bool, error)
}

// Used counts what a quota limits: for each name of hard that anything can use, how much is used now.
func Used(ctx context.Context, q *corev1.ResourceQuota, hard corev1.ResourceList, from Source, now time.Time) (corev1.ResourceList, error) {
	used := corev1.ResourceList{}
	for _, gr := range Kinds(hard) {
		names := Of(gr, hard)
		sum := corev1.ResourceList{}
		for k := range names {
			sum[k] = resource.Quantity{Format: resource.DecimalSI}
		}
		switch gr {
		case Pods, Services, Claims:
			objs, err := from.Objects(ctx, gr, q.Namespace)
			if err != nil {
				return nil, fmt.Errorf("count %s: %w", gr, err)
			}
			for _, obj := range objs {
				in, err := InScope(q, gr, obj)
				if err != nil {
					return nil, err
				}
				if in {
					sum = Add(sum, Mask(Usage(gr, obj, now), names))
				}
			}
		default:
			n, served, err := from.Count(ctx, gr, q.Namespace)
			if err != nil {
				return nil, fmt.Errorf("count %s: %w", gr, err)
			}
			if !served {
				continue
			}
			if len(scopes(q)) > 0 {
				n = 0 // nothing but pods and claims has a scope
			}
			for k := range sum {
				sum[k] = *resource.NewQuantity(n, resource.DecimalSI)
			}
		}
		for k, v := range sum {
			used[k] = v
		}
	}
	return used, nil
}
