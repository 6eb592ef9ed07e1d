// Package container is what runs a pod's containers: a narrow Runtime interface, and Simulated, a
// runtime that starts no program of the host.
//
// # Basics
//
// The kubelet fills in a Spec and calls Runtime.Start. What comes back is a Handle: it knows whether
// the container has ended and how, and can be asked to stop. The runtime calls Spec.Exited once when
// a container ends, so nobody has to wait in a goroutine: ten thousand idle containers are ten
// thousand small values.
//
// # Caveats
//
// Simulated does not interpret a shell. It plays the few commands that manifests are full of
// (sleep, true, false, exit, echo, and sh -c with those); every other container idles until it is
// told to stop. Time passes on the cluster's clock.
package container
