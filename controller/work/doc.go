// Package work is what every control loop stands on: a [Queue] of keys, an [Informer] whose handlers' progress is
// known, and a [Loop] that joins them.
//
// # Why not client-go's queue
//
// `clock advance` has to know when a cluster is quiet, exactly and at any moment: nothing queued, nothing in work,
// nothing waiting for another try, no handler behind its informer. client-go's work queue does not tell what is in
// work, and its delaying queue wakes every ten seconds of its clock, which at rate 10,000 is every millisecond.
//
// # Two times
//
// Retries after an error wait in wall time: the cause is a busy or missing server. What the cluster itself waits for
// (a schedule, a time to live, a grace period) is a [clock.Deadline], so that `clock advance` stops there; see
// [Queue.At].
package work
