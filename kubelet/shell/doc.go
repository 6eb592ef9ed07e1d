// Package shell runs the commands of simulated containers: a shell interpreter whose only programs are
// the Go functions of package tools, in a process of its own that holds nothing of the host.
//
// # Basics
//
// [Runtime] is a container.Runtime. The first container with a script, or the first exec, starts the
// child: this same program again, told what it is by a variable that the package looks for before main
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
// A container's scripts together run at most 10,000 commands a second and 512 at a time; what reads or writes
// without end ends with its command.
//
// # Caveats
//
// All containers of a node share one child: one that eats the memory takes the others with it. They
// end as OOMKilled and are started again as their pods say.
package shell
