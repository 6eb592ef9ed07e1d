// Package clock is the cluster's one source of time.
//
// A Clock is a value with a moment, a rate and a pause, and implements
// k8s.io/utils/clock.WithTickerAndDelayedExecution, so that client-go's queues
// and our own loops take it alike. It imports nothing of ours and never touches
// a network.
//
// # Basics
//
// Cluster time follows wall time at Rate; it starts where Config.Now says. Two
// kinds of waiting exist. Timers and tickers are heartbeats: they fire when they
// are due and nobody travels to them. Deadlines are moments with a name (a token
// to refresh, a grace period to end): Advance stops at each, Next goes to the
// next one, Upcoming lists them.
//
// Advance runs through the time, Leap jumps over it as a laptop that slept.
//
// # Caveats
//
// Time never runs backwards within the life of a Clock: a wall clock that is set
// back is ignored (the monotonic reading counts), one that is set forward, or a
// computer that slept, carries the cluster along. Times handed out are UTC and
// hold no monotonic reading, so they compare and subtract as they print.
//
// Nothing lies beyond End, where the cluster's own certificates run out.
package clock
