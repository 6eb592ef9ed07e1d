package schema

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
)

var clusterTime = time.Date(2031, 5, 6, 7, 8, 9, 500, time.UTC)

// owners shows managed fields as lines "manager operation[/subresource] time fields".
func owners(obj runtime.Object) []string {
	var out []string
	for _, e := range obj.(metav1.Object).GetManagedFields() {
		name := e.Manager + " " + string(e.Operation)
		if e.Subresource != "" {
			name += "/" + e.Subresource
		}
		out = append(out, fmt.Sprintf("%s %s %s", name, e.Time.UTC().Format("15:04:05"), e.FieldsV1.GetRawString()))
	}
	return out
}

func manager(t testing.TB, kind runtimeschema.GroupVersionKind, subresource string) *FieldManager {
	t.Helper()
	var managers FieldManagers
	m, err := managers.For(kind, subresource)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestApplyAndItsConflicts(t *testing.T) {
	t.Parallel()
	m := manager(t, configMapKind, "")
	apply := func(live runtime.Object, who, data string, force bool, after time.Duration) (runtime.Object, error) {
		body := `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"s"},"data":{` + data + `}}`
		obj, _, err := m.Apply(live, []byte(body), who, force, Strict, clusterTime.Add(after))
		return obj, err
	}
	first, err := apply(nil, "one", `"a":"1","b":"1"`, false, 0)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`one Apply 07:08:09 {"f:data":{"f:a":{},"f:b":{}}}`}, owners(first)); diff != "" {
		t.Error(diff)
	}
	_, err = apply(first, "two", `"b":"2"`, false, time.Second)
	status := StatusOf(err)
	if status.Code != 409 || status.Message != `Apply failed with 1 conflict: conflict with "one": .data.b` ||
		len(status.Details.Causes) != 1 || status.Details.Causes[0].Field != ".data.b" || status.Details.Causes[0].Message != `conflict with "one"` {
		t.Errorf("conflict: %+v", status)
	}
	forced, err := apply(first, "two", `"b":"2"`, true, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`one Apply 07:08:09 {"f:data":{"f:a":{}}}`, `two Apply 07:08:10 {"f:data":{"f:b":{}}}`}
	if diff := cmp.Diff(want, owners(forced)); diff != "" {
		t.Error(diff)
	}
	// API-166: what nobody asks for any more goes, what another owns stays.
	last, err := apply(forced, "one", "", false, 2*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"b": "2"}, last.(*corev1.ConfigMap).Data); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{`one Apply 07:08:09 {"f:data":{"f:a":{},"f:b":{}}}`}, owners(first)); diff != "" {
		t.Errorf("the live object was changed:\n%s", diff)
	}
}

func TestApplyErrors(t *testing.T) {
	t.Parallel()
	deployment := appsv1.SchemeGroupVersion.WithKind("Deployment")
	for name, test := range map[string]struct {
		body       string
		validation FieldValidation
		code       int32
		message    string
		warnings   int
	}{
		"an unknown field (API-97)": {body: `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d","namespace":"n"},"spec":{"foo":1}}`, validation: Ignore, code: 500,
			message: `failed to create typed patch object (n/d; apps/v1, Kind=Deployment): .spec.foo: field not declared in schema`},
		"managed fields (API-161)": {body: `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d","managedFields":[{}]}}`, code: 400, message: `metadata.managedFields must be nil`},
		"another kind":             {body: `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"d"}}`, code: 400, message: `invalid object type: /v1, Kind=Pod`},
		"not YAML":                 {body: "\t{", code: 400, message: "error decoding YAML: *"},
		"nothing":                  {body: "null", code: 400, message: "invalid object type: *"},
		"a duplicate, strictly":    {body: "apiVersion: apps/v1\nkind: Deployment\nkind: Deployment\n", validation: Strict, code: 400, message: "error strict decoding YAML: *"},
		"a duplicate":              {body: "apiVersion: apps/v1\nkind: Deployment\nkind: Deployment\n", warnings: 1},
		"too deep":                 {body: strings.Repeat("[", 600) + strings.Repeat("]", 600), code: 400, message: "error decoding YAML: exceeded max depth"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, warnings, err := manager(t, deployment, "").Apply(nil, []byte(test.body), "me", false, test.validation, clusterTime)
			if test.code == 0 {
				if err != nil || len(warnings) != test.warnings {
					t.Errorf("warnings %q, error %v", warnings, err)
				}
				return
			}
			if err == nil {
				t.Fatal("accepted")
			}
			status := StatusOf(err)
			beginning, open := strings.CutSuffix(test.message, "*")
			if status.Code != test.code || status.Message != test.message && !(open && strings.HasPrefix(status.Message, beginning)) {
				t.Errorf("got %d %s", status.Code, status.Message)
			}
		})
	}
}

func TestUpdateRecordsWhoChangedWhat(t *testing.T) {
	t.Parallel()
	m := manager(t, podKind, "")
	pod := samplePod()
	pod.Status = corev1.PodStatus{Phase: corev1.PodPending}
	m.Update(nil, pod, "kubectl-create", clusterTime)
	if got := owners(pod); len(got) != 1 || !strings.HasPrefix(got[0], `kubectl-create Update 07:08:09 {"f:metadata":{"f:labels":{".":{},"f:app":{},"f:pod-template-hash":{}},"f:ownerReferences":{".":{},"k:{\"uid\":\"u\"}":{}}},"f:spec":`) ||
		strings.Contains(got[0], "f:status") {
		t.Errorf("after create: %q", got)
	}

	ready := pod.DeepCopy()
	ready.Status.Phase, ready.Spec.NodeName = corev1.PodRunning, "elsewhere"
	manager(t, podKind, "status").Update(pod, ready, "kubelet", clusterTime.Add(time.Minute))
	if got := owners(ready); len(got) != 2 || got[0] != owners(pod)[0] || got[1] != `kubelet Update/status 07:09:09 {"f:status":{"f:phase":{}}}` {
		t.Errorf("after status: %q", got)
	}

	labelled := ready.DeepCopy()
	labelled.Labels["app"], labelled.Labels["new"] = "changed", "1"
	labelled.ManagedFields = nil // a client that does not know of them
	m.Update(ready, labelled, "kubectl-label", clusterTime.Add(2*time.Minute))
	got := owners(labelled)
	if len(got) != 3 || strings.Contains(got[0], `"f:app"`) || got[2] != `kubectl-label Update 07:10:09 {"f:metadata":{"f:labels":{"f:app":{},"f:new":{}}}}` {
		t.Errorf("after label: %q", got)
	}

	again := labelled.DeepCopy()
	m.Update(labelled, again, "kubectl-label", clusterTime.Add(3*time.Minute))
	if diff := cmp.Diff(owners(labelled), owners(again)); diff != "" {
		t.Errorf("an update without a change (API-79):\n%s", diff)
	}

	cleared := labelled.DeepCopy()
	cleared.ManagedFields = []metav1.ManagedFieldsEntry{{}}
	m.Update(labelled, cleared, "admin", clusterTime)
	if got := owners(cleared); len(got) != 0 {
		t.Errorf("after a reset (API-164): %q", got)
	}
}

func TestUpdateFoldsTheOldestWriters(t *testing.T) {
	t.Parallel()
	m := manager(t, configMapKind, "")
	var live *corev1.ConfigMap
	for i := range 13 {
		next := &corev1.ConfigMap{TypeMeta: metav1.TypeMeta{Kind: "ConfigMap", APIVersion: "v1"}, ObjectMeta: metav1.ObjectMeta{Name: "a", UID: "u"}, Data: map[string]string{}}
		if live != nil {
			next = live.DeepCopy()
		}
		next.Data[fmt.Sprint("k", i)] = "v"
		// Years from the wall clock, as after a leap.
		at := clusterTime.Add(time.Duration(i) * time.Hour)
		if live == nil {
			m.Update(nil, next, fmt.Sprint("m", i), at)
		} else {
			m.Update(live, next, fmt.Sprint("m", i), at)
		}
		live = next
	}
	got := owners(live)
	if len(got) != 10 || !strings.HasPrefix(got[0], "ancient-changes Update 10:08:09") || !strings.HasPrefix(got[9], "m12 Update 19:08:09") {
		t.Errorf("got %q", got)
	}
}

func TestKeepManagedTimes(t *testing.T) {
	t.Parallel()
	m := manager(t, configMapKind, "")
	live, _, err := m.Apply(nil, []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: v}"), "me", false, "", clusterTime)
	if err != nil {
		t.Fatal(err)
	}
	same, _, err := m.Apply(live, []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: v}"), "me", false, "", clusterTime.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	before, after := live.(metav1.Object).GetManagedFields(), same.(metav1.Object).GetManagedFields()
	if diff := cmp.Diff(before, KeepManagedTimes(before, after)); diff != "" {
		t.Error(diff)
	}
	other, _, err := m.Apply(live, []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: v, l: w}"), "me", false, "", clusterTime.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	after = other.(metav1.Object).GetManagedFields()
	if diff := cmp.Diff(after, KeepManagedTimes(before, after)); diff != "" {
		t.Error(diff)
	}
}

func BenchmarkFieldManagerCreate(b *testing.B) {
	for name, obj := range map[string]runtime.Object{"ConfigMap": sampleConfigMap(), "Pod": samplePod()} {
		m := manager(b, obj.GetObjectKind().GroupVersionKind(), "")
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				obj.(metav1.Object).SetManagedFields(nil)
				m.Update(nil, obj, "kubectl-create", clusterTime)
			}
		})
	}
}

func BenchmarkFieldManagerStatus(b *testing.B) {
	pod := samplePod()
	manager(b, podKind, "").Update(nil, pod, "kubectl-create", clusterTime)
	m := manager(b, podKind, "status")
	ready := pod.DeepCopy()
	ready.Status.PodIP = "10.0.0.2"
	fields := ready.ManagedFields
	b.ReportAllocs()
	for b.Loop() {
		ready.ManagedFields = fields
		m.Update(pod, ready, "kubelet", clusterTime)
	}
}

func FuzzApply(f *testing.F) {
	for _, body := range []string{
		"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, image: i, ports: [{containerPort: 80}]}]}",
		`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","finalizers":["a","a"]},"spec":{"containers":[null],"nodeSelector":null}}`,
		`{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"name":"c"},{"name":"c"}],"tolerations":[{}]}}`,
		"{}", "null", "[]", "- a", "a: &a [*a]",
	} {
		f.Add(body, true)
		f.Add(body, false)
	}
	m := manager(f, podKind, "")
	live := samplePod()
	m.Update(nil, live, "creator", clusterTime)
	f.Fuzz(func(t *testing.T, body string, exists bool) {
		var before runtime.Object
		if exists {
			before = live
		}
		merged, _, err := m.Apply(before, []byte(body), "me", exists, Warn, clusterTime)
		if err != nil {
			if code := StatusOf(err).Code; code != 400 && code != 409 && code != 500 {
				t.Fatalf("code %d: %v", code, err)
			}
			return
		}
		if _, err := EncodeJSON(merged); err != nil {
			t.Fatalf("applied but not encoded: %v", err)
		}
		if live.Spec.NodeName != "node-1" || len(live.ManagedFields) != 1 {
			t.Fatal("the live object was changed")
		}
	})
}
