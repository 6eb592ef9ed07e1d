package apiserver

import (
	"net/http"
	"strings"
	"time"

	"github.com/kubemint/kubemint/apiserver/rest"
	"github.com/kubemint/kubemint/apiserver/schema"
)

// openAPIRoutes serve the documents that schema holds (API-35 to API-44).
type openAPIRoutes struct{ docs *schema.OpenAPI }

// protoV2 is what client-go asks for, and what the answer is called: with a dot where the question has an at sign (API-35).
const (
	protoV2Asked    = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
	protoV2Answered = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
)

func (o openAPIRoutes) v2(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.Header.Get("Accept"), protoV2Asked) {
		doc, err := o.docs.V2Proto()
		serveDocument(w, r, doc, protoV2Answered, err)
		return
	}
	doc, err := o.docs.V2JSON()
	serveDocument(w, r, doc, "application/json", err)
}

func (o openAPIRoutes) v3(w http.ResponseWriter, r *http.Request) {
	path := strings.Trim(strings.TrimPrefix(r.URL.Path, "/openapi/v3"), "/")
	if path == "" {
		doc, err := o.docs.Index()
		serveDocument(w, r, doc, "application/json", err)
		return
	}
	doc, hash, err := o.docs.V3(path)
	if err == nil && doc == nil {
		rest.NotFoundPage(w)
		return
	}
	if asked := r.URL.Query().Get("hash"); asked != "" {
		if asked != hash {
			http.Redirect(w, r, "/openapi/v3/"+path+"?hash="+hash, http.StatusMovedPermanently)
			return
		}
		w.Header().Set("Cache-Control", "public, immutable")
		w.Header().Set("Expires", time.Now().AddDate(1, 0, 0).UTC().Format(http.TimeFormat)) // wall time: HTTP caches know no other
	}
	w.Header().Set("ETag", `"`+hash+`"`)
	serveDocument(w, r, doc, "application/json", err)
}

func serveDocument(w http.ResponseWriter, r *http.Request, doc []byte, contentType string, err error) {
	if err != nil {
		rest.Error(w, r, err)
		return
	}
	rest.Bytes(w, r, contentType, doc)
}
