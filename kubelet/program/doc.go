// Package program is what well-known images do: Go functions of the node that play a web server, a database
// or a client of the API.
//
// # Basics
//
// Start makes a container.Handle of a command that the package knows. A program that waits costs no goroutine:
// what it listens on is a function kept by the pod's end of the network, what it does at intervals is a timer
// of the cluster's clock. Programs reach nothing but that network, and files through package rootfs.
//
// # Caveats
//
// They do enough to be talked to. None reads its configuration, but for the ports and texts that its arguments
// name.
package program
