package admission

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	resourcehelper "k8s.io/component-helpers/resource"
)

// limitRangerAnnotation says on the pod what the plugin filled in.
const limitRangerAnnotation = "kubernetes.io/limit-ranger"

// limitRanger fills in requests and limits from the LimitRanges of the namespace, and holds pods and claims to their bounds.
type limitRanger struct{ get Getter }

func (p *limitRanger) mutate(_ context.Context, a *Attributes) error {
	pod, ok := a.Object.(*corev1.Pod)
	if !ok || !a.is("", "pods", "") || a.Operation != Create {
		return nil
	}
	ranges, err := p.ranges(a)
	if err != nil {
		return err
	}
	for _, r := range ranges {
		if said := fill(pod, r); said != "" {
			if pod.Annotations == nil {
				pod.Annotations = map[string]string{}
			}
			pod.Annotations[limitRangerAnnotation] = "LimitRanger plugin set: " + said
			a.note("LimitRanger", NoteLimitRange, "name", r.Name, "what", said)
		}
	}
	return nil
}

func (p *limitRanger) validate(_ context.Context, a *Attributes) error {
	if a.Subresource != "" || (a.Operation != Create && a.Operation != Update) {
		return nil
	}
	var check func(*corev1.LimitRange) []error
	switch o := a.Object.(type) {
	case *corev1.Pod:
		if a.Operation != Create { // resources of a pod do not change in an update
			return nil
		}
		check = func(r *corev1.LimitRange) []error { return podWithin(r, o) }
	case *corev1.PersistentVolumeClaim:
		check = func(r *corev1.LimitRange) []error { return claimWithin(r, o) }
	default:
		return nil
	}
	if a.Old != nil {
		if m, err := meta.Accessor(a.Old); err == nil && m.GetDeletionTimestamp() != nil {
			return nil
		}
	}
	ranges, err := p.ranges(a)
	if err != nil {
		return err
	}
	for _, r := range ranges {
		if err := utilerrors.NewAggregate(check(r)); err != nil {
			return forbidden(a, err)
		}
	}
	return nil
}

func (p *limitRanger) ranges(a *Attributes) ([]*corev1.LimitRange, error) {
	ranges, err := p.get.LimitRanges(a.Namespace)
	if err != nil {
		return nil, forbiddenf(a, "unable to %s %v at this time because there was an error enforcing limit ranges", a.Operation, a.Resource)
	}
	return ranges, nil
}

// fill sets what containers leave open and returns the words for the annotation.
func fill(pod *corev1.Pod, r *corev1.LimitRange) string {
	requests, limits := corev1.ResourceList{}, corev1.ResourceList{}
	for _, l := range r.Spec.Limits {
		if l.Type != corev1.LimitTypeContainer {
			continue
		}
		for k, v := range l.DefaultRequest {
			requests[k] = v.DeepCopy()
		}
		for k, v := range l.Default {
			limits[k] = v.DeepCopy()
		}
	}
	var said []string
	say := func(set []string, what, kind, name string) {
		if len(set) > 0 {
			slices.Sort(set)
			said = append(said, fmt.Sprintf("%s %s for %s %s", strings.Join(set, ", "), what, kind, name))
		}
	}
	each := func(kind string, list []corev1.Container) {
		for i := range list {
			c := &list[i]
			setLimits := fillList(&c.Resources.Limits, limits)
			setRequests := fillList(&c.Resources.Requests, requests)
			say(setRequests, "request", kind, c.Name)
			say(setLimits, "limit", kind, c.Name)
		}
	}
	each("container", pod.Spec.Containers)
	each("init container", pod.Spec.InitContainers)
	return strings.Join(said, "; ")
}

func fillList(list *corev1.ResourceList, from corev1.ResourceList) []string {
	var set []string
	for k, v := range from {
		if _, ok := (*list)[k]; ok {
			continue
		}
		if *list == nil {
			*list = corev1.ResourceList{}
		}
		(*list)[k] = v.DeepCopy()
		set = append(set, string(k))
	}
	return set
}

func claimWithin(r *corev1.LimitRange, claim *corev1.PersistentVolumeClaim) []error {
	var errs []error
	for _, l := range r.Spec.Limits {
		if l.Type != corev1.LimitTypePersistentVolumeClaim {
			continue
		}
		for _, k := range sortedNames(l.Min) {
			errs = add(errs, atLeast(string(l.Type), k, l.Min[k], claim.Spec.Resources.Requests, nil))
		}
		for _, k := range sortedNames(l.Max) {
			v, req := l.Max[k], claim.Spec.Resources.Requests
			q, ok := req[k]
			switch {
			case !ok:
				errs = append(errs, fmt.Errorf("maximum %s usage per %s is %s.  No request is specified", k, l.Type, v.String()))
			case q.Cmp(v) > 0:
				errs = append(errs, fmt.Errorf("maximum %s usage per %s is %s, but request is %s", k, l.Type, v.String(), q.String()))
			}
		}
	}
	return errs
}

func podWithin(r *corev1.LimitRange, pod *corev1.Pod) []error {
	var errs []error
	one := func(l corev1.LimitRangeItem, requests, limits corev1.ResourceList) {
		for _, k := range sortedNames(l.Min) {
			errs = add(errs, atLeast(string(l.Type), k, l.Min[k], requests, limits))
		}
		for _, k := range sortedNames(l.Max) {
			errs = add(errs, atMost(string(l.Type), k, l.Max[k], requests, limits))
		}
		for _, k := range sortedNames(l.MaxLimitRequestRatio) {
			errs = add(errs, ratio(string(l.Type), k, l.MaxLimitRequestRatio[k], requests, limits))
		}
	}
	for _, l := range r.Spec.Limits {
		switch l.Type {
		case corev1.LimitTypeContainer:
			for _, list := range [][]corev1.Container{pod.Spec.Containers, pod.Spec.InitContainers} {
				for _, c := range list {
					one(l, c.Resources.Requests, c.Resources.Limits)
				}
			}
		case corev1.LimitTypePod:
			o := resourcehelper.PodResourcesOptions{ExcludeOverhead: true}
			one(l, resourcehelper.PodRequests(pod, o), resourcehelper.PodLimits(pod, o))
		}
	}
	return errs
}

func atLeast(kind string, name corev1.ResourceName, bound resource.Quantity, requests, limits corev1.ResourceList) error {
	req, hasReq := requests[name]
	lim, hasLim := limits[name]
	switch {
	case !hasReq:
		return fmt.Errorf("minimum %s usage per %s is %s.  No request is specified", name, kind, bound.String())
	case req.Cmp(bound) < 0:
		return fmt.Errorf("minimum %s usage per %s is %s, but request is %s", name, kind, bound.String(), req.String())
	case hasLim && lim.Cmp(bound) < 0:
		return fmt.Errorf("minimum %s usage per %s is %s, but limit is %s", name, kind, bound.String(), lim.String())
	}
	return nil
}

func atMost(kind string, name corev1.ResourceName, bound resource.Quantity, requests, limits corev1.ResourceList) error {
	req, hasReq := requests[name]
	lim, hasLim := limits[name]
	switch {
	case !hasLim:
		return fmt.Errorf("maximum %s usage per %s is %s.  No limit is specified", name, kind, bound.String())
	case lim.Cmp(bound) > 0:
		return fmt.Errorf("maximum %s usage per %s is %s, but limit is %s", name, kind, bound.String(), lim.String())
	case hasReq && req.Cmp(bound) > 0:
		return fmt.Errorf("maximum %s usage per %s is %s, but request is %s", name, kind, bound.String(), req.String())
	}
	return nil
}

func ratio(kind string, name corev1.ResourceName, bound resource.Quantity, requests, limits corev1.ResourceList) error {
	req, hasReq := requests[name]
	lim, hasLim := limits[name]
	switch {
	case !hasReq || req.IsZero():
		return fmt.Errorf("%s max limit to request ratio per %s is %s, but no request is specified or request is 0", name, kind, bound.String())
	case !hasLim || lim.IsZero():
		return fmt.Errorf("%s max limit to request ratio per %s is %s, but no limit is specified or limit is 0", name, kind, bound.String())
	}
	if got := lim.AsApproximateFloat64() / req.AsApproximateFloat64(); got > bound.AsApproximateFloat64() {
		return fmt.Errorf("%s max limit to request ratio per %s is %s, but provided ratio is %f", name, kind, bound.String(), got)
	}
	return nil
}

func add(errs []error, err error) []error {
	if err != nil {
		return append(errs, err)
	}
	return errs
}

func sortedNames(l corev1.ResourceList) []corev1.ResourceName {
	names := make([]corev1.ResourceName, 0, len(l))
	for k := range l {
		names = append(names, k)
	}
	slices.Sort(names)
	return names
}
