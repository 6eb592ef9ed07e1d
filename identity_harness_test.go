package kubemint_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// get decodes the answer to a GET.
func (r *running) get(token, path string, into any, headers ...string) {
	r.t.Helper()
	code, body := r.call(token, "GET", path, "", headers...)
	if code != 200 {
		r.t.Fatalf("GET %s: %d %s", path, code, body)
	}
	if err := json.Unmarshal([]byte(body), into); err != nil {
		r.t.Fatal(err)
	}
}

// account makes an account in default.
func (r *running) account(name string) *corev1.ServiceAccount {
	r.t.Helper()
	sa, err := r.Admin.CoreV1().ServiceAccounts("default").Create(r.t.Context(), &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
	if err != nil {
		r.t.Fatal(err)
	}
	return sa
}

// mint asks for a token of an account in default.
func (r *running) mint(account string, spec authenticationv1.TokenRequestSpec) string {
	r.t.Helper()
	tr, err := r.Admin.CoreV1().ServiceAccounts("default").CreateToken(r.t.Context(), account, &authenticationv1.TokenRequest{Spec: spec}, metav1.CreateOptions{})
	if err != nil {
		r.t.Fatal(err)
	}
	return tr.Status.Token
}

// bound is a spec that binds to an object.
func bound(kind, name string) authenticationv1.TokenRequestSpec {
	return authenticationv1.TokenRequestSpec{BoundObjectRef: &authenticationv1.BoundObjectReference{APIVersion: "v1", Kind: kind, Name: name}}
}

// review asks the server about a token.
func (r *running) review(token string, audiences ...string) authenticationv1.TokenReviewStatus {
	r.t.Helper()
	tr, err := r.Admin.AuthenticationV1().TokenReviews().Create(r.t.Context(),
		&authenticationv1.TokenReview{Spec: authenticationv1.TokenReviewSpec{Token: token, Audiences: audiences}}, metav1.CreateOptions{})
	if err != nil {
		r.t.Fatal(err)
	}
	return tr.Status
}

// refused wants a 401 on the wire, without a reason, and the reason in a TokenReview (AUTH-4, AUTH-21).
func (r *running) refused(what, token, reason string) {
	r.t.Helper()
	code, body := r.call(token, "GET", "/api", "")
	if code != 401 || !strings.Contains(body, `"message":"Unauthorized"`) {
		r.t.Errorf("%s: %d %s, want a bare 401", what, code, body)
	}
	if got := r.review(token); got.Authenticated || !strings.Contains(got.Error, reason) {
		r.t.Errorf("%s: the review says %v %q, want %q", what, got.Authenticated, got.Error, reason)
	}
}

// accepted wants a 200.
func (r *running) accepted(what, token string) {
	r.t.Helper()
	if code, body := r.call(token, "GET", "/api", ""); code != 200 {
		r.t.Errorf("%s: %d %s, want 200", what, code, body)
	}
}

// claimsOf is a token's payload.
func claimsOf(t *testing.T, token string) string {
	t.Helper()
	parts := strings.Split(strings.TrimSpace(token), ".")
	if len(parts) != 3 {
		t.Fatalf("a token of %d parts", len(parts))
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	return string(payload)
}
