package rest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/kubemint/kubemint/apiserver/servertest"
)

// exchange is one request and what a real server of this version answers: the code and, if it is an error, its message.
type exchange struct {
	name, method, path, body string
	headers                  []string
	code                     int
	want                     string // the message of a Status, or else a part of the body
}

// run sends exchanges one after another.
func run(t *testing.T, s *servertest.Server, table []exchange) {
	t.Helper()
	for _, tt := range table {
		w := s.Call(t, tt.method, tt.path, tt.body, tt.headers...)
		var status struct{ Kind, Message, Status string }
		if err := json.Unmarshal(w.Body.Bytes(), &status); err == nil && status.Kind == "Status" && status.Status == "Failure" {
			if w.Code != tt.code || status.Message != tt.want {
				t.Errorf("%s: %s %s\n got %d %s\nwant %d %s", tt.name, tt.method, tt.path, w.Code, status.Message, tt.code, tt.want)
			}
			continue
		}
		if w.Code != tt.code || !strings.Contains(w.Body.String(), tt.want) {
			t.Errorf("%s: %s %s\n got %d %s\nwant %d …%s…", tt.name, tt.method, tt.path, w.Code, w.Body, tt.code, tt.want)
		}
	}
}

const (
	cms      = inDefault + "/configmaps"
	invalid  = `ConfigMap in version "v1" cannot be handled as a ConfigMap: `
	modified = `Operation cannot be fulfilled on configmaps "c": the object has been modified; please apply your changes to the latest version and try again`
)

func contentType(t string) []string { return []string{"Content-Type", t} }

var (
	yamlBody  = contentType("application/yaml")
	merge     = contentType("application/merge-patch+json")
	strategic = contentType("application/strategic-merge-patch+json")
	jsonPatch = contentType("application/json-patch+json")
	apply     = contentType("application/apply-patch+yaml")
)

func TestCreate(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	run(t, s, []exchange{
		{"API-70: no kind", "POST", cms, `{"metadata":{"name":"a"}}`, nil, 201, `{"kind":"ConfigMap","apiVersion":"v1","metadata":{`},
		{"API-70: another kind", "POST", cms, `{"kind":"Pod","apiVersion":"v1"}`, nil, 400, `Pod in version "v1" cannot be handled as a ConfigMap: converting (v1.Pod) to (core.ConfigMap): unknown conversion`},
		{"API-70: an unknown kind", "POST", cms, `{"kind":"Nope","apiVersion":"v1"}`, nil, 400, `Nope in version "v1" cannot be handled as a ConfigMap: no kind "Nope" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"`},
		{"API-70: no version", "POST", cms, `{"kind":"ConfigMap","apiVersion":"a/b/c"}`, nil, 400, `the object provided is unrecognized (must be of type ConfigMap): unexpected GroupVersion string: a/b/c ({"kind":"ConfigMap","apiVersio ...)`},
		{"API-70: nothing", "POST", cms, "", nil, 400, `the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)`},
		{"API-142: a wrong type", "POST", cms, `{"kind":"ConfigMap","apiVersion":"v1","data":{"a":1}}`, nil, 400, invalid + "json: cannot unmarshal number into Go struct field ConfigMap.data of type string"},
		{"API-71: another namespace", "POST", cms, `{"metadata":{"name":"a","namespace":"b"}}`, nil, 400, "the namespace of the provided object does not match the namespace sent on the request"},
		{"API-73: a resource version", "POST", cms, `{"metadata":{"name":"b","resourceVersion":"1"}}`, nil, 500, "resourceVersion should not be set on objects to be created"},
		{"API-73: a dry run does not store it", "POST", cms + "?dryRun=All", `{"metadata":{"name":"b","resourceVersion":"1"}}`, nil, 201, `"resourceVersion":"1"`},
		{"API-74: neither name", "POST", cms, `{"metadata":{}}`, nil, 422, `ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required`},
		{"API-75: it is there", "POST", cms, `{"metadata":{"name":"a"}}`, nil, 409, `configmaps "a" already exists`},
		{"API-75: a dry run sees it", "POST", cms + "?dryRun=All", `{"metadata":{"name":"a"}}`, nil, 409, `configmaps "a" already exists`},
		{"API-72: what is wiped has no owner", "POST", cms, `{"metadata":{"name":"w","generation":7,"deletionTimestamp":"2020-01-01T00:00:00Z","deletionGracePeriodSeconds":3,"uid":"u","creationTimestamp":"2020-01-01T00:00:00Z"}}`, nil, 201, `"generation":7,"creationTimestamp":"2026-01-02T03:04:05Z"}}`},
		{"API-89: no namespace", "POST", "/api/v1/namespaces/nope/configmaps", `{"metadata":{"name":"a"}}`, nil, 404, `namespaces "nope" not found`},
		{"API-96: strict", "POST", cms + "?fieldValidation=Strict", `{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"x","foo":{}},"data":{"a":"1","a":"2"},"bar":1}`, nil, 400,
			invalid + `strict decoding error: unknown field "metadata.foo", duplicate field "data.a", unknown field "bar"`},
		{"API-96: strict YAML", "POST", cms + "?fieldValidation=Strict", "metadata:\n  name: w\n  name: x\nfoo: 1\n", yamlBody, 400,
			invalid + "strict decoding error: yaml: unmarshal errors:\n  line 3: key \"name\" already set in map, unknown field \"foo\""},
		{"API-96: another value", "POST", cms + "?fieldValidation=X", `{}`, nil, 422, `CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "X": supported values: "", "Ignore", "Strict", "Warn"`},
		{"API-99: another dry run", "POST", cms + "?dryRun=some", `{}`, nil, 422, `CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["some"]: supported values: "All"`},
		{"API-100: a manager that cannot be printed", "POST", cms + "?fieldManager=%00", `{}`, nil, 422, `CreateOptions.meta.k8s.io "" is invalid: fieldManager: Invalid value: "\x00": invalid character U+0000 (at position 0)`},
		{"API-53: another media type", "POST", cms, `{}`, contentType("text/plain"), 415, "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf"},
		{"API-55: no protobuf", "POST", cms, `{}`, contentType("application/vnd.kubernetes.protobuf"), 400, "the object provided is unrecognized (must be of type ConfigMap): provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] ({})"},
		{"a list without items", "POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles", `{"metadata":{"name":"r"},"rules":[]}`, nil, 201, `"rules":null`},
	})
	for _, tt := range []struct{ name, path, body, contentType, want string }{
		{"API-97: JSON", cms + "?dryRun=All", `{"metadata":{"name":"x"},"data":{"a":"1","a":"2"},"foo":1}`, "", `299 - "duplicate field \"data.a\""|299 - "unknown field \"foo\""`},
		{"API-97: YAML", cms + "?dryRun=All", "metadata:\n  name: w\n  name: x\nfoo: 1\n", "application/yaml", `299 - "line 3: key \"name\" already set in map"|299 - "unknown field \"foo\""`},
		{"API-96: ignored", cms + "?dryRun=All&fieldValidation=Ignore", `{"metadata":{"name":"x"},"foo":1}`, "", ""},
		{"API-84: owners that are there twice", cms + "?dryRun=All", `{"metadata":{"name":"x","ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"p","uid":"1"},{"apiVersion":"v1","kind":"Pod","name":"p","uid":"1"}]}}`, "",
			`299 - ".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: 1"`},
	} {
		w := s.Call(t, http.MethodPost, tt.path, tt.body, "Content-Type", tt.contentType)
		if got := strings.Join(w.Header().Values("Warning"), "|"); w.Code != http.StatusCreated || got != tt.want {
			t.Errorf("%s: %d, warnings %s\nwant %s", tt.name, w.Code, got, tt.want)
		}
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	s.Must(t, http.MethodPost, cms, `{"metadata":{"name":"c"},"data":{"k":"v"}}`)
	const roles = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles"
	const leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases"
	uid := between(s.Must(t, http.MethodGet, cms+"/c", ""), `"uid":"`, `"`)
	run(t, s, []exchange{
		{"API-71: another name", "PUT", cms + "/c", `{"metadata":{"name":"d"}}`, nil, 400, "the name of the object (d) does not match the name on the URL (c)"},
		{"API-71: no name", "PUT", cms + "/c", `{}`, nil, 400, "the name of the object (c based on URL) was undeterminable: name must be provided"},
		{"API-76: an old version", "PUT", cms + "/c", `{"metadata":{"name":"c","resourceVersion":"1"}}`, nil, 409, modified},
		{"API-76: no version", "PUT", cms + "/c", `{"metadata":{"name":"c"},"data":{"k":"v"}}`, nil, 200, `"data":{"k":"v"}`},
		{"API-76: no number", "PUT", cms + "/c", `{"metadata":{"name":"c","resourceVersion":"x"}}`, nil, 500, `strconv.ParseUint: parsing "x": invalid syntax`},
		{"API-77: another uid", "PUT", cms + "/c", `{"metadata":{"name":"c","uid":"u"}}`, nil, 409, `Operation cannot be fulfilled on configmaps "c": StorageError: invalid object, Code: 4, Key: /registry/configmaps/default/c, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: u, UID in object meta: ` + uid},
		{"API-77: another uid, dry run", "PUT", cms + "/c?dryRun=All", `{"metadata":{"name":"c","uid":"u"}}`, nil, 409, `Operation cannot be fulfilled on configmaps "c": StorageError: invalid object, Code: 4, Key: /configmaps/default/c, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: u, UID in object meta: ` + uid},
		{"API-78: not there", "PUT", cms + "/d", `{"metadata":{"name":"d"}}`, nil, 404, `configmaps "d" not found`},
		{"API-78: made, dry run", "PUT", roles + "/r?dryRun=All", `{"metadata":{"name":"r"}}`, nil, 201, `"name":"r"`},
		{"API-78: made", "PUT", roles + "/r", `{"metadata":{"name":"r"}}`, nil, 201, `"name":"r"`},
		{"API-76: must be locked", "PUT", leases + "/l", `{"metadata":{"name":"l"},"spec":{}}`, nil, 201, `"name":"l"`},
		{"API-76: is not", "PUT", leases + "/l", `{"metadata":{"name":"l"},"spec":{"holderIdentity":"x"}}`, nil, 422, `leases.coordination.k8s.io "l" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update`},
		{"API-97: strict", "PUT", cms + "/c?fieldValidation=Strict", `{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"c"},"foo":1}`, nil, 400, invalid + `strict decoding error: unknown field "foo"`},
	})
	before := s.Must(t, http.MethodGet, cms+"/c", "")
	if after := s.Must(t, http.MethodPut, cms+"/c", `{"metadata":{"name":"c"},"data":{"k":"v"}}`); between(after, `"resourceVersion":"`, `"`) != between(before, `"resourceVersion":"`, `"`) {
		t.Errorf("API-79: an update that changes nothing is %s, before %s", after, before)
	}
}

func TestPatch(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	s.Must(t, http.MethodPost, cms, `{"metadata":{"name":"c","labels":{"a":"b"}},"data":{"k":"v"}}`)
	s.Must(t, http.MethodPost, "/apis/apps/v1/namespaces/default/deployments", `{"metadata":{"name":"d"},"spec":{"replicas":1,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"},{"name":"e","image":"i"}]}}}}`)
	const rejected = "the server rejected our request due to an error in our request"
	const deployment = "/apis/apps/v1/namespaces/default/deployments/d"
	run(t, s, []exchange{
		{"API-53: no type", "PATCH", cms + "/c", `{}`, nil, 415, "415: Unsupported Media Type"},
		{"API-53: a type by another case", "PATCH", cms + "/c", `{}`, contentType("Application/merge-patch+json"), 415, "415: Unsupported Media Type"},
		{"API-100: force", "PATCH", cms + "/c?force=true", `{}`, merge, 422, `PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch`},
		{"API-156: not there", "PATCH", cms + "/d", `{}`, merge, 404, `configmaps "d" not found`},
		{"API-156: a lock", "PATCH", cms + "/c", `{"metadata":{"resourceVersion":"1"}}`, merge, 409, modified},
		{"API-157: no operations", "PATCH", cms + "/c", `{}`, jsonPatch, 400, "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp"},
		{"API-157: a test that fails", "PATCH", cms + "/c", `[{"op":"test","path":"/data/k","value":"w"}]`, jsonPatch, 422, rejected},
		{"API-157: a path that is not there", "PATCH", cms + "/c", `[{"op":"remove","path":"/data/z"}]`, jsonPatch, 422, rejected},
		{"API-157: operations", "PATCH", cms + "/c", `[{"op":"add","path":"/data/a.b","value":"1"},{"op":"copy","from":"/data/k","path":"/data/l"},{"op":"move","from":"/data/l","path":"/data/m"}]`, jsonPatch, 200, `"data":{"a.b":"1","k":"v","m":"v"}`},
		{"API-158: no JSON", "PATCH", cms + "/c", `{`, merge, 400, "error decoding patch: unexpected end of JSON input"},
		{"API-158: null takes away", "PATCH", cms + "/c?dryRun=All", `{"data":null}`, merge, 200, `"labels":{"a":"b"}`},
		{"API-71: another name", "PATCH", cms + "/c", `{"metadata":{"name":"d"}}`, merge, 400, "the name of the object (d) does not match the name on the URL (c)"},
		{"API-159: lists by their keys", "PATCH", deployment, `{"spec":{"template":{"spec":{"containers":[{"name":"c","image":"j"},{"name":"e","$patch":"delete"}]}}}}`, strategic, 200, `"containers":[{"name":"c","image":"j"`},
		{"API-32: scale", "PATCH", deployment + "/scale", `{"spec":{"replicas":3}}`, merge, 200, `"spec":{"replicas":3}`},
		{"API-81: status", "PATCH", deployment + "/status", `{"status":{"replicas":3},"spec":{"replicas":9}}`, merge, 200, `"replicas":3`},
		{"API-32: scale below nothing", "PATCH", deployment + "/scale", `{"spec":{"replicas":-1}}`, merge, 422, `Scale.autoscaling "d" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0`},
	})
}

func TestApply(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	const head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n"
	run(t, s, []exchange{
		{"API-100: nobody's", "PATCH", cms + "/c", head, apply, 422, `PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch`},
		{"API-162: made", "PATCH", cms + "/c?fieldManager=one", head + "data: {k: v}\n", apply, 201, `"operation":"Apply"`},
		{"API-165: a conflict", "PATCH", cms + "/c?fieldManager=two", head + "data: {k: w}\n", apply, 409, `Apply failed with 1 conflict: conflict with "one": .data.k`},
		{"API-165: force", "PATCH", cms + "/c?fieldManager=two&force=true", head + "data: {k: w}\n", apply, 200, `"data":{"k":"w"}`},
		{"API-166: what nobody wants any more goes", "PATCH", cms + "/c?fieldManager=two", head + "data: {l: w}\n", apply, 200, `"data":{"l":"w"}`},
		{"API-161: another version", "PATCH", cms + "/c?fieldManager=one", "apiVersion: v2\nkind: ConfigMap\n", apply, 400, "invalid object type: /v2, Kind=ConfigMap"},
		{"API-161: managed fields", "PATCH", cms + "/c?fieldManager=one", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, managedFields: [{manager: x}]}\n", apply, 400, "metadata.managedFields must be nil"},
		{"API-97: an unknown field", "PATCH", cms + "/c?fieldManager=one", head + "foo: 1\n", apply, 500, `failed to create typed patch object (/c; /v1, Kind=ConfigMap): .foo: field not declared in schema`},
	})
	w := s.Call(t, http.MethodPatch, cms+"/c?fieldManager=three", head+"data: {l: x}\n", apply...)
	if want := `"causes":[{"reason":"FieldManagerConflict","message":"conflict with \"two\"","field":".data.l"}]`; !strings.Contains(w.Body.String(), want) {
		t.Errorf("API-165: %s", w.Body)
	}
}

func between(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	return s
}
