package apiserver_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/kubemint/kubemint/apiserver/servertest"
)

// TestBinding: API-219.
func TestBinding(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	const pods = "/api/v1/namespaces/default/pods"
	s.Must(t, http.MethodPost, "/api/v1/namespaces/default/serviceaccounts", `{"metadata":{"name":"default"}}`)
	pod := s.Must(t, http.MethodPost, pods, `{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}}`)
	uid, rv := between(pod, `"uid":"`, `"`), between(pod, `"resourceVersion":"`, `"`)
	fill := strings.NewReplacer("$UID", uid, "$RV", rv).Replace
	const precondition = `Operation cannot be fulfilled on pods "p": StorageError: invalid object, Code: 4, Key: /registry/pods/default/p, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: `
	for _, tt := range []struct {
		name, path, body string
		code             int
		want             string
	}{
		{"no name", pods + "/p/binding", `{"target":{"name":"n"}}`, 400, "name in URL does not match name in Binding object"},
		{"another name", pods + "/p/binding", `{"metadata":{"name":"q"},"target":{"name":"n"}}`, 400, "name in URL does not match name in Binding object"},
		{"no target", pods + "/p/binding", `{"metadata":{"name":"p"},"target":{}}`, 500, "target.name: Required value"},
		{"a target that is no node", pods + "/p/binding", `{"metadata":{"name":"p"},"target":{"kind":"Pod","name":"n"}}`, 500, `target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>"`},
		{"another pod of this name", pods + "/p/binding", `{"metadata":{"name":"p","uid":"u"},"target":{"name":"n"}}`, 409, precondition + fill("UID in precondition: u, UID in object meta: $UID")},
		{"another state of it", "/api/v1/namespaces/default/bindings", `{"metadata":{"name":"p","resourceVersion":"1"},"target":{"name":"n"}}`, 409, precondition + fill("ResourceVersion in precondition: 1, ResourceVersion in object meta: $RV")},
		{"no pod", pods + "/q/binding", `{"metadata":{"name":"q"},"target":{"name":"n"}}`, 404, `pods "q" not found`},
		{"dry run", pods + "/p/binding?dryRun=All", `{"metadata":{"name":"p"},"target":{"name":"m"}}`, 201, ""},
		{"bound", pods + "/p/binding", fill(`{"metadata":{"name":"p","uid":"$UID","resourceVersion":"$RV"},"target":{"name":"n"}}`), 201, ""},
		{"bound already", "/api/v1/namespaces/default/bindings", `{"metadata":{"name":"p"},"target":{"name":"m"}}`, 409, `Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "n"`},
		{"evicted by another name", pods + "/p/eviction", `{}`, 400, "name in URL does not match name in Eviction object"},
	} {
		w := s.Call(t, http.MethodPost, tt.path, tt.body)
		var status struct{ Message string }
		if err := json.Unmarshal(w.Body.Bytes(), &status); err != nil {
			t.Fatal(err)
		}
		if w.Code != tt.code || status.Message != tt.want {
			t.Errorf("%s: %d %q\nwant %d %q", tt.name, w.Code, status.Message, tt.code, tt.want)
		}
	}
	if got := s.Must(t, http.MethodGet, pods+"/p", ""); !strings.Contains(got, `"nodeName":"n"`) {
		t.Errorf("the pod is %s", got)
	}
}
