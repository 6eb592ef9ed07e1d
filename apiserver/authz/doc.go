// Package authz answers whether a request may happen.
//
// # Basics
//
// An [Authorizer] asks three parties in a fixed order, and the first that allows wins: members of system:masters may do
// everything (AUTHZ-21); the Node authorizer knows what a kubelet needs, from a [Graph] of the pods on its node; RBAC
// decides by the policy in force. None of them ever denies: if all three have no opinion the request is refused, and
// [Forbidden] words the refusal exactly as a real API server does.
//
// CheckRole and CheckBinding are the second line of defence, asked by the registry before a role or binding is written:
// nobody hands out more than they hold (ESC-1 to ESC-20).
//
// # Caveats
//
// The package never sees an http.ResponseWriter and never reads from storage: policy and graph are fed by whoever writes
// objects, as part of the write, so that a fresh binding counts for the very next request.
package authz
