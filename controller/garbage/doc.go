// Package garbage collects what has lost its owners (API-180 to API-182). It watches every kind that can be deleted,
// keeps a [graph] of who owns whom by UID, and acts in three ways:
//
//   - background: an object whose owners are all gone is deleted;
//   - foreground: an owner with the finalizer foregroundDeletion waits until the dependents that block it are gone;
//   - orphan: before an owner with the finalizer orphan goes, its references are taken out of its dependents.
//
// # Basics
//
// The graph is fed by informers: those that other loops already run, and metadata informers for all other kinds. It
// decides nothing alone: before an object is deleted, the server is asked for the object itself and for every owner the
// graph does not know. That an owner is missing from the graph may mean only that its informer is late.
package garbage
