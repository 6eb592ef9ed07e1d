package schema

import (
	"encoding/json"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

func TestEncodeJSON(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		obj  runtime.Object
		want string
	}{
		{"with a kind", &corev1.ConfigMap{TypeMeta: metav1.TypeMeta{Kind: "ConfigMap", APIVersion: "v1"}, ObjectMeta: metav1.ObjectMeta{Name: "a"}},
			`{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"}}`},
		{"without a kind", &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "a"}, Data: map[string]string{"b": "<1>", "a": "2"}},
			`{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"},"data":{"a":"2","b":"\u003c1\u003e"}}`},
		{"with half a kind", &rbacv1.Role{TypeMeta: metav1.TypeMeta{Kind: "Role"}, ObjectMeta: metav1.ObjectMeta{Name: "r"}},
			`{"kind":"Role","apiVersion":"rbac.authorization.k8s.io/v1","metadata":{"name":"r"},"rules":null}`},
		{"an empty list (API-62)", &corev1.PodList{Items: []corev1.Pod{}}, `{"kind":"PodList","apiVersion":"v1","metadata":{},"items":[]}`},
		{"nothing but a kind", &metav1.Status{}, `{"kind":"Status","apiVersion":"v1","metadata":{}}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			before := test.obj.DeepCopyObject()
			got, err := EncodeJSON(test.obj)
			if err != nil || string(got) != test.want {
				t.Errorf("got  %s, %v\nwant %s", got, err, test.want)
			}
			if a, b := before.GetObjectKind().GroupVersionKind(), test.obj.GetObjectKind().GroupVersionKind(); a != b {
				t.Errorf("the object was changed from %v to %v", a, b)
			}
		})
	}
}

func TestStripKind(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`{"kind":"Pod","apiVersion":"v1","metadata":{}}`: `{"metadata":{}}`,
		`{"apiVersion":"v1","metadata":{}}`:              `{"metadata":{}}`,
		`{"kind":"Pod","metadata":{}}`:                   `{"metadata":{}}`,
		`{"metadata":{}}`:                                `{"metadata":{}}`,
		`{"kind":"Pod","apiVersion":"v1"}`:               `{}`,
		`{}`:                                             `{}`,
	} {
		original := []byte(in)
		if got := string(StripKind(original)); got != want || string(original) != in {
			t.Errorf("StripKind(%s) = %s; it is now %s", in, got, original)
		}
	}
}

func TestEncodeForClients(t *testing.T) {
	t.Parallel()
	obj := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "a"}, Data: map[string]string{"k": "1"}}
	for _, test := range []struct {
		format Format
		pretty bool
		want   string
	}{
		{JSON, false, "{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"a\"},\"data\":{\"k\":\"1\"}}\n"},
		{JSON, true, "{\n  \"kind\": \"ConfigMap\",\n  \"apiVersion\": \"v1\",\n  \"metadata\": {\n    \"name\": \"a\"\n  },\n  \"data\": {\n    \"k\": \"1\"\n  }\n}"},
		{YAML, false, "apiVersion: v1\ndata:\n  k: \"1\"\nkind: ConfigMap\nmetadata:\n  name: a\n"},
	} {
		got, err := Encode(obj, test.format, test.pretty)
		if err != nil || string(got) != test.want {
			t.Errorf("%s: got %q, %v\nwant %q", test.format, got, err, test.want)
		}
	}
}

func TestStatusOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  error
		want string
	}{
		{json.Unmarshal([]byte("{"), new(int)), `{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"unexpected end of JSON input","code":500}`},
		{statusError(406, "NotAcceptable", "no"), `{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"no","reason":"NotAcceptable","code":406}`},
	} {
		if got, err := EncodeJSON(StatusOf(test.err)); err != nil || string(got) != test.want {
			t.Errorf("got  %s, %v\nwant %s", got, err, test.want)
		}
	}
}

// TestReformatToProtobuf reads lists and metadata back as a client would.
func TestReformatToProtobuf(t *testing.T) {
	t.Parallel()
	for _, encoded := range []string{
		`{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"7"},"items":[{"metadata":{"name":"a"},"data":{"k":"v"}}]}`,
		`{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"a"}}`,
		`{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"v1","resources":null}`,
		`{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","code":404}`,
	} {
		message, err := Reformat([]byte(encoded), Protobuf, false)
		if err != nil {
			t.Errorf("%s: %v", encoded, err)
			continue
		}
		obj, kind, err := codecs().lenient.protobuf.Decode(message, nil, nil)
		if err != nil {
			t.Errorf("%s: %v", encoded, err)
			continue
		}
		obj.GetObjectKind().SetGroupVersionKind(*kind)
		if again, err := EncodeJSON(obj); err != nil || string(again) != encoded {
			t.Errorf("got  %s, %v\nwant %s", again, err, encoded)
		}
	}
}
