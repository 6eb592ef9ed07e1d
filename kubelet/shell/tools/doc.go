// Package tools holds the commands of a simulated container: Go functions that stand in for the usual
// small programs. They read and write through the container's own file system and streams, reach the
// network only through the Host that runs them, and never touch the machine they run on.
//
// # Basics
//
// Lookup finds a Tool by name; it gets a Call and returns an exit code. Texts and codes are those of
// the common Linux programs as far as people meet them.
//
// # Caveats
//
// Each tool knows the options that manifests and lessons use, not all there are; an unknown one is
// refused with code 1 or 2 rather than passed over.
package tools
