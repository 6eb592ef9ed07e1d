// Package nodes watches over nodes and the pods on them: it notices when a kubelet no longer renews its lease, puts
// and lifts the taints that say how a node is (NODE-3), evicts pods that do not tolerate them when their time is up,
// and collects pods whose node is gone.
//
// # Time
//
// That a lease is stale is noticed by heartbeats of the clock, never by deadlines: `clock advance` has every node
// renew its lease at each stop before anybody judges, so nothing happens that would not happen in a cluster that was
// simply left alone. After a leap the leases are as old as the leap was long, and the nodes are NotReady until their
// kubelets have come round, as on a laptop that slept. An eviction is a deadline: it has a name and a moment.
package nodes
