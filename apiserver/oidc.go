package apiserver

import (
	"net/http"
	"strings"

	"github.com/kubemint/kubemint/apiserver/token"
)

// oidc serves the issuer's documents (OIDC-1, OIDC-2).
type oidc struct {
	keys            *token.KeySet
	issuer, address string
}

func (o oidc) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=3600")
	if strings.HasPrefix(r.URL.Path, token.JWKSPath) {
		h.Set("Content-Type", "application/jwk-set+json")
		_, _ = w.Write(o.keys.JWKS())
		return
	}
	doc, err := o.keys.Discovery(o.issuer, "https://"+o.address+token.JWKSPath)
	if err != nil {
		http.Error(w, "the issuer's document could not be made", http.StatusInternalServerError)
		return
	}
	h.Set("Content-Type", "application/json")
	_, _ = w.Write(doc)
}
