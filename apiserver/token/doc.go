// Package token mints and verifies ServiceAccount tokens, and holds the keys for both. golang-jwt stays in here.
//
// # Basics
//
// A KeySet knows which key signs and which verify; it can be changed while the cluster runs. An Issuer mints bound tokens (JWT-1 to
// JWT-5) and legacy ones (JWT-10) with it. Handle answers a TokenRequest: its rules are Grant, a pure function, and its order is
// that of TOK-9. A Verifier judges a token: form, issuer, signature, audience, time, account, bound object, in the order of AUTH-10
// to AUTH-19, and each Result can tell every check and its outcome (Trace). Inspect goes on after the first failure, for people.
//
// # Caveats
//
// Only the signature's check is cached, by a hash of the token and for the key that made it. Whether an account, pod, secret or node
// still lives is asked anew for every request, so that no token outlives its object.
//
// Results share their User and Claims with later requests that bring the same token: they must not be changed.
//
// No error, trace or report holds a token or a key. Failures are codes with parameters; the Text beside a code is the wire text of
// Kubernetes, which TokenReview shows and nothing else does.
package token
