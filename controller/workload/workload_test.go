package workload

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

var morning = time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC)

func TestSlowly(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	calls := 0
	count := func(fail int) func(int) error {
		calls = 0
		return func(i int) error {
			mu.Lock()
			defer mu.Unlock()
			calls++
			if i == fail {
				return errors.New("no")
			}
			return nil
		}
	}
	if done, err := Slowly(10, count(-1)); done != 10 || err != nil || calls != 10 {
		t.Errorf("%d done in %d calls, %v", done, calls, err)
	}
	if done, err := Slowly(1000, count(0)); done != 0 || err == nil || calls != 1 {
		t.Errorf("%d done in %d calls, %v: the first failure must be the last call", done, calls, err)
	}
	if done, err := Slowly(1000, count(4)); done != 6 || err == nil || calls != 7 {
		t.Errorf("%d done in %d calls, %v", done, calls, err)
	}
	if done, err := Slowly(0, count(-1)); done != 0 || err != nil {
		t.Errorf("%d done, %v", done, err)
	}
}

func TestAvailable(t *testing.T) {
	t.Parallel()
	p := &corev1.Pod{}
	if ok, at := Available(p, 0, morning); ok || !at.IsZero() {
		t.Error("a pod without conditions is available")
	}
	p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(morning.Add(-10 * time.Second))}}
	if ok, _ := Available(p, 0, morning); !ok {
		t.Error("a ready pod is not available")
	}
	if ok, _ := Available(p, 10*time.Second, morning); !ok {
		t.Error("ready for ten seconds is not ten seconds")
	}
	if ok, at := Available(p, 30*time.Second, morning); ok || !at.Equal(morning.Add(20*time.Second)) {
		t.Errorf("%v, %v", ok, at)
	}
}

func TestPrefixLeavesRoomForASuffix(t *testing.T) {
	t.Parallel()
	if got := Prefix("web"); got != "web-" {
		t.Errorf("got %q", got)
	}
	if got := Prefix(strings.Repeat("a", 100)); len(got) > 58 {
		t.Errorf("%d characters", len(got))
	}
}

func TestHashDependsOnTemplateAndCollisions(t *testing.T) {
	t.Parallel()
	one, two := int32(1), int32(2)
	a := &corev1.PodTemplateSpec{Spec: corev1.PodSpec{NodeName: "a"}}
	b := &corev1.PodTemplateSpec{Spec: corev1.PodSpec{NodeName: "b"}}
	seen := map[string]bool{}
	for _, h := range []string{Hash(a, nil), Hash(b, nil), Hash(a, &one), Hash(a, &two)} {
		if seen[h] || strings.Trim(h, "bcdfghjklmnpqrstvwxz2456789") != "" {
			t.Errorf("hash %q", h)
		}
		seen[h] = true
	}
	if Hash(a.DeepCopy(), &one) != Hash(a, &one) {
		t.Error("the hash of a copy differs")
	}
}

// The names that a kube-controller-manager 1.36.2 gave to what belongs to this template.
func TestHashesAreThoseOfARealCluster(t *testing.T) {
	t.Parallel()
	grace := int64(30)
	template := &corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"a": "b"}}, Spec: corev1.PodSpec{
		Containers: []corev1.Container{{Name: "c", Image: "i:1", Env: []corev1.EnvVar{{Name: "E", Value: "1"}},
			Ports:                  []corev1.ContainerPort{{Name: "http", ContainerPort: 80, Protocol: corev1.ProtocolTCP}},
			TerminationMessagePath: "/dev/termination-log", TerminationMessagePolicy: corev1.TerminationMessageReadFile, ImagePullPolicy: corev1.PullIfNotPresent}},
		RestartPolicy: corev1.RestartPolicyAlways, TerminationGracePeriodSeconds: &grace, DNSPolicy: corev1.DNSClusterFirst,
		SecurityContext: &corev1.PodSecurityContext{}, SchedulerName: "none",
	}}
	if h := Hash(template, nil); h != "5987955d8c" {
		t.Errorf("of a ReplicaSet: %s", h)
	}
	data, err := snapshot(template)
	if err != nil {
		t.Fatal(err)
	}
	if h := hashOf(data, nil); h != "8c546c59b" {
		t.Errorf("of a revision: %s", h)
	}
}

func TestRevisionsRoundTrip(t *testing.T) {
	t.Parallel()
	in := &corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"a": "b"}}, Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "i"}}}}
	data, err := snapshot(in)
	if err != nil {
		t.Fatal(err)
	}
	again, err := snapshot(in.DeepCopy())
	if err != nil || string(again) != string(data) {
		t.Errorf("two snapshots differ: %s, %s, %v", data, again, err)
	}
}
