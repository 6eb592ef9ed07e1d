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
// Users exist in here alone: on disk all files belong to whoever runs the node. A ledger in the pod's directory
// remembers whose they are to the containers; on a system whose files have no numbers, what one may write to
// counts as one's own. What a container writes is bounded in bytes and in files, and paths in their elements.
package rootfs
