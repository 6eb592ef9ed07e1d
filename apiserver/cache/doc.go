// Package cache keeps every stored object in memory in the form in which it is answered: encoded bytes, with the resource version in
// them, ordered by key, beside a window of recent events for watches.
//
// # Basics
//
// One Cache follows one storage.Store. Each kind has a Kind: Get and Snapshot read it, Watch gives a cursor into its events. Bytes are
// encoded once, when an object is written; a list is those bytes put one after another, an event is shared by all who watch.
// Objects are decoded only when somebody asks for the typed value.
//
// Run applies the store's events in order. A writer calls Wait with the revision it was given and then answers its client, so that a
// read that follows a write, by whomever, sees it (design decision D4). Observers registered on a Kind run in the same step: the RBAC
// index and the node graph are as new as the cache.
//
// # Caveats
//
// An *Object and everything reachable from it is shared and must not be changed; Typed callers that want to change one copy it first.
// A watcher that falls behind the window is told so and has to list again (API-128).
package cache
