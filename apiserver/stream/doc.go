// Package stream carries what flows between a client and a pod's node: logs, and the streams of exec
// and attach.
//
// # Basics
//
// [Streams] gives a handler for each of the pod's subresources. The chain above it has authenticated
// and authorized the caller; what is left is to find the container (API-233) and the node, and to hand
// the request on with a certificate of the API server's own. Upgrades to WebSocket and SPDY pass
// through as they are: the node speaks them.
//
// # Caveats
//
// Nothing of the caller's own credentials reaches a node.
package stream
