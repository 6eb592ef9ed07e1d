package cache

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
)

func object(t testing.TB, key string, cm corev1.ConfigMap) *Object {
	t.Helper()
	value, err := json.Marshal(struct {
		metav1.ObjectMeta `json:"metadata"`
		Data              map[string]string `json:"data"`
	}{cm.ObjectMeta, cm.Data})
	if err != nil {
		t.Fatal(err)
	}
	k := newKind(nil, KindConfig{
		New:    func() runtime.Object { return new(corev1.ConfigMap) },
		Decode: func(b []byte, into runtime.Object) error { return json.Unmarshal(b, into) },
		Fields: func(obj runtime.Object) fields.Set { return fields.Set{"data.k": obj.(*corev1.ConfigMap).Data["k"]} },
	})
	body, err := stamped(value, 7)
	if err != nil {
		t.Fatal(err)
	}
	return &Object{Key: key, Revision: 7, Body: body, kind: k}
}

func TestLabelsAreReadInTheBody(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		meta    metav1.ObjectMeta
		decoded bool // it takes a decoder
	}{
		"none":   {meta: metav1.ObjectMeta{Name: "a"}},
		"one":    {meta: metav1.ObjectMeta{Name: "a", Labels: map[string]string{"app": "web"}}},
		"empty":  {meta: metav1.ObjectMeta{Name: "a", Labels: map[string]string{"app": "", "b": "c"}}},
		"behind": {meta: metav1.ObjectMeta{Name: "a", Labels: map[string]string{"x": "y", "example.com/app": "web", "zz": "1"}, Finalizers: []string{"f"}}},
		"beside what looks like them": {meta: metav1.ObjectMeta{
			Name: "a", GenerateName: `"labels":{"app":"no"}`, Annotations: map[string]string{"labels": `{"app":"no"}`, "app": "]}"},
			OwnerReferences: []metav1.OwnerReference{{Name: "labels"}}, Labels: map[string]string{"b": "c"},
			ManagedFields: []metav1.ManagedFieldsEntry{{FieldsV1: metav1.NewFieldsV1(`{"f:metadata":{"f:labels":{"f:app":{}}}}`)}},
		}},
		"with what JSON escapes": {meta: metav1.ObjectMeta{Labels: map[string]string{"a<": "b", "app": `"`}}, decoded: true},
	} {
		o := object(t, "n/a", corev1.ConfigMap{ObjectMeta: c.meta})
		for _, label := range []string{"app", "b", "x", "example.com/app", "zz", "labels", "a<", ""} {
			want, there := c.meta.Labels[label]
			got, found := o.Labels().Lookup(label)
			if got != want || found != there || o.Labels().Has(label) != there || o.Labels().Get(label) != want {
				t.Errorf("%s: label %q is %q, %v; want %q, %v", name, label, got, found, want, there)
			}
		}
		if o.weak.Load() != nil != c.decoded {
			t.Errorf("%s: decoded: %v", name, !c.decoded)
		}
	}
}

func TestNamesAreSelectedWithoutDecoding(t *testing.T) {
	t.Parallel()
	o := object(t, "n/a", corev1.ConfigMap{Data: map[string]string{"k": "v"}})
	cluster := object(t, "a", corev1.ConfigMap{})
	for text, want := range map[string][2]bool{
		"metadata.name=a": {true, true}, "metadata.name=b": {false, false}, "metadata.name!=a": {false, false},
		"metadata.namespace=n": {true, false}, "metadata.namespace=n,metadata.name=a": {true, false}, "metadata.namespace=": {false, true},
	} {
		sel := fields.ParseSelectorOrDie(text)
		if got := [2]bool{sel.Matches(o.Fields()), sel.Matches(cluster.Fields())}; got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
	if cluster.Fields().Has("metadata.namespace") || !o.Fields().Has("metadata.namespace") || !o.Fields().Has("metadata.name") {
		t.Error("an object of the cluster has no namespace")
	}
	if o.weak.Load() != nil {
		t.Error("it was decoded")
	}
	if !o.Fields().Has("data.k") || !fields.ParseSelectorOrDie("data.k=v").Matches(o.Fields()) || o.Fields().Has("data.l") {
		t.Error("a field of its own")
	}
}

func TestAnObjectThatCannotBeDecodedHasNoFields(t *testing.T) {
	t.Parallel()
	k := newKind(nil, KindConfig{
		New:    func() runtime.Object { return new(corev1.ConfigMap) },
		Decode: func([]byte, runtime.Object) error { return errors.New("no") },
	})
	for _, body := range []string{``, `{"metadata":{`, `{"metadata":{"labels":{"a":1}}}`, `{"metadata":{"labels":{"a":"b`, `{"metadata":{"name":"x"`, `{"metadata":{"x":"\`} {
		o := &Object{Key: "a", Body: []byte(body), kind: k}
		if o.Labels().Has("a") || o.Fields().Has("data.k") || o.Fields().Get("data.k") != "" {
			t.Errorf("%q", body)
		}
	}
}

func FuzzFindLabel(f *testing.F) {
	f.Add("app", "web", "note", "{")
	f.Add("a\"", "\\", "labels", "}")
	f.Fuzz(func(t *testing.T, label, value, note, text string) {
		all := map[string]string{label: value, "z": "y"}
		body, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": map[string]string{note: text}, "labels": all}})
		if err != nil {
			t.Fatal(err)
		}
		var decoded struct {
			Metadata struct{ Labels map[string]string }
		}
		if err := json.Unmarshal(body, &decoded); err != nil {
			t.Fatal(err)
		}
		for name := range maps.Keys(all) {
			got, found, ok := findLabel(body, name)
			if want, there := decoded.Metadata.Labels[name]; ok && (string(got) != want || found != there) {
				t.Errorf("%s: %q is %q, %v; want %q, %v", body, name, got, found, want, there)
			}
		}
	})
}

func BenchmarkSelectByLabel(b *testing.B) {
	data := map[string]string{}
	for i := range 10 {
		data[fmt.Sprint("k", i)] = "a value of some length"
	}
	meta := metav1.ObjectMeta{
		Name: "a", Namespace: "n", UID: "b1946ac9-2492-4d23-8ebc-0f4fd6b4c8a1", Labels: map[string]string{"app": "web", "tier": "front"},
		Annotations: map[string]string{"note": "text"},
	}
	o := object(b, "n/a", corev1.ConfigMap{ObjectMeta: meta, Data: data})
	sel := labels.SelectorFromSet(labels.Set{"tier": "front"})
	b.ReportAllocs()
	for b.Loop() {
		if !sel.Matches(o.Labels()) {
			b.Fatal("no match")
		}
	}
}
