// Package registry is what the API server keeps: one table of kinds (resources.go) on one generic store, with a strategy for each kind
// that behaves.
//
// # Basics
//
// A Resource is a row: names, verbs, subresources, options. New turns the table into a Registry of Stores over one storage.Store and
// one cache. A Store creates, updates and deletes objects with the rules every kind shares (uid, generation, optimistic locks,
// finalizers, grace, preconditions); a Strategy holds what a kind does differently. Reading goes through the cache.
//
// The package turns the four errors of storage into the StatusErrors of the API, and is the only one that does.
//
// # Caveats
//
// A Store knows nothing of HTTP, users or admission: admission comes in as the functions that rest passes with each write. Objects
// handed to Create and Update belong to the Store from then on; objects it returns are shared and must not be changed.
package registry
