// Package authn says who sent a request: client certificate, bearer token (static file, ServiceAccount, bootstrap), the token in a
// WebSocket's subprotocol, or nobody (anonymous); and who a request is to be treated as (impersonation).
//
// # Basics
//
// Authenticate tries the credentials in the order of AUTH-1. The first that is good wins, so that a good certificate beats any bearer
// token. One that is bad does not end the search, but it forbids anonymous: whoever shows a credential is known by it or refused
// (AUTH-3). A Result names the way in, and Trace tells each way that was tried and what its checks said.
//
// # Caveats
//
// TLS only asks for certificates; they are verified here, at the cluster's time. A verified certificate is remembered while its chain
// is valid, so that a connection is not verified anew for each request.
//
// Results share their User with other requests: it must not be changed. On success the credential is taken out of the request's
// headers, so that nothing behind can leak it.
package authn
