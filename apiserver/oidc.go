package apiserver

import (
	"net/http"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/apiserver/rest"
	"github.com/kubemint/kubemint/apiserver/token"
)

const keySetType = "application/jwk-set+json"

// takesKeys says whether an Accept header allows the form of the keys, the only one there is.
func takesKeys(accept string) bool {
	if accept == "" {
		return true
	}
	for clause := range strings.SplitSeq(accept, ",") {
		kind, _, _ := strings.Cut(clause, ";")
		switch strings.TrimSpace(kind) {
		case keySetType, "application/*", "*/*":
			return true
		}
	}
	return false
}

// oidc serves the issuer's documents (OIDC-1, OIDC-2).
type oidc struct {
	keys            *token.KeySet
	issuer, address string
}

func (o oidc) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	if strings.HasPrefix(r.URL.Path, token.JWKSPath) {
		if !takesKeys(r.Header.Get("Accept")) {
			rest.Error(w, r, &apierrors.StatusError{ErrStatus: metav1.Status{Status: metav1.StatusFailure, Code: http.StatusNotAcceptable,
				Reason: metav1.StatusReasonNotAcceptable, Message: "406: Not Acceptable\n\nAvailable representations: " + keySetType}})
			return
		}
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
