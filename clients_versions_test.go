package kubemint_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/kubemint/kubemint"
)

// owners are the managers of an object's fields, each with the version it spoke.
func owners(m metav1.ObjectMeta) map[string]string {
	out := map[string]string{}
	for _, f := range m.ManagedFields {
		out[f.Manager] = f.APIVersion
	}
	return out
}

// TestAutoscalersInTwoVersions: what one version cannot say is in its annotations, and nobody's fields are forgotten on the way.
func TestAutoscalersInTwoVersions(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{})
	ctx, v1, v2 := t.Context(), r.Admin.AutoscalingV1().HorizontalPodAutoscalers("default"), r.Admin.AutoscalingV2().HorizontalPodAutoscalers("default")

	groups, err := r.Admin.Discovery().ServerGroups()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range groups.Groups {
		if g.Name == "autoscaling" && (len(g.Versions) != 2 || g.PreferredVersion.Version != "v2") {
			t.Errorf("the group is %+v", g)
		}
	}
	watch, err := v1.Watch(ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer watch.Stop()
	target := autoscalingv1.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: "web"}
	made, err := v1.Create(ctx, &autoscalingv1.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Name: "web", Annotations: map[string]string{"mine": "too"}},
		Spec:       autoscalingv1.HorizontalPodAutoscalerSpec{ScaleTargetRef: target, MaxReplicas: 5, TargetCPUUtilizationPercentage: ptr.To[int32](70)},
	}, metav1.CreateOptions{FieldManager: "older"})
	if err != nil || *made.Spec.MinReplicas != 1 || *made.Spec.TargetCPUUtilizationPercentage != 70 {
		t.Fatalf("made %+v, %v", made, err)
	}
	newer, err := v2.Get(ctx, "web", metav1.GetOptions{})
	if err != nil || len(newer.Spec.Metrics) != 1 || *newer.Spec.Metrics[0].Resource.Target.AverageUtilization != 70 {
		t.Fatalf("in version 2: %+v, %v", newer.Spec, err)
	}

	patch := `{"spec":{"behavior":{"scaleDown":{"stabilizationWindowSeconds":60}},"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50}}},` +
		`{"type":"Pods","pods":{"metric":{"name":"requests"},"target":{"type":"AverageValue","averageValue":"10"}}}]}}`
	if _, err := v2.Patch(ctx, "web", types.MergePatchType, []byte(patch), metav1.PatchOptions{FieldManager: "newer"}); err != nil {
		t.Fatal(err)
	}
	older, err := v1.Get(ctx, "web", metav1.GetOptions{})
	if err != nil || *older.Spec.TargetCPUUtilizationPercentage != 50 {
		t.Fatalf("in version 1: %+v, %v", older.Spec, err)
	}
	var metrics []autoscalingv1.MetricSpec
	if err := json.Unmarshal([]byte(older.Annotations["autoscaling.alpha.kubernetes.io/metrics"]), &metrics); err != nil || len(metrics) != 1 || metrics[0].Pods.MetricName != "requests" {
		t.Errorf("the metrics are noted as %v, %v", older.Annotations, err)
	}
	if behavior := older.Annotations["autoscaling.alpha.kubernetes.io/behavior"]; !strings.Contains(behavior, `"ScaleDown":{"StabilizationWindowSeconds":60,`) || older.Annotations["mine"] != "too" {
		t.Errorf("the annotations are %v", older.Annotations)
	}

	older.Spec.MaxReplicas = 9
	if _, err := v1.Update(ctx, older, metav1.UpdateOptions{FieldManager: "again"}); err != nil {
		t.Fatal(err)
	}
	newer, err = v2.Get(ctx, "web", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if newer.Spec.MaxReplicas != 9 || len(newer.Spec.Metrics) != 2 || *newer.Spec.Behavior.ScaleDown.StabilizationWindowSeconds != 60 || !maps.Equal(newer.Annotations, map[string]string{"mine": "too"}) {
		t.Errorf("after an update of version 1: %+v, %v", newer.Spec, newer.Annotations)
	}
	if diff := cmp.Diff(map[string]string{"older": "autoscaling/v1", "newer": "autoscaling/v2", "again": "autoscaling/v1"}, owners(newer.ObjectMeta)); diff != "" {
		t.Errorf("who owns its fields (-want +got):\n%s", diff)
	}

	newer.Status = autoscalingv2.HorizontalPodAutoscalerStatus{CurrentReplicas: 3, DesiredReplicas: 3,
		Conditions:     []autoscalingv2.HorizontalPodAutoscalerCondition{{Type: autoscalingv2.AbleToScale, Status: corev1.ConditionTrue}},
		CurrentMetrics: []autoscalingv2.MetricStatus{{Type: autoscalingv2.ResourceMetricSourceType, Resource: &autoscalingv2.ResourceMetricStatus{Name: corev1.ResourceCPU, Current: autoscalingv2.MetricValueStatus{AverageUtilization: ptr.To[int32](44)}}}}}
	if _, err := v2.UpdateStatus(ctx, newer, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	list, err := v1.List(ctx, metav1.ListOptions{})
	if err != nil || len(list.Items) != 1 || *list.Items[0].Status.CurrentCPUUtilizationPercentage != 44 || list.Items[0].Annotations["autoscaling.alpha.kubernetes.io/conditions"] == "" {
		t.Errorf("the list of version 1: %+v, %v", list, err)
	}
	before := *newer
	if older, err = v1.Get(ctx, "web", metav1.GetOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := v1.UpdateStatus(ctx, older, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	if newer, err = v2.Get(ctx, "web", metav1.GetOptions{}); err != nil {
		t.Fatal(err)
	}
	newer.Status.CurrentMetrics[0].Resource.Current.AverageValue = nil // version 1 cannot leave it out
	if diff := cmp.Diff(before.Status, newer.Status); diff != "" {
		t.Errorf("the status was changed on the way (-want +got):\n%s", diff)
	}

	if code, body := r.call("", http.MethodGet, "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers/none", ""); code != http.StatusNotFound || !strings.Contains(body, `horizontalpodautoscalers.autoscaling \"none\" not found`) {
		t.Errorf("one that is not there: %d %s", code, body)
	}
	if err := v1.Delete(ctx, "web", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	var seen []string
	for e := range watch.ResultChan() {
		seen = append(seen, string(e.Type))
		if _, ok := e.Object.(*autoscalingv1.HorizontalPodAutoscaler); !ok {
			t.Errorf("the watch of version 1 sent a %T", e.Object)
		}
		if e.Type == "DELETED" {
			break
		}
	}
	if !slices.Equal(seen, []string{"ADDED", "MODIFIED", "MODIFIED", "MODIFIED", "MODIFIED", "DELETED"}) {
		t.Errorf("the watch saw %v", seen)
	}
}

// TestEventsKeepTheirOwnersInBothGroups: a write through one group leaves the entries of the other as they are (API-225).
func TestEventsKeepTheirOwnersInBothGroups(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{})
	ctx := t.Context()
	now := metav1.Now()
	_, err := r.Admin.CoreV1().Events("default").Create(ctx, &corev1.Event{
		ObjectMeta: metav1.ObjectMeta{Name: "e"}, InvolvedObject: corev1.ObjectReference{Kind: "ConfigMap", Namespace: "default", Name: "c"},
		Reason: "Seen", Message: "first", Type: "Normal", FirstTimestamp: now, LastTimestamp: now, Count: 1, Source: corev1.EventSource{Component: "test"},
	}, metav1.CreateOptions{FieldManager: "core"})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"core": "v1"}
	for _, step := range []struct{ manager, group, patch string }{
		{"modern", "events.k8s.io", `{"metadata":{"labels":{"by":"modern"}}}`},
		{"again", "", `{"count":2}`},
		{"later", "events.k8s.io", `{"metadata":{"labels":{"by":"later"}}}`},
	} {
		if step.group == "" {
			_, err = r.Admin.CoreV1().Events("default").Patch(ctx, "e", types.MergePatchType, []byte(step.patch), metav1.PatchOptions{FieldManager: step.manager})
			want[step.manager] = "v1"
		} else {
			_, err = r.Admin.EventsV1().Events("default").Patch(ctx, "e", types.MergePatchType, []byte(step.patch), metav1.PatchOptions{FieldManager: step.manager})
			want[step.manager] = "events.k8s.io/v1"
		}
		if err != nil {
			t.Fatal(err)
		}
		e, err := r.Admin.CoreV1().Events("default").Get(ctx, "e", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, owners(e.ObjectMeta)); diff != "" {
			t.Errorf("after %s (-want +got):\n%s", step.manager, diff)
		}
	}
}
