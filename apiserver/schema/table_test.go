package schema

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"
)

var update = flag.Bool("update", false, "rewrite golden files")

// TestTables shows every object of a manifest and compares with what was checked by hand against
// API-195 to API-201.
func TestTables(t *testing.T) {
	t.Parallel()
	manifests, err := filepath.Glob("testdata/tables/*.yaml")
	if err != nil || len(manifests) == 0 {
		t.Fatal("no manifests", err)
	}
	for _, manifest := range manifests {
		t.Run(filepath.Base(manifest), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(manifest)
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for document := range strings.SplitSeq(string(text), "\n---\n") {
				var head metav1.TypeMeta
				if err := yaml.Unmarshal([]byte(document), &head); err != nil {
					t.Fatal(err)
				}
				kind := head.GroupVersionKind()
				obj, _, err := Decode([]byte(document), MediaTypeYAML, kind, Strict)
				if err != nil {
					t.Fatal(err)
				}
				table, err := Table(kind, []TableItem{{Object: obj}}, metav1.ListMeta{}, TableOptions{Now: clusterTime, IncludeObject: metav1.IncludeNone})
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&got, "%s %s\n", head.APIVersion, head.Kind)
				if len(table.Rows[0].Cells) != len(table.ColumnDefinitions) {
					t.Errorf("%s: %d cells in %d columns", kind.Kind, len(table.Rows[0].Cells), len(table.ColumnDefinitions))
				}
				for i, c := range table.ColumnDefinitions {
					if c.Description == "" {
						t.Errorf("%s: column %s is not described", kind.Kind, c.Name)
					}
					var cell bytes.Buffer
					encoder := json.NewEncoder(&cell)
					encoder.SetEscapeHTML(false)
					if err := encoder.Encode(table.Rows[0].Cells[i]); err != nil {
						t.Fatal(err)
					}
					fmt.Fprintf(&got, "  %s (%s %s %d): %s", c.Name, c.Type, c.Format, c.Priority, &cell)
				}
			}
			golden := strings.TrimSuffix(manifest, ".yaml") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestPodStatus goes through the algorithm of API-198 and API-199.
func TestPodStatus(t *testing.T) {
	t.Parallel()
	always := corev1.ContainerRestartPolicyAlways
	yes := true
	at := func(before time.Duration) metav1.Time { return metav1.NewTime(clusterTime.Add(-before)) }
	running := corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}
	waiting := func(reason string) corev1.ContainerState {
		return corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason}}
	}
	ended := func(code, signal int32, reason string) corev1.ContainerState {
		return corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: code, Signal: signal, Reason: reason}}
	}
	last := func(before time.Duration) corev1.ContainerState {
		return corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{FinishedAt: at(before)}}
	}
	condition := func(kind corev1.PodConditionType, reason string) []corev1.PodCondition {
		return []corev1.PodCondition{{Type: kind, Status: corev1.ConditionTrue, Reason: reason}}
	}
	two := []corev1.Container{{Name: "a"}, {Name: "b"}}
	sidecar := []corev1.Container{{Name: "side", RestartPolicy: &always}, {Name: "init"}}
	tests := []struct {
		name                    string
		pod                     corev1.Pod
		ready, status, restarts string
	}{
		{"fresh", corev1.Pod{Spec: corev1.PodSpec{Containers: two}, Status: corev1.PodStatus{Phase: corev1.PodPending}}, "0/2", "Pending", "0"},
		{"gated", corev1.Pod{Spec: corev1.PodSpec{Containers: two}, Status: corev1.PodStatus{Phase: corev1.PodPending,
			Conditions: []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: "SchedulingGated"}}}}, "0/2", "SchedulingGated", "0"},
		{"evicted", corev1.Pod{Spec: corev1.PodSpec{Containers: two}, Status: corev1.PodStatus{Phase: corev1.PodFailed, Reason: "Evicted"}}, "0/2", "Evicted", "0"},
		{"running", corev1.Pod{Spec: corev1.PodSpec{Containers: two}, Status: corev1.PodStatus{Phase: corev1.PodRunning,
			ContainerStatuses: []corev1.ContainerStatus{{Name: "a", Ready: true, State: running}, {Name: "b", State: running}}}}, "1/2", "Running", "0"},
		{"creating", corev1.Pod{Spec: corev1.PodSpec{Containers: two}, Status: corev1.PodStatus{Phase: corev1.PodPending,
			ContainerStatuses: []corev1.ContainerStatus{{Name: "a", State: waiting("ContainerCreating")}, {Name: "b", State: waiting("ErrImagePull")}}}}, "0/2", "ContainerCreating", "0"},
		{"crashing", corev1.Pod{Spec: corev1.PodSpec{Containers: two[:1]}, Status: corev1.PodStatus{Phase: corev1.PodRunning,
			ContainerStatuses: []corev1.ContainerStatus{{Name: "a", RestartCount: 5, State: waiting("CrashLoopBackOff"), LastTerminationState: last(90 * time.Second)}}}}, "0/1", "CrashLoopBackOff", "5 (90s ago)"},
		{"restarted at an unknown time", corev1.Pod{Spec: corev1.PodSpec{Containers: two[:1]}, Status: corev1.PodStatus{Phase: corev1.PodRunning,
			ContainerStatuses: []corev1.ContainerStatus{{Name: "a", RestartCount: 2, Ready: true, State: running}}}}, "1/1", "Running", "2"},
		{"killed by a signal", corev1.Pod{Spec: corev1.PodSpec{Containers: two[:1]}, Status: corev1.PodStatus{Phase: corev1.PodFailed,
			ContainerStatuses: []corev1.ContainerStatus{{Name: "a", State: ended(137, 9, "")}}}}, "0/1", "Signal:9", "0"},
		{"ended with a code", corev1.Pod{Spec: corev1.PodSpec{Containers: two[:1]}, Status: corev1.PodStatus{Phase: corev1.PodFailed,
			ContainerStatuses: []corev1.ContainerStatus{{Name: "a", State: ended(3, 0, "")}}}}, "0/1", "ExitCode:3", "0"},
		{"half completed, ready", corev1.Pod{Spec: corev1.PodSpec{Containers: two}, Status: corev1.PodStatus{Phase: corev1.PodRunning, Conditions: condition(corev1.PodReady, ""),
			ContainerStatuses: []corev1.ContainerStatus{{Name: "a", State: ended(0, 0, "Completed")}, {Name: "b", Ready: true, State: running}}}}, "1/2", "Running", "0"},
		{"half completed, not ready", corev1.Pod{Spec: corev1.PodSpec{Containers: two}, Status: corev1.PodStatus{Phase: corev1.PodRunning,
			ContainerStatuses: []corev1.ContainerStatus{{Name: "a", State: ended(0, 0, "Completed")}, {Name: "b", Ready: true, State: running}}}}, "1/2", "NotReady", "0"},
		{"completed and failed", corev1.Pod{Spec: corev1.PodSpec{Containers: two}, Status: corev1.PodStatus{Phase: corev1.PodFailed,
			ContainerStatuses: []corev1.ContainerStatus{{Name: "a", State: ended(0, 0, "Completed")}, {Name: "b", State: ended(1, 0, "Error")}}}}, "0/2", "Error", "0"},
		{"init running", corev1.Pod{Spec: corev1.PodSpec{Containers: two, InitContainers: []corev1.Container{{Name: "i"}, {Name: "j"}}}, Status: corev1.PodStatus{Phase: corev1.PodPending,
			InitContainerStatuses: []corev1.ContainerStatus{{Name: "i", RestartCount: 3, State: ended(0, 0, "Completed"), LastTerminationState: last(time.Minute)}, {Name: "j", RestartCount: 1, State: running}},
			ContainerStatuses:     []corev1.ContainerStatus{{Name: "a", State: waiting("PodInitializing")}}}}, "0/2", "Init:1/2", "4 (60s ago)"},
		{"init waiting", corev1.Pod{Spec: corev1.PodSpec{Containers: two, InitContainers: []corev1.Container{{Name: "i"}}}, Status: corev1.PodStatus{Phase: corev1.PodPending,
			InitContainerStatuses: []corev1.ContainerStatus{{Name: "i", State: waiting("ImagePullBackOff")}}}}, "0/2", "Init:ImagePullBackOff", "0"},
		{"init failed", corev1.Pod{Spec: corev1.PodSpec{Containers: two, InitContainers: []corev1.Container{{Name: "i"}}}, Status: corev1.PodStatus{Phase: corev1.PodPending,
			InitContainerStatuses: []corev1.ContainerStatus{{Name: "i", State: ended(2, 0, "")}}}}, "0/2", "Init:ExitCode:2", "0"},
		{"init killed", corev1.Pod{Spec: corev1.PodSpec{Containers: two, InitContainers: []corev1.Container{{Name: "i"}}}, Status: corev1.PodStatus{Phase: corev1.PodPending,
			InitContainerStatuses: []corev1.ContainerStatus{{Name: "i", State: ended(137, 9, "")}}}}, "0/2", "Init:Signal:9", "0"},
		{"a sidecar counts", corev1.Pod{Spec: corev1.PodSpec{Containers: two[:1], InitContainers: sidecar}, Status: corev1.PodStatus{Phase: corev1.PodRunning,
			InitContainerStatuses: []corev1.ContainerStatus{{Name: "side", Ready: true, Started: &yes, RestartCount: 2, State: running, LastTerminationState: last(time.Hour)}, {Name: "init", RestartCount: 7, State: ended(0, 0, "Completed"), LastTerminationState: last(time.Minute)}},
			ContainerStatuses:     []corev1.ContainerStatus{{Name: "a", Ready: true, RestartCount: 1, State: running}}}}, "2/2", "Running", "3 (60m ago)"},
		{"a sidecar starts", corev1.Pod{Spec: corev1.PodSpec{Containers: two[:1], InitContainers: sidecar}, Status: corev1.PodStatus{Phase: corev1.PodPending,
			InitContainerStatuses: []corev1.ContainerStatus{{Name: "side", State: waiting("PodInitializing")}}}}, "0/2", "Init:0/2", "0"},
		{"init again after it was initialized", corev1.Pod{Spec: corev1.PodSpec{Containers: two[:1], InitContainers: sidecar[1:]}, Status: corev1.PodStatus{Phase: corev1.PodRunning, Conditions: condition(corev1.PodInitialized, ""),
			InitContainerStatuses: []corev1.ContainerStatus{{Name: "init", State: running}},
			ContainerStatuses:     []corev1.ContainerStatus{{Name: "a", Ready: true, State: running}}}}, "1/1", "Init:0/1", "0"},
		{"terminating", corev1.Pod{ObjectMeta: metav1.ObjectMeta{DeletionTimestamp: &metav1.Time{}}, Spec: corev1.PodSpec{Containers: two[:1]}, Status: corev1.PodStatus{Phase: corev1.PodRunning}}, "0/1", "Terminating", "0"},
		{"deleted when it was done", corev1.Pod{ObjectMeta: metav1.ObjectMeta{DeletionTimestamp: &metav1.Time{}}, Spec: corev1.PodSpec{Containers: two[:1]}, Status: corev1.PodStatus{Phase: corev1.PodSucceeded}}, "0/1", "Succeeded", "0"},
		{"lost with its node", corev1.Pod{ObjectMeta: metav1.ObjectMeta{DeletionTimestamp: &metav1.Time{}}, Spec: corev1.PodSpec{Containers: two[:1]}, Status: corev1.PodStatus{Phase: corev1.PodRunning, Reason: "NodeLost"}}, "0/1", "Unknown", "0"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			cells := podCells(&test.pod, &TableOptions{Now: clusterTime})
			if diff := cmp.Diff([]any{test.ready, test.status, test.restarts}, cells[1:4]); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPodRows(t *testing.T) {
	t.Parallel()
	pod := samplePod()
	pod.Spec.ReadinessGates = []corev1.PodReadinessGate{{ConditionType: "Ready"}, {ConditionType: "other"}}
	pod.Status.NominatedNodeName = "node-2"
	table, err := Table(podKind, []TableItem{{Object: pod}}, metav1.ListMeta{ResourceVersion: "7"}, TableOptions{Now: pod.CreationTimestamp.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]any{pod.Name, "1/1", "Running", "0", "60m", "10.0.0.1", "node-1", "node-2", "1/2"}, table.Rows[0].Cells); diff != "" {
		t.Error(diff)
	}
	if table.Rows[0].Conditions != nil {
		t.Errorf("a running pod is completed: %v", table.Rows[0].Conditions)
	}
	pod.Status.Phase = corev1.PodSucceeded
	if got := podConditions(pod); len(got) != 1 || got[0].Reason != "Succeeded" || got[0].Type != "Completed" || got[0].Status != "True" {
		t.Errorf("a finished pod: %v", got)
	}
}

func TestTableObjects(t *testing.T) {
	t.Parallel()
	obj := &corev1.ServiceAccount{TypeMeta: metav1.TypeMeta{Kind: "ServiceAccount", APIVersion: "v1"},
		ObjectMeta: metav1.ObjectMeta{Name: "a", Namespace: "n", Annotations: map[string]string{"x": `}"\{`}}, Secrets: []corev1.ObjectReference{{Name: "s"}}}
	encoded, err := EncodeJSON(obj)
	if err != nil {
		t.Fatal(err)
	}
	const metadata = `{"name":"a","namespace":"n","annotations":{"x":"}\"\\{"}}`
	partial := `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":` + metadata + `}`
	for _, test := range []struct {
		name    string
		options TableOptions
		object  string
		columns int
	}{
		{"metadata", TableOptions{}, partial, 2},
		{"metadata by name", TableOptions{IncludeObject: metav1.IncludeMetadata}, partial, 2},
		{"of an older version", TableOptions{Version: "v1beta1"}, strings.Replace(partial, "/v1", "/v1beta1", 1), 2},
		{"the object", TableOptions{IncludeObject: metav1.IncludeObject}, string(encoded), 2},
		{"nothing", TableOptions{IncludeObject: metav1.IncludeNone}, "null", 2},
		{"a later event", TableOptions{NoHeaders: true}, partial, 0},
		{"up to 1.34", TableOptions{SecretsColumn: true}, partial, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, item := range []TableItem{{Object: obj}, {Object: obj, Encoded: encoded}} {
				table, err := Table(obj.GroupVersionKind(), []TableItem{item, item}, metav1.ListMeta{ResourceVersion: "9", Continue: "c"}, test.options)
				if err != nil {
					t.Fatal(err)
				}
				got, err := EncodeTable(table)
				if err != nil {
					t.Fatal(err)
				}
				want, err := json.Marshal(table)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), string(got)); diff != "" {
					t.Errorf("EncodeTable differs from encoding/json (-json +ours):\n%s", diff)
				}
				if len(table.ColumnDefinitions) != test.columns {
					t.Errorf("%d columns, want %d", len(table.ColumnDefinitions), test.columns)
				}
				if !bytes.Contains(got, []byte(`"object":`+test.object+`},{"cells"`)) {
					t.Errorf("no object %s in\n%s", test.object, got)
				}
			}
		})
	}
}

func TestTableOfWhatHasNoMetadata(t *testing.T) {
	t.Parallel()
	_, err := Table(runtimeschema.GroupVersionKind{Version: "v1", Kind: "Status"}, []TableItem{{Object: &metav1.Status{}}}, metav1.ListMeta{},
		TableOptions{Resource: runtimeschema.GroupResource{Group: "authorization.k8s.io", Resource: "selfsubjectaccessreviews"}})
	want := "the resource selfsubjectaccessreviews.authorization.k8s.io does not support being converted to a Table"
	if err == nil || StatusOf(err).Code != 406 || StatusOf(err).Message != want {
		t.Errorf("got %v", err)
	}
}

func FuzzEncodedMetadata(f *testing.F) {
	f.Add([]byte(`{"kind":"A","apiVersion":"v1","metadata":{"name":"}{\"\\"},"x":1}`))
	f.Fuzz(func(t *testing.T, encoded []byte) {
		metadata, ok := encodedMetadata(encoded)
		if !ok {
			return
		}
		if !json.Valid(metadata) || metadata[0] != '{' {
			t.Fatalf("cut %q out of %q", metadata, encoded)
		}
	})
}

func BenchmarkTable(b *testing.B) {
	for name, obj := range map[string]runtime.Object{"ConfigMap": sampleConfigMap(), "Pod": samplePod()} {
		encoded, err := EncodeJSON(obj)
		if err != nil {
			b.Fatal(err)
		}
		items := make([]TableItem, 100)
		for i := range items {
			items[i] = TableItem{Object: obj, Encoded: encoded}
		}
		b.Run(name+"/100", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				table, err := Table(obj.GetObjectKind().GroupVersionKind(), items, metav1.ListMeta{}, TableOptions{Now: clusterTime})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := EncodeTable(table); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
