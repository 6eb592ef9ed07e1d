package quota_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubemint/kubemint/internal/quota"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func list(kv ...string) corev1.ResourceList {
	l := corev1.ResourceList{}
	for i := 0; i+1 < len(kv); i += 2 {
		l[corev1.ResourceName(kv[i])] = resource.MustParse(kv[i+1])
	}
	return l
}

// written turns amounts into their text, so that a difference can be read.
func written(l corev1.ResourceList) map[string]string {
	out := map[string]string{}
	for k, v := range l {
		out[string(k)] = v.String()
	}
	return out
}

func pod(change func(*corev1.Pod)) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "p"}, Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Resources: corev1.ResourceRequirements{
		Requests: list("cpu", "100m", "memory", "1Gi", "example.com/gpu", "2"), Limits: list("cpu", "200m", "example.com/gpu", "2")}}}}}
	if change != nil {
		change(p)
	}
	return p
}

func TestUsage(t *testing.T) {
	t.Parallel()
	no := false
	gold, ago := "gold", metav1.NewTime(noon.Add(-time.Minute))
	grace := int64(30)
	configMaps := schema.GroupResource{Resource: "configmaps"}
	deployments := schema.GroupResource{Group: "apps", Resource: "deployments"}
	for _, tc := range []struct {
		name string
		gr   schema.GroupResource
		obj  runtime.Object
		want map[string]string
	}{
		{"a pod by its requests and limits", quota.Pods, pod(nil), map[string]string{"count/pods": "1", "pods": "1", "cpu": "100m", "requests.cpu": "100m",
			"memory": "1Gi", "requests.memory": "1Gi", "limits.cpu": "200m", "requests.example.com/gpu": "2"}},
		{"the largest init container, where it asks for more", quota.Pods, pod(func(p *corev1.Pod) {
			p.Spec.Containers[0].Resources = corev1.ResourceRequirements{Requests: list("cpu", "100m")}
			p.Spec.InitContainers = []corev1.Container{{Resources: corev1.ResourceRequirements{Requests: list("cpu", "1")}}}
		}), map[string]string{"count/pods": "1", "pods": "1", "cpu": "1", "requests.cpu": "1"}},
		{"one that has ended takes a place and nothing else", quota.Pods, pod(func(p *corev1.Pod) { p.Status.Phase = corev1.PodSucceeded }), map[string]string{"count/pods": "1"}},
		{"one that should be gone by now likewise", quota.Pods, pod(func(p *corev1.Pod) {
			p.DeletionTimestamp, p.DeletionGracePeriodSeconds = &ago, &grace
		}), map[string]string{"count/pods": "1"}},
		{"ports of a node", quota.Services, &corev1.Service{Spec: corev1.ServiceSpec{Type: corev1.ServiceTypeNodePort, Ports: make([]corev1.ServicePort, 2)}},
			map[string]string{"count/services": "1", "services": "1", "services.loadbalancers": "0", "services.nodeports": "2"}},
		{"a balancer has ports of nodes too", quota.Services, &corev1.Service{Spec: corev1.ServiceSpec{Type: corev1.ServiceTypeLoadBalancer, Ports: make([]corev1.ServicePort, 2)}},
			map[string]string{"count/services": "1", "services": "1", "services.loadbalancers": "1", "services.nodeports": "2"}},
		{"unless it wants none but those it names", quota.Services, &corev1.Service{Spec: corev1.ServiceSpec{Type: corev1.ServiceTypeLoadBalancer, AllocateLoadBalancerNodePorts: &no,
			Ports: []corev1.ServicePort{{NodePort: 30000}, {}}}}, map[string]string{"count/services": "1", "services": "1", "services.loadbalancers": "1", "services.nodeports": "1"}},
		{"a claim, for all and for its class", quota.Claims, &corev1.PersistentVolumeClaim{Spec: corev1.PersistentVolumeClaimSpec{StorageClassName: &gold,
			Resources: corev1.VolumeResourceRequirements{Requests: list("storage", "1Gi")}}}, map[string]string{"count/persistentvolumeclaims": "1",
			"persistentvolumeclaims": "1", "requests.storage": "1Gi", "gold.storageclass.storage.k8s.io/persistentvolumeclaims": "1", "gold.storageclass.storage.k8s.io/requests.storage": "1Gi"}},
		{"any other kind by number", deployments, &corev1.ConfigMap{}, map[string]string{"count/deployments.apps": "1"}},
		{"some by two names", configMaps, &corev1.ConfigMap{}, map[string]string{"count/configmaps": "1", "configmaps": "1"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, written(quota.Usage(tc.gr, tc.obj, noon))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestKindOf(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"pods": "pods", "cpu": "pods", "limits.memory": "pods", "requests.ephemeral-storage": "pods", "hugepages-2Mi": "pods", "requests.nvidia.com/gpu": "pods",
		"services.nodeports": "services", "requests.storage": "persistentvolumeclaims", "gold.storageclass.storage.k8s.io/requests.storage": "persistentvolumeclaims",
		"secrets": "secrets", "resourcequotas": "resourcequotas", "count/jobs.batch": "jobs.batch", "count/secrets": "secrets",
		"count/events": "", "limits.nvidia.com/gpu": "", "dogs": "", "gold.storageclass.storage.k8s.io/limits": "",
	} {
		got, ok := quota.KindOf(corev1.ResourceName(name))
		if !ok {
			got = schema.GroupResource{}
		}
		if got.String() != want {
			t.Errorf("%s is about %q, want %q", name, got, want)
		}
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	deadline := int64(5)
	plain, best := pod(nil), pod(func(p *corev1.Pod) { p.Spec.Containers[0].Resources = corev1.ResourceRequirements{} })
	ending := pod(func(p *corev1.Pod) { p.Spec.ActiveDeadlineSeconds = &deadline })
	high := pod(func(p *corev1.Pod) { p.Spec.PriorityClassName = "high" })
	scoped := func(s ...corev1.ResourceQuotaScope) corev1.ResourceQuotaSpec {
		return corev1.ResourceQuotaSpec{Scopes: s}
	}
	selected := func(s corev1.ResourceQuotaScope, op corev1.ScopeSelectorOperator, values ...string) corev1.ResourceQuotaSpec {
		return corev1.ResourceQuotaSpec{ScopeSelector: &corev1.ScopeSelector{MatchExpressions: []corev1.ScopedResourceSelectorRequirement{{ScopeName: s, Operator: op, Values: values}}}}
	}
	for _, tc := range []struct {
		name string
		spec corev1.ResourceQuotaSpec
		in   []*corev1.Pod
		out  []*corev1.Pod
	}{
		{"none", corev1.ResourceQuotaSpec{}, []*corev1.Pod{plain, best, ending, high}, nil},
		{"BestEffort", scoped(corev1.ResourceQuotaScopeBestEffort), []*corev1.Pod{best}, []*corev1.Pod{plain}},
		{"NotBestEffort", scoped(corev1.ResourceQuotaScopeNotBestEffort), []*corev1.Pod{plain}, []*corev1.Pod{best}},
		{"Terminating", scoped(corev1.ResourceQuotaScopeTerminating), []*corev1.Pod{ending}, []*corev1.Pod{plain}},
		{"both", scoped(corev1.ResourceQuotaScopeNotTerminating, corev1.ResourceQuotaScopeNotBestEffort), []*corev1.Pod{plain}, []*corev1.Pod{ending, best}},
		{"class in", selected(corev1.ResourceQuotaScopePriorityClass, corev1.ScopeSelectorOpIn, "high"), []*corev1.Pod{high}, []*corev1.Pod{plain}},
		{"class not in", selected(corev1.ResourceQuotaScopePriorityClass, corev1.ScopeSelectorOpNotIn, "high"), []*corev1.Pod{plain}, []*corev1.Pod{high}},
		{"any class", selected(corev1.ResourceQuotaScopePriorityClass, corev1.ScopeSelectorOpExists), []*corev1.Pod{high}, []*corev1.Pod{plain}},
		{"no class", selected(corev1.ResourceQuotaScopePriorityClass, corev1.ScopeSelectorOpDoesNotExist), []*corev1.Pod{plain}, []*corev1.Pod{high}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			q := &corev1.ResourceQuota{Spec: tc.spec}
			for want, pods := range map[bool][]*corev1.Pod{true: tc.in, false: tc.out} {
				for i, p := range pods {
					if got, err := quota.InScope(q, quota.Pods, p); got != want || err != nil {
						t.Errorf("pod %d: got %v, %v, want %v", i, got, err, want)
					}
				}
			}
			if got, _ := quota.InScope(q, quota.Services, &corev1.Service{}); got != (tc.name == "none") {
				t.Errorf("a service is in scope: %v", got)
			}
		})
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	p := pod(func(p *corev1.Pod) {
		p.Spec.Containers = append(p.Spec.Containers, corev1.Container{Name: "a"})
		p.Spec.InitContainers = []corev1.Container{{Name: "i", Resources: corev1.ResourceRequirements{Limits: list("memory", "1Gi")}}}
	})
	want := "must specify limits.memory for: a,c; requests.cpu for: a,i"
	if err := quota.Missing(p, list("requests.cpu", "1", "limits.memory", "1Gi", "pods", "3", "requests.ephemeral-storage", "1Gi")); err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if err := quota.Missing(p, list("pods", "1", "requests.storage", "1")); err != nil {
		t.Error(err)
	}
	p.Spec.Resources = &corev1.ResourceRequirements{Requests: list("cpu", "1")}
	if err := quota.Missing(p, list("requests.cpu", "1")); err != nil {
		t.Errorf("a pod with resources of its own: %v", err)
	}
}

// shelf is a Source.
type shelf struct {
	objects map[schema.GroupResource][]runtime.Object
	counts  map[string]int64
}

func (s shelf) Objects(_ context.Context, gr schema.GroupResource, _ string) ([]runtime.Object, error) {
	return s.objects[gr], nil
}
func (s shelf) Count(_ context.Context, gr schema.GroupResource, _ string) (int64, bool, error) {
	n, ok := s.counts[gr.String()]
	return n, ok, nil
}

func TestUsed(t *testing.T) {
	t.Parallel()
	from := shelf{
		objects: map[schema.GroupResource][]runtime.Object{quota.Pods: {pod(nil), pod(nil), pod(func(p *corev1.Pod) { p.Status.Phase = corev1.PodFailed })}},
		counts:  map[string]int64{"secrets": 4},
	}
	hard := list("pods", "5", "count/pods", "5", "requests.cpu", "1", "services", "2", "secrets", "9", "count/secrets", "9", "count/cats.example.com", "1", "dogs", "1")
	got, err := quota.Used(t.Context(), &corev1.ResourceQuota{}, hard, from, noon)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"pods": "2", "count/pods": "3", "requests.cpu": "200m", "services": "0", "secrets": "4", "count/secrets": "4"}
	if diff := cmp.Diff(want, written(got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
