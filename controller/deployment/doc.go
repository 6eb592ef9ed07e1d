// Package deployment carries a Deployment from one pod template to the next: a ReplicaSet per template, the new one up
// and the old ones down, within the bounds that the Deployment sets.
//
// What a step does is decided by pure functions of the ReplicaSets as they are ([rollUp], [rollDown], [proportions]);
// the loop takes one step and waits for the world to follow.
package deployment
