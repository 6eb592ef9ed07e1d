// Package rootfs is the file system that a simulated container sees: its own root with the pod's
// volumes mounted into it.
//
// # Basics
//
// Every access goes through an [os.Root] on the container's root directory or on a volume, so the
// kernel's own walk cannot leave them, whatever a path or a link says. Links are followed here first,
// as the container means them: an absolute target begins at the container's root, and a path that
// crosses a mount point goes on in the volume.
//
// # Caveats
//
// There are no users: who owns a file is not checked, only whether its mount may be written to. What a
// container writes is bounded in bytes and in files.
package rootfs
