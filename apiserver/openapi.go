package apiserver

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/munnerz/goautoneg"

	"github.com/kubemint/kubemint/apiserver/rest"
	"github.com/kubemint/kubemint/apiserver/schema"
)

// openAPIRoutes serve the documents that schema holds (API-35 to API-44), in ways that caches understand: each has an entity tag, and who
// has it already is told so.
type openAPIRoutes struct {
	docs *schema.OpenAPI
	// since is the wall time from which the documents are what they are.
	since time.Time
}

func newOpenAPIRoutes(docs *schema.OpenAPI) openAPIRoutes {
	return openAPIRoutes{docs: docs, since: time.Now()} // wall time: HTTP caches know no other
}

// form is a way to write a document down: what it is asked by, of the type application, and what the answer is called.
type form struct{ asked, answered string }

// The forms of both versions, in the order in which a wildcard means them. Clients ask for protobuf with an at sign, the answer has a dot
// there (API-35, API-37).
var (
	formsV2 = []form{{"json", "json"}, {"com.github.proto-openapi.spec.v2@v1.0+protobuf", protoV2}, {protoV2, protoV2}}
	formsV3 = []form{{"json", "json"}, {protoV3, protoV3}, {"com.github.proto-openapi.spec.v3@v1.0+protobuf", protoV3}}
)

const (
	protoV2 = "com.github.proto-openapi.spec.v2.v1.0+protobuf"
	protoV3 = "com.github.proto-openapi.spec.v3.v1.0+protobuf"
)

// negotiated returns what the answer is called after "application/", or "" if none of the forms is accepted.
func negotiated(r *http.Request, forms []form) string {
	accept := r.Header.Get("Accept")
	if accept == "" {
		return forms[0].answered
	}
	for _, clause := range goautoneg.ParseAccept(accept) {
		for _, f := range forms {
			if (clause.Type == "application" || clause.Type == "*") && (clause.SubType == f.asked || clause.SubType == "*") {
				return f.answered
			}
		}
	}
	return ""
}

func (o openAPIRoutes) v2(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Vary", "Accept")
	answered := negotiated(r, formsV2)
	if answered == "" {
		w.WriteHeader(http.StatusNotAcceptable)
		return
	}
	get := o.docs.V2JSON
	if answered == protoV2 {
		get = o.docs.V2Proto
	}
	doc, hash, err := get()
	if err != nil {
		rest.Error(w, r, err)
		return
	}
	o.serve(w, r, doc, hash, answered)
}

// index says where the documents of version 3 are. As in a real server, which puts it together each time, it has no entity tag and is
// called a text.
func (o openAPIRoutes) index(w http.ResponseWriter, r *http.Request) {
	doc, err := o.docs.Index()
	if err != nil {
		rest.Error(w, r, err)
		return
	}
	rest.Document(w, r, "text/plain; charset=utf-8", time.Now(), doc) // wall time: HTTP caches know no other
}

func (o openAPIRoutes) v3(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/openapi/v3/")
	doc, hash, err := o.docs.V3(path)
	if err != nil {
		rest.Error(w, r, err)
		return
	}
	if doc == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if accept := r.Header.Get("Accept"); accept != "" && len(goautoneg.ParseAccept(accept)) == 0 {
		return // a real server has nothing to say to who names no media type at all (API-37)
	}
	w.Header().Set("Vary", "Accept")
	answered := negotiated(r, formsV3)
	if answered == "" {
		w.WriteHeader(http.StatusNotAcceptable)
		return
	}
	if answered == protoV3 {
		if doc, err = o.docs.V3Proto(path); err != nil {
			rest.Error(w, r, err)
			return
		}
	}
	if asked := r.URL.Query().Get("hash"); asked != "" {
		if asked != hash {
			w.Header().Set("ETag", strconv.Quote(hash))
			http.Redirect(w, r, "/openapi/v3/"+path+"?hash="+hash, http.StatusMovedPermanently)
			return
		}
		w.Header().Set("Cache-Control", "public, immutable")
		w.Header().Set("Expires", time.Now().AddDate(1, 0, 0).Format(time.RFC1123)) // wall time, likewise
	}
	o.serve(w, r, doc, hash, answered)
}

func (o openAPIRoutes) serve(w http.ResponseWriter, r *http.Request, doc []byte, hash, form string) {
	w.Header().Set("ETag", strconv.Quote(hash))
	rest.Document(w, r, "application/"+form, o.since, doc)
}
