// Package scheduler gives every pod that names kube-scheduler's default profile a node: one that may
// take it, and among those the least loaded.
//
// It knows node selectors, required and preferred node affinity, taints, cordoned nodes, host ports,
// the allocatable cpu, memory, storage, pods and extended resources, and the claims that a pod names:
// where the volumes they are bound to are reached, and which volumes those that wait for a pod are to
// have. It does not know pod affinity, topology spread, or preemption.
//
// # Basics
//
// Watches feed a small picture of the cluster (world), without caches of their own. One goroutine
// decides, pod by pod, on that picture (fit, score) and notes its choice there at once; the bindings
// are written by several others. A pod that fits nowhere waits until something changes that could
// help it.
package scheduler
