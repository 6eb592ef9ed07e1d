// Package namespace empties namespaces that are being deleted, and then lets go of them (API-184 to API-186): all
// pods first, then everything else that discovery knows, then the finalizer "kubernetes".
//
// # Caveats
//
// A namespace that waits (for a pod's grace, or for a finalizer that nobody removes) is not work in hand: it is looked
// at again when one of its pods goes, and else in wall time, so that a paused clock never blocks a delete.
package namespace
