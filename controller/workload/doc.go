// Package workload is what the loops of ReplicaSets, Jobs, StatefulSets, DaemonSets and Deployments have in common:
// who owns which pod ([Pods]), making a pod from a template ([NewPod]), when a pod counts as ready or available, and the
// hash that tells one template from another.
package workload
