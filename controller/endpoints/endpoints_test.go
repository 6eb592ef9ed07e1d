package endpoints

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func pod(name, ip string, port int32) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name}, Status: corev1.PodStatus{PodIP: ip},
		Spec: corev1.PodSpec{NodeName: "n1", Containers: []corev1.Container{{Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: port, Protocol: corev1.ProtocolTCP}}}}}}
}

func service(target intstr.IntOrString) *corev1.Service {
	return &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web"}, Spec: corev1.ServiceSpec{
		Selector: map[string]string{"app": "web"}, Ports: []corev1.ServicePort{{Port: 80, Protocol: corev1.ProtocolTCP, TargetPort: target}}}}
}

func TestTargetPort(t *testing.T) {
	t.Parallel()
	p := pod("a", "10.0.0.1", 8080)
	for _, tc := range []struct {
		target intstr.IntOrString
		want   int32
		ok     bool
	}{{intstr.FromInt32(9000), 9000, true}, {intstr.FromString("http"), 8080, true}, {intstr.FromString("other"), 0, false}, {intstr.IntOrString{}, 80, true}} {
		if got, ok := targetPort(p, service(tc.target).Spec.Ports[0]); got != tc.want || ok != tc.ok {
			t.Errorf("%v: %d, %v", tc.target, got, ok)
		}
	}
}

func TestPodsAreGroupedByTheirPorts(t *testing.T) {
	t.Parallel()
	s := service(intstr.FromString("http"))
	behind := []backend{
		{pod: pod("a", "10.0.0.1", 8080), ready: true, serving: true},
		{pod: pod("b", "10.0.0.2", 9090), ready: true, serving: true},
		{pod: pod("c", "10.0.0.3", 8080)},
		{pod: pod("d", "10.0.0.4", 8080), serving: true, terminating: true},
	}
	e := newEndpoints(s, behind)
	if len(e.Subsets) != 2 || len(e.Subsets[0].Addresses) != 1 || len(e.Subsets[0].NotReadyAddresses) != 1 || e.Subsets[1].Ports[0].Port != 9090 {
		t.Errorf("subsets %+v", e.Subsets)
	}
	slices := wantedSlices(s, behind)
	if len(slices) != 2 || len(slices[0].Endpoints) != 3 || *slices[0].Endpoints[1].Conditions.Ready || !*slices[0].Endpoints[2].Conditions.Terminating {
		t.Errorf("%d slices: %+v", len(slices), slices)
	}
}

func TestSlicesHoldAHundred(t *testing.T) {
	t.Parallel()
	var behind []backend
	for i := range 250 {
		behind = append(behind, backend{pod: pod(fmt.Sprintf("p%d", i), fmt.Sprintf("10.0.%d.%d", i/250, i%250), 80), ready: true})
	}
	s := wantedSlices(service(intstr.FromInt32(80)), behind)
	if len(s) != 3 || len(s[0].Endpoints) != 100 || len(s[2].Endpoints) != 50 {
		t.Errorf("%d slices", len(s))
	}
	if empty := wantedSlices(service(intstr.FromInt32(80)), nil); len(empty) != 1 || len(empty[0].Endpoints) != 0 {
		t.Errorf("nothing behind: %+v", empty)
	}
}
