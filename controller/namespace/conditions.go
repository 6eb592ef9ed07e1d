package namespace

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// remainder is what is left of a namespace after a round of deleting.
type remainder struct {
	objects    map[schema.GroupVersionResource]int
	finalizers map[string]int
	discovery  error
	failed     []error
}

func (r remainder) empty() bool { return len(r.objects) == 0 }

func (r *remainder) add(gvr schema.GroupVersionResource, items []metav1.PartialObjectMetadata) {
	if len(items) == 0 {
		return
	}
	if r.objects == nil {
		r.objects, r.finalizers = map[schema.GroupVersionResource]int{}, map[string]int{}
	}
	r.objects[gvr] += len(items)
	for _, item := range items {
		for _, f := range item.Finalizers {
			r.finalizers[f]++
		}
	}
}

// conditions brings the five conditions of API-186 into status, and says whether one changed.
func (r remainder) conditions(status *corev1.NamespaceStatus, now metav1.Time) (changed bool) {
	set := func(kind corev1.NamespaceConditionType, bad bool, reasons [2]string, messages [2]string) {
		c := corev1.NamespaceCondition{Type: kind, Status: corev1.ConditionFalse, Reason: reasons[0], Message: messages[0], LastTransitionTime: now}
		if bad {
			c.Status, c.Reason, c.Message = corev1.ConditionTrue, reasons[1], messages[1]
		}
		for i := range status.Conditions {
			have := &status.Conditions[i]
			if have.Type != kind {
				continue
			}
			if have.Status == c.Status {
				c.LastTransitionTime = have.LastTransitionTime
			}
			changed = changed || *have != c
			*have = c
			return
		}
		status.Conditions = append(status.Conditions, c)
		changed = true
	}
	set(corev1.NamespaceDeletionDiscoveryFailure, r.discovery != nil,
		[2]string{"ResourcesDiscovered", "DiscoveryFailed"},
		[2]string{"All resources successfully discovered", "Discovery failed for some groups: " + text(r.discovery)})
	set(corev1.NamespaceDeletionGVParsingFailure, false,
		[2]string{"ParsedGroupVersions", "GroupVersionParsingFailed"},
		[2]string{"All legacy kube types successfully parsed", ""})
	set(corev1.NamespaceDeletionContentFailure, len(r.failed) > 0,
		[2]string{"ContentDeleted", "ContentDeletionFailed"},
		[2]string{"All content successfully deleted, may be waiting on finalization",
			fmt.Sprintf("Failed to delete all resource types, %d remaining: %s", len(r.failed), text(errors.Join(r.failed...)))})
	set(corev1.NamespaceContentRemaining, len(r.objects) > 0,
		[2]string{"ContentRemoved", "SomeResourcesRemain"},
		[2]string{"All content successfully removed", "Some resources are remaining: " + r.remaining()})
	set(corev1.NamespaceFinalizersRemaining, len(r.finalizers) > 0,
		[2]string{"ContentHasNoFinalizers", "SomeFinalizersRemain"},
		[2]string{"All content-preserving finalizers finished", "Some content in the namespace has finalizers remaining: " + r.holding()})
	return changed
}

func (r remainder) remaining() string {
	var parts []string
	for gvr, n := range r.objects {
		parts = append(parts, fmt.Sprintf("%s.%s has %d resource instances", gvr.Resource, gvr.Group, n))
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}

func (r remainder) holding() string {
	var parts []string
	for _, f := range slices.Sorted(maps.Keys(r.finalizers)) {
		parts = append(parts, fmt.Sprintf("%s in %d resource instances", f, r.finalizers[f]))
	}
	return strings.Join(parts, ", ")
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return strings.ReplaceAll(err.Error(), "\n", ", ")
}
