// Package network is the network of a cluster's pods. It lies in memory: no port of the computer is
// opened for it, and nothing outside of the cluster can be reached through it.
//
// # Basics
//
// A Network belongs to a cluster. Each pod gets an End of it with its IP address. What a pod's programs
// listen on is kept there as a function for each port, so a server that waits costs no goroutine. Dial
// connects to another pod's address, to a Service's (a ready endpoint of it is chosen, as by kube-proxy),
// to a node port, or to the API server. Resolve answers names as the cluster's DNS does.
//
// Run reads Services and EndpointSlices from the API as kube-proxy, once the first pod asks for one.
//
// # Caveats
//
// TCP over IPv4 only. NetworkPolicies are not acted upon. Deadlines and waits are in wall time: a
// network is none of the cluster's clock's business.
package network
