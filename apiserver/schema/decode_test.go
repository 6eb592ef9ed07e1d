package schema

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
)

var (
	configMapKind = corev1.SchemeGroupVersion.WithKind("ConfigMap")
	podKind       = corev1.SchemeGroupVersion.WithKind("Pod")
)

const misspelt = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"fv0","lables":{"a":"b"}},"data":{"a":"1","a":"2"},"dta":{}}`

func TestDecode(t *testing.T) {
	t.Parallel()
	problems := []string{`unknown field "metadata.lables"`, `duplicate field "data.a"`, `unknown field "dta"`}
	tests := []struct {
		name, body, contentType string
		want                    runtimeschema.GroupVersionKind
		validation              FieldValidation
		warnings                []string
		code                    int32
		message                 string // of the error; with a trailing * only its beginning
	}{
		{name: "a plain object", body: `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}`, want: configMapKind},
		{name: "kind and version are implied", body: `{"metadata":{"name":"implied"}}`, want: configMapKind},
		{name: "only the kind is implied", body: `{"apiVersion":"v1","metadata":{"name":"implied"}}`, want: configMapKind},
		{name: "white space around it", body: "\n {\"kind\":\"ConfigMap\"}\n", want: configMapKind},
		{name: "parameters of the content type", body: `{}`, contentType: "application/json; charset=utf-8", want: configMapKind},
		{name: "YAML", body: "kind: ConfigMap\nmetadata:\n  name: why\n", contentType: MediaTypeYAML, want: configMapKind},
		{name: "unknown fields strictly (API-97)", body: misspelt, want: configMapKind, validation: Strict, code: 400,
			message: `ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "metadata.lables", duplicate field "data.a", unknown field "dta"`},
		{name: "unknown fields with warnings", body: misspelt, want: configMapKind, validation: Warn, warnings: problems},
		{name: "warnings are the default (API-96)", body: misspelt, want: configMapKind, warnings: problems},
		{name: "unknown fields ignored", body: misspelt, want: configMapKind, validation: Ignore},
		{name: "unknown fields in YAML", body: "metadata:\n  lables: {}\n", contentType: MediaTypeYAML, want: configMapKind, warnings: []string{`unknown field "metadata.lables"`}},
		{name: "duplicate keys in YAML", body: "data:\n  a: b\n  a: c\n", contentType: MediaTypeYAML, want: configMapKind, validation: Strict, code: 400,
			message: "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: yaml: unmarshal errors:\n  line 3: key \"a\" already set in map"},
		{name: "another kind (API-70)", body: `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"q"}}`, want: configMapKind, code: 400,
			message: `Secret in version "v1" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion`},
		{name: "a kind of another group", body: `{"apiVersion":"apps/v1","kind":"Deployment"}`, want: runtimeschema.GroupVersionKind{Group: "rbac.authorization.k8s.io", Version: "v1", Kind: "Role"}, code: 400,
			message: `Deployment in version "v1" cannot be handled as a Role: converting (v1.Deployment) to (rbac.Role): unknown conversion`},
		{name: "an unknown version", body: `{"apiVersion":"v2","kind":"ConfigMap"}`, want: configMapKind, code: 400,
			message: `ConfigMap in version "v2" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "v2" in scheme "pkg/runtime/scheme.go:111"`},
		{name: "another version of the kind", body: `{"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler"}`, want: runtimeschema.GroupVersionKind{Group: "autoscaling", Version: "v1", Kind: "HorizontalPodAutoscaler"}, code: 400,
			message: `the API version in the data (autoscaling/v2) does not match the expected API version (autoscaling/v1)`},
		{name: "an empty body", want: configMapKind, code: 400,
			message: `the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)`},
		{name: "a torn body", body: `{"a":`, want: configMapKind, code: 400,
			message: `the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: unexpected end of JSON input ({"a":)`},
		{name: "not JSON", body: "hello", want: configMapKind, code: 400, message: `the object provided is unrecognized (must be of type ConfigMap): *`},
		{name: "null", body: "null", want: configMapKind},
		{name: "a list", body: "[]", want: configMapKind, code: 400, message: `the object provided is unrecognized (must be of type ConfigMap): *`},
		{name: "a wrong type", body: `{"apiVersion":"v1","kind":"Pod","spec":{"containers":"x"}}`, want: podKind, code: 400,
			message: `Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container`},
		{name: "an unknown content type (API-53)", body: "x", contentType: "text/plain", want: configMapKind, code: 415,
			message: `the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf`},
		{name: "a content type that is none", body: "x", contentType: "/", want: configMapKind, code: 415, message: `the body of*`},
		{name: "broken protobuf", body: "k8s\x00\xff\xff", contentType: MediaTypeProtobuf, want: configMapKind, code: 400, message: `the object provided is unrecognized*`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			obj, warnings, err := Decode([]byte(test.body), test.contentType, test.want, test.validation)
			if test.code != 0 {
				if err == nil {
					t.Fatalf("Decode = %v, want the error %q", obj, test.message)
				}
				status := StatusOf(err)
				beginning, open := strings.CutSuffix(test.message, "*")
				if status.Code != test.code || status.Message != test.message && (!open || !strings.HasPrefix(status.Message, beginning)) {
					t.Errorf("Decode: %d %s\nwant    %d %s", status.Code, status.Message, test.code, test.message)
				}
				return
			}
			if err != nil {
				t.Fatalf("Decode: %v", err)
			}
			if diff := cmp.Diff(test.warnings, warnings); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
			if got := obj.GetObjectKind().GroupVersionKind(); got != test.want {
				t.Errorf("decoded as %v, want %v", got, test.want)
			}
		})
	}
}

func TestDecodeKeepsTheLastDuplicate(t *testing.T) {
	t.Parallel()
	obj, _, err := Decode([]byte(misspelt), "", configMapKind, Warn)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"a": "2"}, obj.(*corev1.ConfigMap).Data); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeProtobuf(t *testing.T) {
	t.Parallel()
	want := &corev1.Secret{
		TypeMeta:   metav1.TypeMeta{Kind: "Secret", APIVersion: "v1"},
		ObjectMeta: metav1.ObjectMeta{Name: "s", Labels: map[string]string{"a": "b"}},
		Data:       map[string][]byte{"k": {1, 2, 3}},
	}
	body, err := Encode(want, Protobuf, false)
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := Decode(body, MediaTypeProtobuf, corev1.SchemeGroupVersion.WithKind("Secret"), Strict)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(runtime.Object(want), got); diff != "" {
		t.Error(diff)
	}
	bare := want.DeepCopy()
	bare.TypeMeta = metav1.TypeMeta{}
	again, err := Encode(bare, Protobuf, false)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(body, again) || bare.Kind != "" {
		t.Error("an object without a kind is encoded otherwise, or was changed")
	}
}

func TestDecodeDeleteOptionsOfAnyGroup(t *testing.T) {
	t.Parallel()
	for _, want := range []runtimeschema.GroupVersion{{Version: "v1"}, {Group: "apps", Version: "v1"}, {Group: "rbac.authorization.k8s.io", Version: "v1"}} {
		for _, sent := range []string{"v1", "apps/v1", "meta.k8s.io/v1", "policy/v1"} {
			body := `{"kind":"DeleteOptions","apiVersion":"` + sent + `","propagationPolicy":"Background"}`
			obj, _, err := Decode([]byte(body), "", want.WithKind("DeleteOptions"), Strict)
			if err != nil {
				t.Fatal(err)
			}
			if options := obj.(*metav1.DeleteOptions); options.PropagationPolicy == nil || *options.PropagationPolicy != metav1.DeletePropagationBackground {
				t.Errorf("got %+v", options)
			}
		}
	}
}

func TestDecodeRefusesBombs(t *testing.T) {
	t.Parallel()
	const size = 3 << 20
	laughs := "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
	for i := 1; i < 12; i++ {
		before := string(rune('a'-1+i)) + "0"
		name := string(rune('a'+i)) + "0"
		laughs += name + ": &" + name + " [" + strings.TrimSuffix(strings.Repeat("*"+before+",", 10), ",") + "]\n"
	}
	bombs := map[string]struct{ body, contentType string }{
		"nested lists":           {strings.Repeat("[", size), ""},
		"nested objects":         {strings.Repeat(`{"a":`, size/5), ""},
		"closed nested lists":    {`{"x":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "}", ""},
		"nested YAML flow":       {strings.Repeat("[", size), MediaTypeYAML},
		"nested YAML sequence":   {strings.Repeat("- ", size/2), MediaTypeYAML},
		"nested YAML mapping":    {strings.Repeat("? ", size/2), MediaTypeYAML},
		"a billion laughs":       {laughs, MediaTypeYAML},
		"nested but short YAML":  {"x: " + strings.Repeat("[", 600) + strings.Repeat("]", 600), MediaTypeYAML},
		"protobuf full of tags":  {"k8s\x00" + strings.Repeat("\x0a", size), MediaTypeProtobuf},
		"protobuf with a length": {"k8s\x00\x12\xff\xff\xff\xff\x07", MediaTypeProtobuf},
	}
	for name, bomb := range bombs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			obj, _, err := Decode([]byte(bomb.body), bomb.contentType, configMapKind, Strict)
			if err == nil {
				t.Fatalf("accepted as %T", obj)
			}
			if status := StatusOf(err); status.Code != 400 || len(status.Message) > 2000 {
				t.Errorf("code %d, %d bytes of message", status.Code, len(status.Message))
			}
		})
	}
}

func TestDecodePatched(t *testing.T) {
	t.Parallel()
	const patched = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"dta":{}}`
	_, _, err := DecodePatched([]byte(patched), configMapKind, Strict, nil)
	if err == nil {
		t.Fatal("an unknown field passed")
	}
	want := ` "" is invalid: patch: Invalid value: "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\"},\"dta\":{}}": strict decoding error: unknown field "dta"`
	if status := StatusOf(err); status.Code != 422 || status.Message != want {
		t.Errorf("got %d %s\nwant 422 %s", status.Code, status.Message, want)
	}
	_, warnings, err := DecodePatched([]byte(patched), configMapKind, "", nil)
	if err != nil || len(warnings) != 1 {
		t.Errorf("warnings %q, error %v", warnings, err)
	}
	if _, _, err = DecodePatched([]byte(`{"data":3}`), configMapKind, Ignore, nil); StatusOf(err).Code != 422 {
		t.Errorf("a wrong type: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, body := range []string{misspelt, `{"metadata":{}}`, "a: b", "- a", "null", "[]", "k8s\x00\x0a\x02\x0a\x00", "a: &a [*a]"} {
		for format := range uint8(3) {
			f.Add([]byte(body), format, "Warn")
		}
	}
	f.Fuzz(func(t *testing.T, body []byte, format uint8, validation string) {
		contentType := Format(format % 3).String()
		for _, want := range []runtimeschema.GroupVersionKind{configMapKind, podKind} {
			obj, _, err := Decode(body, contentType, want, FieldValidation(validation))
			if err != nil {
				if code := StatusOf(err).Code; code != 400 {
					t.Fatalf("code %d for a body: %v", code, err)
				}
				continue
			}
			encoded, err := EncodeJSON(obj)
			if err != nil {
				t.Fatalf("decoded but not encoded: %v", err)
			}
			again, err := DecodeStored(encoded, want)
			if err != nil {
				t.Fatalf("cannot read back %s: %v", encoded, err)
			}
			twice, err := EncodeJSON(again)
			if err != nil || !bytes.Equal(encoded, twice) {
				t.Fatalf("%s\nread and written again is\n%s (%v)", encoded, twice, err)
			}
		}
	})
}
