package deployment

import (
	"fmt"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func newDeployment(replicas int32, surge, unavailable string) *appsv1.Deployment {
	s, u := intstr.Parse(surge), intstr.Parse(unavailable)
	return &appsv1.Deployment{Spec: appsv1.DeploymentSpec{Replicas: &replicas, Strategy: appsv1.DeploymentStrategy{
		Type: appsv1.RollingUpdateDeploymentStrategyType, RollingUpdate: &appsv1.RollingUpdateDeployment{MaxSurge: &s, MaxUnavailable: &u}}}}
}

func newSet(name string, size, available int32) *appsv1.ReplicaSet {
	return &appsv1.ReplicaSet{ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: metav1.NewTime(time.Unix(int64(name[0]), 0))},
		Spec: appsv1.ReplicaSetSpec{Replicas: &size}, Status: appsv1.ReplicaSetStatus{Replicas: size, AvailableReplicas: available}}
}

func print(steps []step) string {
	s := ""
	for _, x := range steps {
		s += fmt.Sprintf("%s:%d ", x.set.Name, x.size)
	}
	return s
}

func TestBounds(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		n                   int32
		surge, unavailable  string
		wantSurge, wantLack int32
	}{
		{10, "25%", "25%", 3, 2},
		{3, "25%", "25%", 1, 0},
		{1, "0", "25%", 0, 1}, // both come to nothing
		{2, "0", "0", 0, 1},
		{4, "1", "10", 1, 4},
		{0, "25%", "25%", 0, 0},
	} {
		if s, u := bounds(newDeployment(tc.n, tc.surge, tc.unavailable)); s != tc.wantSurge || u != tc.wantLack {
			t.Errorf("%d with %s, %s: %d, %d; want %d, %d", tc.n, tc.surge, tc.unavailable, s, u, tc.wantSurge, tc.wantLack)
		}
	}
}

func TestRollUp(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		n       int32
		surge   string
		old, is *appsv1.ReplicaSet
		want    string
	}{
		{"first room", 10, "3", newSet("a", 10, 10), newSet("b", 0, 0), "b:3 "},
		{"no room", 10, "3", newSet("a", 10, 10), newSet("b", 3, 0), ""},
		{"some room", 10, "3", newSet("a", 7, 7), newSet("b", 3, 3), "b:6 "},
		{"never more than wanted", 10, "3", newSet("a", 1, 1), newSet("b", 9, 9), "b:10 "},
		{"too large", 4, "1", newSet("a", 0, 0), newSet("b", 6, 6), "b:4 "},
		{"no surge", 4, "0", newSet("a", 4, 4), newSet("b", 0, 0), ""},
	} {
		d := newDeployment(tc.n, tc.surge, "1")
		if got := print(rollUp(d, []*appsv1.ReplicaSet{tc.old, tc.is}, tc.is)); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestRollDown(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name        string
		n           int32
		unavailable string
		old         []*appsv1.ReplicaSet
		is          *appsv1.ReplicaSet
		want        string
	}{
		{"as many as may lack", 10, "2", []*appsv1.ReplicaSet{newSet("a", 10, 10)}, newSet("b", 0, 0), "a:8 "},
		{"none while new ones are awaited", 10, "0", []*appsv1.ReplicaSet{newSet("a", 10, 10)}, newSet("b", 3, 0), ""},
		{"one for each new one that is there", 10, "0", []*appsv1.ReplicaSet{newSet("a", 10, 10)}, newSet("b", 3, 2), "a:8 "},
		{"those that are not well first", 10, "2", []*appsv1.ReplicaSet{newSet("a", 10, 7)}, newSet("b", 0, 0), "a:8 "},
		{"the oldest first", 10, "2", []*appsv1.ReplicaSet{newSet("b", 5, 5), newSet("a", 5, 5)}, newSet("c", 0, 0), "a:3 "},
		{"all in the end", 4, "1", []*appsv1.ReplicaSet{newSet("a", 1, 1)}, newSet("b", 4, 4), "a:0 "},
		{"nothing left", 4, "1", []*appsv1.ReplicaSet{newSet("a", 0, 0)}, newSet("b", 4, 4), ""},
	} {
		d := newDeployment(tc.n, "3", tc.unavailable)
		if got := print(rollDown(d, append([]*appsv1.ReplicaSet{tc.is}, tc.old...), tc.old, tc.is)); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// A rollout simulated step by step never has too many pods and never too few, and ends.
func TestARolloutStaysWithinItsBounds(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		n                  int32
		surge, unavailable string
	}{{10, "25%", "25%"}, {3, "1", "0"}, {3, "0", "1"}, {1, "25%", "25%"}, {7, "100%", "0"}, {5, "0", "100%"}} {
		d := newDeployment(tc.n, tc.surge, tc.unavailable)
		surge, unavailable := bounds(d)
		old, is := newSet("a", tc.n, tc.n), newSet("b", 0, 0)
		all := []*appsv1.ReplicaSet{old, is}
		for i := 0; size(is) != tc.n || available(is) != tc.n || size(old) != 0; i++ {
			if i > 100 {
				t.Fatalf("%+v: does not end: old %d, new %d", tc, size(old), size(is))
			}
			steps := rollUp(d, all, is)
			if len(steps) == 0 {
				steps = rollDown(d, all, []*appsv1.ReplicaSet{old}, is)
			}
			for _, s := range steps {
				*s.set.Spec.Replicas = s.size
				s.set.Status.AvailableReplicas = min(s.set.Status.AvailableReplicas, s.size)
			}
			if n := total(all, size); n > tc.n+surge {
				t.Fatalf("%+v: %d pods", tc, n)
			}
			if n := total(all, available); n < tc.n-unavailable {
				t.Fatalf("%+v: only %d available", tc, n)
			}
			if available(is) < size(is) { // one more comes up
				is.Status.AvailableReplicas++
			}
		}
	}
}

func TestProportions(t *testing.T) {
	t.Parallel()
	annotated := func(rs *appsv1.ReplicaSet, max string) *appsv1.ReplicaSet {
		rs.Annotations = map[string]string{maxAnnotation: max}
		return rs
	}
	for _, tc := range []struct {
		name string
		n    int32
		sets []*appsv1.ReplicaSet
		want string
	}{
		{"grown", 20, []*appsv1.ReplicaSet{annotated(newSet("a", 5, 5), "10"), annotated(newSet("b", 5, 5), "10")}, "b:10 a:10 "},
		{"grown, with a rest", 13, []*appsv1.ReplicaSet{annotated(newSet("a", 6, 6), "10"), annotated(newSet("b", 4, 4), "10")}, "a:8 b:5 "},
		{"shrunk", 5, []*appsv1.ReplicaSet{annotated(newSet("a", 8, 8), "10"), annotated(newSet("b", 2, 2), "10")}, "a:4 b:1 "},
		{"to nothing", 0, []*appsv1.ReplicaSet{annotated(newSet("a", 8, 8), "10"), annotated(newSet("b", 2, 2), "10")}, "a:0 b:0 "},
	} {
		if got := print(proportions(newDeployment(tc.n, "0", "1"), tc.sets)); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestRemembered(t *testing.T) {
	t.Parallel()
	if got := remembered("1,3", 5); got != "1,3,5" {
		t.Errorf("got %q", got)
	}
	list := ""
	for n := range int64(2000) {
		list = remembered(list, n)
	}
	if len(list) > historyLength || list[len(list)-9:] != "1998,1999" {
		t.Errorf("%d characters, ending in %q", len(list), list[len(list)-9:])
	}
}
