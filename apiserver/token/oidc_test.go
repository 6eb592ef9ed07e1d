package token

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// TestAnOutsideVerifierAgrees has a third party's OIDC library verify tokens by the two documents alone (OIDC-1, OIDC-2, EXT-9).
func TestAnOutsideVerifierAgrees(t *testing.T) {
	t.Parallel()
	for name, keys := range map[string]func() (*KeySet, error){
		"ES256": func() (*KeySet, error) { return NewKeySet(ecKey(t, "signing")) },
		"RS256": func() (*KeySet, error) { return NewKeySet(rsaKey(t), ecKey(t, "signing").Public(), rsaKey(t).Public()) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set, err := keys()
			if err != nil {
				t.Fatal(err)
			}
			mux := http.NewServeMux()
			server := httptest.NewTLSServer(mux)
			defer server.Close()
			mux.HandleFunc(DiscoveryPath, func(w http.ResponseWriter, _ *http.Request) {
				doc, err := set.Discovery(server.URL, server.URL+JWKSPath)
				if err != nil {
					t.Error(err)
				}
				w.Header().Set("Content-Type", DiscoveryType)
				_, _ = w.Write(doc)
			})
			mux.HandleFunc(JWKSPath, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", JWKSType)
				_, _ = w.Write(set.JWKS())
			})
			ctx := oidc.ClientContext(t.Context(), server.Client())
			provider, err := oidc.NewProvider(ctx, server.URL)
			if err != nil {
				t.Fatal(err)
			}
			issuer := &Issuer{Keys: set, Name: server.URL}
			mint := func(audience string, seconds int64) string {
				raw, _, err := issuer.Mint(Request{
					Namespace: "ci", Account: Ref{"robot", "sa-1"}, Audiences: []string{audience}, Seconds: seconds,
				}, start)
				if err != nil {
					t.Fatal(err)
				}
				return raw
			}
			now := start
			check := provider.Verifier(&oidc.Config{ClientID: "vault", Now: func() time.Time { return now }})
			got, err := check.Verify(ctx, mint("vault", 600))
			if err != nil {
				t.Fatal(err)
			}
			var claims struct {
				Kubernetes Private `json:"kubernetes.io"`
			}
			if err := got.Claims(&claims); err != nil || claims.Kubernetes.Namespace != "ci" || got.Subject != "system:serviceaccount:ci:robot" {
				t.Errorf("subject %q, claims %+v, %v", got.Subject, claims, err)
			}
			if _, err := check.Verify(ctx, mint("sts", 600)); err == nil {
				t.Error("a token for another audience is good")
			}
			raw := mint("vault", 600)
			if _, err := set.Rotate(ecKey(t, "second")); err != nil {
				t.Fatal(err)
			}
			if _, err := check.Verify(ctx, mint("vault", 600)); err != nil {
				t.Errorf("a token of the new key, which the library has to fetch: %v", err)
			}
			if _, err := check.Verify(ctx, raw); err != nil {
				t.Errorf("a token of the old key: %v", err)
			}
			now = start.Add(11 * time.Minute)
			if _, err := check.Verify(ctx, raw); err == nil {
				t.Error("an ended token is good")
			}
		})
	}
}
