// Package etcd is the store for those who outgrow one machine: an etcd cluster
// that somebody else runs.
//
// # Basics
//
// Keys get a prefix of their own in etcd. etcd's revisions are the store's: other
// writers of the same etcd use up revisions, but leave no other trace. Every
// write is one transaction with its comparison in it.
//
// The etcd may belong to others, so nothing in it is compacted unless
// Options.Compact says that it may be. Without it, Compact only makes this store
// refuse what lies before the revision, and etcd's own retention does the rest.
//
// # Caveats
//
// A write that has been sent is waited for even if its context ends, up to
// Options.Timeout. If the network fails, or that time passes, its outcome is not
// known: it may have happened, or may still happen. The error then is neither the
// context's nor one of the sentinels of package storage.
//
// etcd limits a request to 1.5 MiB unless its --max-request-bytes says
// otherwise; a larger value is refused with storage.ErrValue.
//
// A snapshot can be restored into the other backends, but not into etcd, which
// would give the entries new revisions.
//
// The client needs no tracing: build with -tags grpcnotrace, which lets the linker
// drop what nobody calls.
package etcd
