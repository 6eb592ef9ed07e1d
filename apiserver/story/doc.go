// Package story keeps what happened to each request: who sent it, what each step decided and why, what admission changed, how it ended.
// `kubemint why` tells it.
//
// # Basics
//
// The chain opens a Record when a request comes in, the steps put what they found in it, and Ring.Add closes it. Records are numbered
// from 1 and found by number or by Audit-Id. The bytes that clients see never change for it (design decision D8).
//
// # Caveats
//
// Bodies, tokens and Secret data never enter a Record. Requests of the system's own components have a ring of their own, so that
// heartbeats never push out what a person did. Findings of other rooms are kept as values of their own types, which are known to those
// who render them and not to this package.
package story
