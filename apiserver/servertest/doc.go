// Package servertest runs API servers in tests: the whole chain from the first byte of a request to storage in memory, without
// controllers, nodes or a cluster around it.
package servertest
