package namespace

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func lines(s corev1.NamespaceStatus) []string {
	var out []string
	for _, c := range s.Conditions {
		out = append(out, fmt.Sprintf("%s=%s %s: %s", c.Type, c.Status, c.Reason, c.Message))
	}
	return out
}

// API-186
func TestConditions(t *testing.T) {
	t.Parallel()
	now := metav1.NewTime(time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC))
	var left remainder
	left.add(schema.GroupVersionResource{Version: "v1", Resource: "pods"}, []metav1.PartialObjectMetadata{{}})
	left.add(schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"},
		[]metav1.PartialObjectMetadata{{ObjectMeta: metav1.ObjectMeta{Finalizers: []string{"a/b"}}}, {ObjectMeta: metav1.ObjectMeta{Finalizers: []string{"a/b", "c/d"}}}})
	var s corev1.NamespaceStatus
	if !left.conditions(&s, now) {
		t.Error("nothing changed")
	}
	want := []string{
		"NamespaceDeletionDiscoveryFailure=False ResourcesDiscovered: All resources successfully discovered",
		"NamespaceDeletionGroupVersionParsingFailure=False ParsedGroupVersions: All legacy kube types successfully parsed",
		"NamespaceDeletionContentFailure=False ContentDeleted: All content successfully deleted, may be waiting on finalization",
		"NamespaceContentRemaining=True SomeResourcesRemain: Some resources are remaining: deployments.apps has 2 resource instances, pods. has 1 resource instances",
		"NamespaceFinalizersRemaining=True SomeFinalizersRemain: Some content in the namespace has finalizers remaining: a/b in 2 resource instances, c/d in 1 resource instances",
	}
	if d := cmp.Diff(want, lines(s)); d != "" {
		t.Error(d)
	}
	if left.conditions(&s, metav1.NewTime(now.Add(time.Hour))) {
		t.Error("the same again is a change")
	}
	done := remainder{failed: []error{errors.New("x")}}
	later := metav1.NewTime(now.Add(time.Hour))
	if !done.conditions(&s, later) {
		t.Error("nothing changed")
	}
	for _, c := range s.Conditions {
		want := now
		switch c.Type {
		case corev1.NamespaceContentRemaining, corev1.NamespaceFinalizersRemaining, corev1.NamespaceDeletionContentFailure:
			want = later
		}
		if !c.LastTransitionTime.Equal(&want) {
			t.Errorf("%s: transition at %v, want %v", c.Type, c.LastTransitionTime, want)
		}
	}
}
