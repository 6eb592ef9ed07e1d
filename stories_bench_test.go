package kubemint_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubemint/kubemint"
	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/apiserver/story"
)

// BenchmarkGet is one get of a ConfigMap by a ServiceAccount's token through the whole chain, without the network: what the stories
// cost is measured against it, by BenchmarkStoryOfAGet.
func BenchmarkGet(b *testing.B) {
	r := start(b, kubemint.Config{})
	token := r.tokenOf("reader")
	r.allow("reader", rbacv1.PolicyRule{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"configmaps"}})
	body := fmt.Sprintf(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"k":%q}}`, strings.Repeat("x", 200))
	if code, answer := r.call("", "POST", "/api/v1/namespaces/default/configmaps", body); code != http.StatusCreated {
		b.Fatal(answer)
	}
	h := r.Server().Handler()
	b.ReportAllocs()
	for b.Loop() {
		req := httptest.NewRequest("GET", "/api/v1/namespaces/default/configmaps/c", nil)
		req.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, req)
		if w.Code != http.StatusOK {
			b.Fatal(w.Code, w.Body)
		}
	}
}

// BenchmarkStoryOfAGet is what keeping the story of such a request costs beside answering it: its times and its place in the ring.
func BenchmarkStoryOfAGet(b *testing.B) {
	r := start(b, kubemint.Config{})
	token := r.tokenOf("reader")
	r.call(token, "GET", "/api/v1/namespaces/default/configmaps/c", "")
	like := r.Server().Stories().Newest(1, false, nil)[0]
	var ring story.Ring
	b.ReportAllocs()
	for b.Loop() {
		scope := &request.Scope{Start: time.Now()}
		scope.Done(request.StepAuthenticate)
		scope.Done(request.StepAuthorize)
		rec := *like
		rec.Times = scope.Times()
		ring.Add(&rec)
	}
}
