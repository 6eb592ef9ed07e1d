package schema_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	openapi_v2 "github.com/google/gnostic-models/openapiv2"
	"google.golang.org/protobuf/proto"
	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/cli-runtime/pkg/resource"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	explain "k8s.io/kubectl/pkg/explain/v2"

	"github.com/kubemint/kubemint/apiserver/schema"
	"github.com/kubemint/kubemint/apiserver/schema/openapi"
)

var standard = []string{"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"}

func documents() *schema.OpenAPI {
	writes := []string{"get", "patch", "update"}
	return schema.NewOpenAPI("1.36", []openapi.Resource{
		{Version: "v1", Name: "pods", Kind: "Pod", Namespaced: true, Verbs: standard, Subresources: []openapi.Subresource{
			{Name: "status", Verbs: writes}, {Name: "log", Verbs: []string{"get"}}, {Name: "exec", Kind: "PodExecOptions", Verbs: []string{"create", "get"}},
			{Name: "eviction", Group: "policy", Version: "v1", Kind: "Eviction", Verbs: []string{"create"}},
		}},
		{Version: "v1", Name: "configmaps", Kind: "ConfigMap", Namespaced: true, Verbs: standard},
		{Version: "v1", Name: "namespaces", Kind: "Namespace", Verbs: standard},
		{Group: "apps", Version: "v1", Name: "deployments", Kind: "Deployment", Namespaced: true, Verbs: standard, Subresources: []openapi.Subresource{
			{Name: "scale", Group: "autoscaling", Version: "v1", Kind: "Scale", Verbs: writes},
		}},
		{Group: "rbac.authorization.k8s.io", Version: "v1", Name: "clusterroles", Kind: "ClusterRole", Verbs: standard},
		{Group: "example.com", Version: "v1", Name: "widgets", Kind: "Widget", Verbs: standard},
	})
}

// serve answers as the routes of the API server do.
func serve(t *testing.T) *rest.Config {
	docs := documents()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body []byte
		var err error
		path := strings.Trim(strings.TrimPrefix(r.URL.Path, "/openapi/v3"), "/")
		switch {
		case r.URL.Path == "/openapi/v2":
			w.Header().Set("Content-Type", "application/com.github.proto-openapi.spec.v2.v1.0+protobuf")
			body, _, err = docs.V2Proto()
		case path == "":
			w.Header().Set("Content-Type", "application/json")
			body, err = docs.Index()
		default:
			w.Header().Set("Content-Type", "application/json")
			body, _, err = docs.V3(path)
		}
		if err != nil || body == nil {
			http.Error(w, "no", http.StatusNotFound)
			return
		}
		_, _ = w.Write(body)
	}))
	t.Cleanup(server.Close)
	return &rest.Config{Host: server.URL}
}

// TestOpenAPIForKubectl asks what kubectl asks: may the server validate fields (API-38), and what
// does explain say (API-42)?
func TestOpenAPIForKubectl(t *testing.T) {
	t.Parallel()
	client, err := discovery.NewDiscoveryClientForConfig(serve(t))
	if err != nil {
		t.Fatal(err)
	}
	v3 := client.OpenAPIV3()
	verifier := resource.NewQueryParamVerifierV3(nil, v3, resource.QueryParamFieldValidation)
	for _, kind := range []runtimeschema.GroupVersionKind{
		{Version: "v1", Kind: "Pod"}, {Version: "v1", Kind: "Namespace"}, {Group: "apps", Version: "v1", Kind: "Deployment"},
		{Group: "rbac.authorization.k8s.io", Version: "v1", Kind: "ClusterRole"},
	} {
		if err := verifier.HasSupport(kind); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
	for _, test := range []struct {
		resource runtimeschema.GroupVersionResource
		fields   []string
		want     []string
	}{
		{runtimeschema.GroupVersionResource{Version: "v1", Resource: "pods"}, []string{"spec", "containers"},
			[]string{"KIND:       Pod", "FIELD: containers <[]Container>", "List of containers belonging to the pod", "imagePullPolicy", "-required-"}},
		{runtimeschema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}, nil,
			[]string{"GROUP:      apps", "Deployment enables declarative updates for Pods and ReplicaSets.", "<DeploymentSpec>"}},
		{runtimeschema.GroupVersionResource{Version: "v1", Resource: "namespaces"}, []string{"metadata", "creationTimestamp"}, []string{"FIELD: creationTimestamp <string>"}},
	} {
		var text bytes.Buffer
		if err := explain.PrintModelDescription(test.fields, &text, v3, test.resource, false, 0, "plaintext"); err != nil {
			t.Errorf("explain %s: %v", test.resource.Resource, err)
		}
		for _, want := range test.want {
			if !strings.Contains(text.String(), want) {
				t.Errorf("explain %s %v says nothing of %q:\n%s", test.resource.Resource, test.fields, want, &text)
			}
		}
	}
	v2, err := client.OpenAPISchema()
	if err != nil {
		t.Fatal(err)
	}
	if got := len(v2.GetDefinitions().GetAdditionalProperties()); got < 150 {
		t.Errorf("%d definitions in version 2", got)
	}
}

func TestOpenAPIIndexAndHashes(t *testing.T) {
	t.Parallel()
	docs := documents()
	text, err := docs.Index()
	if err != nil {
		t.Fatal(err)
	}
	var index struct {
		Paths map[string]struct{ ServerRelativeURL string }
	}
	if err := json.Unmarshal(text, &index); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"api", "api/v1", "apis", "apis/apps", "apis/apps/v1", "apis/rbac.authorization.k8s.io/v1", "version"} {
		body, hash, err := docs.V3(path)
		if err != nil || !json.Valid(body) {
			t.Errorf("%s: %v", path, err)
		}
		if want := "/openapi/v3/" + path + "?hash=" + hash; index.Paths[path].ServerRelativeURL != want || len(hash) != 128 {
			t.Errorf("%s is at %q, want %q", path, index.Paths[path].ServerRelativeURL, want)
		}
	}
	if body, _, err := docs.V3("apis/example.com/v1"); body != nil || err != nil {
		t.Errorf("a kind without a schema is documented: %v", err)
	}
	_, hash, err := documents().V3("api/v1")
	if err != nil {
		t.Fatal(err)
	}
	if _, again, _ := docs.V3("api/v1"); again != hash {
		t.Error("the hash differs from one server to the next")
	}
}

// TestOpenAPIOperations looks at what clients read from the operations (API-40, API-41).
func TestOpenAPIOperations(t *testing.T) {
	t.Parallel()
	body, _, err := documents().V3("api/v1")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths      map[string]map[string]json.RawMessage
		Components struct {
			Schemas map[string]struct {
				Properties map[string]map[string]any
				GVK        []map[string]string `json:"x-kubernetes-group-version-kind"`
			}
		}
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		t.Fatal(err)
	}
	type operation struct {
		OperationID string
		Action      string            `json:"x-kubernetes-action"`
		GVK         map[string]string `json:"x-kubernetes-group-version-kind"`
		Parameters  []struct{ Name, In string }
		RequestBody struct{ Content map[string]any }
	}
	for _, test := range []struct{ path, method, id, action, kind string }{
		{"/api/v1/namespaces/{namespace}/configmaps/{name}", "patch", "patchCoreV1NamespacedConfigMap", "patch", "ConfigMap"},
		{"/api/v1/namespaces/{namespace}/configmaps", "get", "listCoreV1NamespacedConfigMap", "list", "ConfigMap"},
		{"/api/v1/namespaces/{namespace}/configmaps", "delete", "deleteCoreV1CollectionNamespacedConfigMap", "deletecollection", "ConfigMap"},
		{"/api/v1/configmaps", "get", "listCoreV1ConfigMapForAllNamespaces", "list", "ConfigMap"},
		{"/api/v1/namespaces/{name}", "put", "replaceCoreV1Namespace", "put", "Namespace"},
		{"/api/v1/namespaces/{namespace}/pods/{name}/status", "patch", "patchCoreV1NamespacedPodStatus", "patch", "Pod"},
		{"/api/v1/namespaces/{namespace}/pods/{name}/eviction", "post", "createCoreV1NamespacedPodEviction", "post", "Eviction"},
		{"/api/v1/namespaces/{namespace}/pods/{name}/exec", "get", "connectCoreV1GetNamespacedPodExec", "connect", "PodExecOptions"},
		{"/api/v1/namespaces/{namespace}/pods/{name}/log", "get", "readCoreV1NamespacedPodLog", "get", "Pod"},
	} {
		var got operation
		if err := json.Unmarshal(doc.Paths[test.path][test.method], &got); err != nil {
			t.Errorf("%s %s: %v", test.method, test.path, err)
			continue
		}
		if got.OperationID != test.id || got.Action != test.action || got.GVK["kind"] != test.kind {
			t.Errorf("%s %s is %+v", test.method, test.path, got)
		}
		if test.method == "patch" {
			if !slices.ContainsFunc(got.Parameters, func(p struct{ Name, In string }) bool { return p.Name == "fieldValidation" && p.In == "query" }) ||
				got.RequestBody.Content["application/strategic-merge-patch+json"] == nil {
				t.Errorf("%s lacks what kubectl looks for: %+v", test.path, got)
			}
		}
	}
	containers := doc.Components.Schemas["io.k8s.api.core.v1.PodSpec"].Properties["containers"]
	if containers["x-kubernetes-list-type"] != "map" || containers["x-kubernetes-patch-merge-key"] != "name" || containers["x-kubernetes-patch-strategy"] != "merge" {
		t.Errorf("containers: %v", containers)
	}
	if got := doc.Components.Schemas["io.k8s.api.core.v1.Pod"].GVK; len(got) != 1 || got[0]["kind"] != "Pod" || got[0]["version"] != "v1" {
		t.Errorf("Pod: %v", got)
	}
	if _, ok := doc.Components.Schemas["io.k8s.api.core.v1.Service"]; ok {
		t.Error("a kind that is not served is documented")
	}
}

func TestOpenAPIVersion2(t *testing.T) {
	t.Parallel()
	docs := documents()
	text, _, err := docs.V2JSON()
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte("#/components/")) || bytes.Contains(text, []byte(`"allOf"`)) || bytes.Contains(text, []byte(`"oneOf"`)) {
		t.Error("parts of version 3 in version 2")
	}
	var doc struct {
		Definitions map[string]struct {
			Type, Format string
			Properties   map[string]map[string]any
		}
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	if d := doc.Definitions["io.k8s.apimachinery.pkg.util.intstr.IntOrString"]; d.Type != "string" || d.Format != "int-or-string" {
		t.Errorf("IntOrString: %+v", d)
	}
	if p := doc.Definitions["io.k8s.api.core.v1.Pod"].Properties["spec"]; p["$ref"] != "#/definitions/io.k8s.api.core.v1.PodSpec" || p["description"] == "" || p["default"] != nil {
		t.Errorf("spec of Pod: %v", p)
	}
	message, _, err := docs.V2Proto()
	if err != nil {
		t.Fatal(err)
	}
	var parsed openapi_v2.Document
	if err := proto.Unmarshal(message, &parsed); err != nil {
		t.Fatal(err)
	}
	if parsed.GetSwagger() != "2.0" || len(parsed.GetPaths().GetPath()) < 15 {
		t.Errorf("version %s, %d paths", parsed.GetSwagger(), len(parsed.GetPaths().GetPath()))
	}
}

func BenchmarkOpenAPI(b *testing.B) {
	b.Run("New", func(b *testing.B) {
		for b.Loop() {
			documents()
		}
	})
	b.Run("V3", func(b *testing.B) {
		for b.Loop() {
			if _, err := documents().Index(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("V2", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := documents().V2Proto(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
