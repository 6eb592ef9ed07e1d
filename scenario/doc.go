// Package scenario plays lessons, stage demos and tests from one file format.
//
// # Basics
//
// A scenario is a YAML file of steps. A step may explain (text), ask before it
// shows (ask), do something (do), leave something to the learner (solution is
// how), and says what must be true afterwards (holds). [Parse] reads a file and
// names every mistake with file, line and column; [Run] plays it against a live
// cluster.
//
// Everything comes in through the API: commands are child processes of the
// bundled kubectl, requests carry one identity's credential and no other. What a
// step claims is checked against the cluster, never assumed: if a step does not
// do what it says, Run returns an error that names the step.
//
// # Format
//
// Expressions are CEL. They know
//
//	now                 the cluster's time
//	status, exit, out   of the last action: HTTP status, exit code, output
//	saved               values kept by earlier actions ({save: NAME, cel: EXPR})
//	pod("NS/NAME")      a pod; object("KIND/NAME -n NS") any object
//	mounted("NS/NAME")  what a pod has mounted: token, claims, data (the
//	                    directory that ..data points to), files
//	vault("NAME")       the claims of a token kept with {to: vault/NAME}
//	claims              in a hold that names a token: its claims
//
// # Caveats
//
// Holds are polled for a few seconds of wall time, because controllers need a
// moment; on a paused cluster clock nothing that waits for time will come true.
package scenario
