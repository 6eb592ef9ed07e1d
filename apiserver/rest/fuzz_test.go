package rest_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/kubemint/kubemint/apiserver/registry"
	"github.com/kubemint/kubemint/apiserver/servertest"
)

// The targets of this file send what they are given through the whole server. They hold it to this: it does not panic, what it says is
// what its Content-Type says it is, and nobody gets what he did not ask for.

const inDefault = "/api/v1/namespaces/default"

// answered checks what is true of any answer.
func answered(t *testing.T, r *http.Request, w *httptest.ResponseRecorder) {
	t.Helper()
	body := w.Body.Bytes()
	if bytes.Contains(body, []byte("caused apiserver to panic")) {
		t.Fatalf("%s %s: it panicked", r.Method, r.URL)
	}
	if strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") && r.Method != http.MethodHead {
		for d := json.NewDecoder(bytes.NewReader(body)); d.More(); {
			var v map[string]any
			if err := d.Decode(&v); err != nil {
				t.Fatalf("%s %s: %d is not JSON: %v: %.300s", r.Method, r.URL, w.Code, err, body)
			}
		}
	}
}

// send makes a request out of parts that may not make one.
func send(t *testing.T, s *servertest.Server, method, path, query string, body []byte, headers ...string) (*http.Request, *httptest.ResponseRecorder) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, "http://kubernetes/", bytes.NewReader(body))
	if err != nil {
		t.Skip()
	}
	r.URL.Path, r.URL.RawQuery = path, query
	r.Header.Set("Authorization", "Bearer "+servertest.AdminToken)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	r.RemoteAddr = "127.0.0.1:1"
	w := s.Do(r)
	answered(t, r, w)
	return r, w
}

// collections are the paths under which objects are made.
func collections() []string {
	var out []string
	for _, r := range registry.Table() {
		path := "/apis/" + r.Group + "/" + r.Version
		if r.Group == "" {
			path = "/api/" + r.Version
		}
		if r.Namespaced {
			path += "/namespaces/default"
		}
		out = append(out, path+"/"+r.Name)
	}
	return out
}

// FuzzBody: a body of any media type, for any kind.
func FuzzBody(f *testing.F) {
	s := servertest.Start(f)
	paths := collections()
	types := []string{"application/json", "application/yaml", "application/vnd.kubernetes.protobuf"}
	for i, body := range []string{
		`{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i","env":[{"name":"A","valueFrom":{}}]}]}}`,
		`{"metadata":{"name":"x","finalizers":["a"],"ownerReferences":[{}],"managedFields":[{}]},"data":{"a":"","a":"b"},"unknown":1}`,
		"metadata:\n  name: &n x\n  labels: {a: *n}\nrules:\n- verbs: ['*']\nroleRef: {}\n", "k8s\x00\n\x0f\n\x02v1\x12\tConfigMap\x12\x07\n\x05\n\x01x\x12\x00\x1a\x00\"\x00",
		`{"spec":{"type":"LoadBalancer","clusterIP":"10.96.0.1","ports":[{"port":1,"targetPort":"a"}],"schedule":"* * * * *","request":"AA==","signerName":"a/b","replicas":-1,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{}}}}`,
		"null", "[]", "{", "",
	} {
		for kind := range 4 {
			f.Add(uint8(i*4+kind), uint8(i), kind%2 == 0, []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, kind, mediaType uint8, strict bool, body []byte) {
		query := "dryRun=All&fieldValidation=Warn"
		if strict {
			query = "dryRun=All&fieldValidation=Strict"
		}
		path := paths[int(kind)%len(paths)]
		contentType := types[int(mediaType)%len(types)]
		send(t, s, http.MethodPost, path, query, body, "Content-Type", contentType)
		send(t, s, http.MethodPut, path+"/x", query, body, "Content-Type", contentType)
		send(t, s, http.MethodDelete, path+"/x", query, body, "Content-Type", contentType)
	})
}

// objects are there to be patched: one of each way in which patches are applied.
func objects(f *testing.F, s *servertest.Server) []string {
	f.Helper()
	for path, body := range map[string]string{
		inDefault + "/configmaps":      `{"metadata":{"name":"x","labels":{"a":"b"}},"data":{"k":"v"}}`,
		inDefault + "/serviceaccounts": `{"metadata":{"name":"x"},"secrets":[{"name":"a"},{"name":"b"}]}`,
		inDefault + "/services":        `{"metadata":{"name":"x"},"spec":{"ports":[{"port":80}]}}`,
		"/apis/apps/v1/namespaces/default/deployments": `{"metadata":{"name":"x"},"spec":{"selector":{"matchLabels":{"a":"b"}},
			"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i","env":[{"name":"A","value":"1"}]}]}}}}`,
		"/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles": `{"metadata":{"name":"x"},"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}]}`,
	} {
		s.Must(f, http.MethodPost, path, body)
	}
	return []string{
		inDefault + "/configmaps/x", inDefault + "/serviceaccounts/x", inDefault + "/services/x", "/apis/apps/v1/namespaces/default/deployments/x",
		"/apis/apps/v1/namespaces/default/deployments/x/scale", "/apis/apps/v1/namespaces/default/deployments/x/status",
		"/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles/x", "/api/v1/namespaces/default", "/api/v1/namespaces/default/status",
	}
}

// FuzzPatch: all four types of patches. Whatever they say, an object stays itself.
func FuzzPatch(f *testing.F) {
	s := servertest.Start(f)
	targets := objects(f, s)
	types := []string{"application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json", "application/apply-patch+yaml"}
	for i, body := range []string{
		`[{"op":"add","path":"/metadata/labels/x~1y","value":"z"},{"op":"copy","from":"/metadata","path":"/data"},{"op":"move","from":"/a","path":"/b"},{"op":"test","path":"/kind"},{"op":"remove","path":"/data/-"}]`,
		`{"metadata":{"labels":null,"name":"y","uid":"z","managedFields":[]},"data":{"k":null}}`,
		`{"$patch":"replace","secrets":[{"$patch":"delete","name":"a"},{"name":"c"}],"$setElementOrder/secrets":[{"name":"c"}],"metadata":{"$deleteFromPrimitiveList/finalizers":["a"],"$retainKeys":["name"]}}`,
		`{"spec":{"template":{"spec":{"containers":[{"name":"c","$patch":"delete"},{"name":"d","image":"j"}],"$setElementOrder/containers":[{"name":"d"}]}},"replicas":3}}`,
		"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata: {k: w}\n", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {replicas: 2}\n",
		"apiVersion: autoscaling/v1\nkind: Scale\nspec: {replicas: 2}\n", `{"rules":[]}`, "null", "[]", "[null]", "{", "",
	} {
		for kind := range types {
			f.Add(uint8(i), uint8(kind), true, []byte(body))
			f.Add(uint8(i+kind), uint8(kind), false, []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, target, kind uint8, strict bool, body []byte) {
		path, contentType := targets[int(target)%len(targets)], types[int(kind)%len(types)]
		query := url.Values{"dryRun": {"All"}, "fieldManager": {"m"}}
		if strict {
			query.Set("fieldValidation", "Strict")
		}
		if strings.Contains(contentType, "apply") {
			query.Set("force", "true")
		}
		before := s.Must(t, http.MethodGet, path, "")
		_, w := send(t, s, http.MethodPatch, path, query.Encode(), body, "Content-Type", contentType)
		if w.Code == http.StatusOK {
			if got, want := identity(t, w.Body.String()), identity(t, before); got != want {
				t.Errorf("it became %s, was %s", got, want)
			}
		}
		if after := s.Must(t, http.MethodGet, path, ""); after != before {
			t.Errorf("a dry run changed it:\n%s\n%s", before, after)
		}
	})
}

// identity is what no write may change.
func identity(t *testing.T, object string) string {
	t.Helper()
	var o struct {
		Kind     string
		Metadata struct{ Name, Namespace, UID, CreationTimestamp string }
	}
	if err := json.Unmarshal([]byte(object), &o); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(o)
}

// FuzzQuery: any query and Accept header of a read, Tables and selectors among them.
func FuzzQuery(f *testing.F) {
	s := servertest.Start(f)
	targets := objects(f, s)
	targets = append(targets, inDefault+"/configmaps", "/api/v1/pods", "/apis/apps/v1/deployments", "/api", "/apis", "/version", "/livez", "/openapi/v3", inDefault+"/pods/p/log")
	table := "application/json;as=Table;v=v1;g=meta.k8s.io"
	for i, query := range []string{
		"limit=1&includeObject=Object", "labelSelector=a+in+(b,c),!d,e!=f,g>1&fieldSelector=metadata.name%3Dx,spec.nodeName!%3D", "continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTEsInN0YXJ0IjoiYVx1MDAwMCJ9",
		"resourceVersion=5&resourceVersionMatch=Exact", "pretty=1&timeout=1s", "limit=-1&timeoutSeconds=99999999999999999999", "watch=false&sendInitialEvents=1", "verbose&exclude=ping", "container=c&follow=0&tailLines=-1", "%zz&;=",
	} {
		f.Add(uint8(i), query, table)
		f.Add(uint8(i+9), query, "application/yaml;q=0.5, */*;q=0.1")
		f.Add(uint8(i+9), query, "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json;as=APIGroupDiscoveryList;v=v2;g=apidiscovery.k8s.io;pretty=1")
	}
	f.Fuzz(func(t *testing.T, target uint8, query, accept string) {
		if v, _ := url.ParseQuery(query); v.Has("watch") {
			query += "&watch=false"
			if v.Get("watch") != "false" {
				t.Skip() // a watch has no end: it has a target of its own
			}
		}
		send(t, s, http.MethodGet, targets[int(target)%len(targets)], query, nil, "Accept", accept)
	})
}

// FuzzWatch: any options of a watch.
func FuzzWatch(f *testing.F) {
	s := servertest.Start(f)
	objects(f, s)
	for _, query := range []string{
		"resourceVersion=0", "resourceVersion=1", "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true", "timeoutSeconds=1&fieldSelector=metadata.name%3Dx", "resourceVersion=-1&limit=3", "includeObject=None",
	} {
		f.Add(query, "application/json;as=Table;v=v1;g=meta.k8s.io")
		f.Add(query, "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io")
	}
	f.Fuzz(func(t *testing.T, query, accept string) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Millisecond)
		defer cancel()
		r := servertest.Request(ctx, http.MethodGet, inDefault+"/configmaps", "", "Accept", accept)
		r.URL.RawQuery = "watch=1&" + query
		answered(t, r, s.Do(r))
	})
}

// FuzzContinue: a token that anybody may have made leads nowhere but through the collection it is used on.
func FuzzContinue(f *testing.F) {
	s := servertest.Start(f)
	s.Must(f, http.MethodPost, "/api/v1/namespaces", `{"metadata":{"name":"other"}}`)
	for _, ns := range []string{"default", "other"} {
		for i := range 4 {
			s.Must(f, http.MethodPost, "/api/v1/namespaces/"+ns+"/configmaps", fmt.Sprintf(`{"metadata":{"name":"c%d"}}`, i))
		}
	}
	for _, start := range []string{"c1\x00", "../other/c1\x00", "/c1\x00", "", "\x00", "default/c1", "zz"} {
		for _, rv := range []int64{-1, 0, 1, 2, 1 << 40} {
			f.Add(start, rv, "meta.k8s.io/v1", "")
		}
	}
	f.Add("", int64(0), "", "AAAA")
	f.Add("", int64(0), "", "!")
	f.Fuzz(func(t *testing.T, start string, rv int64, version, raw string) {
		token := raw
		if token == "" {
			b, err := json.Marshal(map[string]any{"v": version, "rv": rv, "start": start})
			if err != nil {
				t.Skip()
			}
			token = base64.RawURLEncoding.EncodeToString(b)
		}
		_, w := send(t, s, http.MethodGet, inDefault+"/configmaps", url.Values{"continue": {token}, "limit": {"2"}}.Encode(), nil)
		switch w.Code {
		case http.StatusOK, http.StatusBadRequest, http.StatusGone, http.StatusGatewayTimeout:
		default:
			t.Errorf("%d %s", w.Code, w.Body)
		}
		if strings.Contains(w.Body.String(), `"namespace":"other"`) {
			t.Errorf("it led into another namespace: %s", w.Body)
		}
	})
}
