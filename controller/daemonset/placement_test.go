package daemonset

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestFits(t *testing.T) {
	t.Parallel()
	node := func(taints ...corev1.Taint) *corev1.Node {
		return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n1", Labels: map[string]string{"disk": "ssd"}}, Spec: corev1.NodeSpec{Taints: taints}}
	}
	taint := func(key string, effect corev1.TaintEffect) corev1.Taint {
		return corev1.Taint{Key: key, Effect: effect}
	}
	for _, tc := range []struct {
		name      string
		spec      corev1.PodSpec
		node      *corev1.Node
		run, stay bool
	}{
		{"any node", corev1.PodSpec{}, node(), true, true},
		{"its label", corev1.PodSpec{NodeSelector: map[string]string{"disk": "ssd"}}, node(), true, true},
		{"another label", corev1.PodSpec{NodeSelector: map[string]string{"disk": "hdd"}}, node(), false, false},
		{"another node", corev1.PodSpec{NodeName: "n2"}, node(), false, false},
		{"a foreign taint", corev1.PodSpec{}, node(taint("k", corev1.TaintEffectNoSchedule)), false, true},
		{"a taint that drives out", corev1.PodSpec{}, node(taint("k", corev1.TaintEffectNoExecute)), false, false},
		{"a taint that only asks", corev1.PodSpec{}, node(taint("k", corev1.TaintEffectPreferNoSchedule)), true, true},
		{"tolerated", corev1.PodSpec{Tolerations: []corev1.Toleration{{Key: "k", Operator: corev1.TolerationOpExists}}}, node(taint("k", corev1.TaintEffectNoExecute)), true, true},
		{"cordoned", corev1.PodSpec{}, node(taint(corev1.TaintNodeUnschedulable, corev1.TaintEffectNoSchedule)), true, true},
		{"not ready", corev1.PodSpec{}, node(taint(corev1.TaintNodeNotReady, corev1.TaintEffectNoExecute)), true, true},
		{"without network", corev1.PodSpec{}, node(taint(corev1.TaintNodeNetworkUnavailable, corev1.TaintEffectNoSchedule)), false, true},
		{"on the host's network", corev1.PodSpec{HostNetwork: true}, node(taint(corev1.TaintNodeNetworkUnavailable, corev1.TaintEffectNoSchedule)), true, true},
	} {
		ds := &appsv1.DaemonSet{Spec: appsv1.DaemonSetSpec{Template: corev1.PodTemplateSpec{Spec: tc.spec}}}
		if run, stay := fits(ds, tc.node); run != tc.run || stay != tc.stay {
			t.Errorf("%s: run %v, stay %v; want %v, %v", tc.name, run, stay, tc.run, tc.stay)
		}
	}
}

func TestBindNamesTheNode(t *testing.T) {
	t.Parallel()
	terms := []corev1.NodeSelectorTerm{{MatchExpressions: []corev1.NodeSelectorRequirement{{Key: "disk", Operator: corev1.NodeSelectorOpExists}}}}
	for name, spec := range map[string]*corev1.PodSpec{
		"plain": {},
		"with affinity": {Affinity: &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{
			RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{NodeSelectorTerms: terms}}}},
	} {
		bind(spec, "n1")
		if got := nodeOf(&corev1.Pod{Spec: *spec}); got != "n1" {
			t.Errorf("%s: bound to %q", name, got)
		}
		n := len(spec.Tolerations)
		bind(spec, "n1")
		if n != 6 || len(spec.Tolerations) != n {
			t.Errorf("%s: %d tolerations, then %d", name, n, len(spec.Tolerations))
		}
	}
}
