// Package shell runs the commands of simulated containers: a shell interpreter whose only programs are
// the Go functions of package tools, in a process of its own that holds nothing of the host.
//
// # Basics
//
// [Runtime] is a container.Runtime. A container with a script, or an exec into one without, has a child process of its own while something
// runs in it: this same program again, told what it is by a variable that the package looks for before main
// runs. The two talk HTTP/2 over the child's standard input and output: each run of a command is one request, whose answer streams what it prints and how it ended. What a
// run needs of the outside (the cluster's time, a connection to the API server) it asks of the parent.
//
// # What keeps a container in
//
// File access goes through package rootfs, that is through an os.Root on the container's own
// directories. No program is ever started. There is no network but the dialer and listener of the parent,
// which are those of the simulated network (package network). The child has an empty environment, no other files open than
// its standard streams and the container's, a bound on its memory, and one thread's worth of CPU at a
// low priority. On Linux it may gain no privileges and dies with its parent.
//
// What a container holds in memory, beyond what an empty child does, is bounded by its limit (not below 16 MiB, not above 512 MiB), or by
// 256 MiB if it has none. Garbage does not count. The child looks at itself some times a second; what grows faster than that meets a
// bound that the kernel keeps, on Linux. It also sees what it has used of the processor, and stands still when that is more than the
// container's limit (not below a tenth), or than half a processor in the long run if it has none. A child that dies of it ends its container, with all that runs there, as OOMKilled.
//
// A container's scripts together run at most 10,000 commands a second and 512 at a time; what reads or writes
// without end ends with its command.
//
// # Caveats
//
// A cluster has so many children and no more ([Children]). Containers that come later share one of their node, under one bound, until one
// that has its own ends: when it dies, all scripts in it end as OOMKilled. Probes of containers that idle run there as well. It stays until the node ends.
//
// A child costs 16 ms of a processor and 7 MB. CPU is bounded on Linux alone: elsewhere a child has one thread, and a container the pace above.
package shell
