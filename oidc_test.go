package kubemint_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubemint/kubemint"
)

// throughTo sends what is meant for an issuer's address to the API server instead: a relying party's network would do that.
type throughTo struct {
	host string
	next http.RoundTripper
}

func (t throughTo) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.URL.Host, req.Host = t.host, ""
	return t.next.RoundTrip(req)
}

// TestARelyingPartyVerifiesOffline: somebody outside reads the issuer's two documents over HTTPS with a third party's library and then
// verifies tokens without asking anybody (OIDC-1 to OIDC-5, EXT-7, EXT-9). What it cannot see is that a pod is gone.
func TestARelyingPartyVerifiesOffline(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{})
	const issuer = "https://kubernetes.default.svc.cluster.local"

	nobody, err := rest.TransportFor(rest.AnonymousClientConfig(r.Config))
	if err != nil {
		t.Fatal(err)
	}
	ctx := oidc.ClientContext(t.Context(), &http.Client{Transport: throughTo{r.Address(), nobody}})
	if _, err := oidc.NewProvider(ctx, issuer); err == nil {
		t.Error("OIDC-5: anonymous may read the documents without a binding")
	}
	if _, err := r.Admin.RbacV1().ClusterRoleBindings().Create(t.Context(), &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "relying-parties"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "system:service-account-issuer-discovery"},
		Subjects:   []rbacv1.Subject{{Kind: "Group", APIGroup: rbacv1.GroupName, Name: "system:unauthenticated"}},
	}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	provider, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		t.Fatal(err)
	}
	now := r.Clock().Now()
	vault := provider.Verifier(&oidc.Config{ClientID: "vault", SupportedSigningAlgs: []string{"ES256", "RS256"}, Now: func() time.Time { return now }})
	spec := authenticationv1.TokenRequestSpec{Audiences: []string{"vault"}}
	token := r.mint("default", spec)
	id, err := vault.Verify(ctx, token)
	if err != nil {
		t.Fatal(err)
	}
	if id.Subject != "system:serviceaccount:default:default" || !slices.Equal(id.Audience, []string{"vault"}) {
		t.Errorf("it reads %+v", id)
	}
	if code, _ := r.call(token, "GET", "/api", ""); code != 401 {
		t.Errorf("EXT-6: the API server answers a token for vault with %d", code)
	}
	if _, err := vault.Verify(ctx, r.mint("default", authenticationv1.TokenRequestSpec{})); err == nil {
		t.Error("EXT-6: vault takes a token for the API server")
	}

	// A new key is found without a restart: an unknown kid has the documents read again.
	if code, body := r.call("", "POST", "/kubemint/v1/keys", `{"do":"rotate","alg":"RS256"}`); code != 200 {
		t.Fatal(code, body)
	}
	if _, err := vault.Verify(ctx, r.mint("default", spec)); err != nil {
		t.Errorf("a token of the new key: %v", err)
	}
	if _, err := vault.Verify(ctx, token); err != nil {
		t.Errorf("a token of the old key, in the overlap: %v", err)
	}
	now = now.Add(2 * time.Hour)
	if _, err := vault.Verify(ctx, token); err == nil {
		t.Error("it takes a token that has ended")
	}
}
