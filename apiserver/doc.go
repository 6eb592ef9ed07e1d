// Package apiserver is the API server: it takes requests in at the top and lets them fall through one chain.
//
// # The way of a request
//
//	client
//	  │  TLS; certificates are requested here and judged in authn
//	chain.go      recover · audit id · request.Parse · authenticate · impersonate · limits · authorize
//	  │           every step writes what it found into the story of the request
//	routes.go     /version, health, discovery, OpenAPI, OIDC, kubemint's own paths … or
//	rest/         a file per verb: decode strictly, default, note field owners
//	admission/    change, then check
//	registry/     prepare, validate, compare, write
//	storage       one transaction, one new revision
//	  │
//	cache/        applies the revision: reads, watches, the RBAC index and the node graph are up to date
//	  │
//	answer        only now
//
// # Basics
//
// New wires the rooms of this folder together over a storage.Store and reads nothing; Prepare loads what is stored and makes what must
// always exist (system roles and namespaces); Run keeps the cache up to date; Handler is what a listener serves.
//
// # Caveats
//
// Authentication and authorization sit before routing, so that a new route cannot forget them. The bytes that clients see are those of
// a real server; everything kubemint has to say besides is asked for at /kubemint/v1.
package apiserver
