// Package storage is the contract between the API server and whatever keeps
// its objects: bytes under keys, each write with a revision of its own.
//
// It knows nothing of HTTP, kinds or encodings. The rooms beside it fill the
// contract: storage/memory for tests and clusters that live for one run,
// storage/bolt for one machine. storage/storagetest is the suite that binds
// them all; a new backend is done when it passes.
//
// # Basics
//
// There is one revision for the whole store. An empty store stands at revision
// 1, and each Create, Update and Delete that succeeds takes the next one. The
// revision of an entry's last write is its version: Update and Delete name the
// one they have seen and are refused when another write came first.
//
// The past can be read as long as it has not been compacted: List at a
// revision shows the store as it stood then, and Watch after a revision tells
// every write since, in order.
//
//	page, err := s.List(ctx, "/registry/pods/", storage.ListOptions{})
//	events, err := s.Watch(ctx, "/registry/pods/", page.Revision)
//
// read in this order miss nothing and repeat nothing.
//
// # Caveats
//
// Bytes are never shared. The store copies what it is given before the call
// returns and copies what it hands out; the caller may change both. Every
// Event a watch delivers is likewise that watch's own.
//
// A prefix is a prefix of bytes and not of path elements: "/registry/pods"
// also covers "/registry/podtemplates/x". Callers end it with a slash.
package storage
