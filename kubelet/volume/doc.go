// Package volume writes the volumes of a pod as the real kubelet does: what each file holds, its
// mode and owner, and the swap of ..data by which all files of a volume change in one instant.
//
// # Basics
//
// Collect turns a volume's sources into a Payload, all of it or nothing (KUB-28); Writer.Write
// projects the payload into the volume's directory by the steps of KUB-22. Neither keeps any state,
// so a volume found on disk after a restart is treated like one written a moment ago.
//
// All access to files goes through os.Root: no path in a pod's spec, in a ConfigMap's key or in a
// link that a container left behind reaches anything outside of the directory it was given.
//
// # Caveats
//
// Owners are changed only when the process runs as root (Writer.Chown); modes always are.
// Where the system gives no symbolic links (Windows without the right to make them), Writer.Plain
// keeps ..data as a real directory with copies of its files beside it. Each file still changes
// whole, but not all of a volume's files in the same instant.
package volume
