// Package podctl says what kubectl may be asked to do from inside of a simulated container.
//
// The kubectl that a container runs is the real one, in a process of the host's. What keeps it from the
// host's files is decided here: [Parse] reads a command line by lists of the verbs, subcommands and
// flags that are allowed, and writes it anew from what it understood. A word that is on no list is
// refused; nothing is passed on as it came. So a flag that names a file can only get through if it is
// written down here, and none is, but --filename: whose files the caller reads from the container's own
// file system and hands over as the standard input.
//
// Parse of what it wrote yields the same again, so that both ends of a channel can insist on it.
package podctl
