package apiserver

import (
	"net/http"
	"strings"

	"github.com/kubemint/kubemint/apiserver/schema"
	"github.com/kubemint/kubemint/apiserver/token"
)

const keySetType = "application/jwk-set+json"

// oidcType is the only form of the document at a path.
func oidcType(path string) string {
	if path == token.JWKSPath {
		return keySetType
	}
	return schema.MediaTypeJSON
}

// oidc serves the issuer's documents (OIDC-1, OIDC-2).
type oidc struct {
	keys            *token.KeySet
	issuer, address string
}

func (o oidc) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	if strings.HasPrefix(r.URL.Path, token.JWKSPath) {
		h.Set("Cache-Control", "public, max-age=3600")
		h.Set("Content-Type", keySetType)
		_, _ = w.Write(o.keys.JWKS())
		return
	}
	h.Set("Cache-Control", "public, max-age=3600")
	doc, err := o.keys.Discovery(o.issuer, "https://"+o.address+token.JWKSPath)
	if err != nil {
		http.Error(w, "the issuer's document could not be made", http.StatusInternalServerError)
		return
	}
	h.Set("Content-Type", "application/json")
	_, _ = w.Write(doc)
}
