// Package job runs pods to completion: the loops of Jobs, of CronJobs, and of finished Jobs whose time to live is over.
//
// # How pods are counted
//
// A pod that has ended may be deleted at any time, yet must be counted once and only once. So every pod carries a
// finalizer while it is not counted: its UID is first written into the Job's status (uncountedTerminatedPods), then the
// finalizer is taken off, and then the UID becomes a number. Each step can be repeated.
//
// # What is simplified
//
// Jobs know completions, parallelism, indexes, back-off, deadlines, suspension, pod failure policies and replacement
// policies. They know neither success policies nor a back-off limit per index; a Job that asks for these runs without.
package job
