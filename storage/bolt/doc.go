// Package bolt is the store for one machine: a single file, kept by bbolt.
//
// # Basics
//
// The file has three buckets:
//
//	log   revision → key, previous revision, create revision, value (or a tombstone)
//	now   key → revision of its last write, create revision
//	meta  format, current revision, compacted revision, swept revision
//
// A write appends to log and points now at it. Get goes through now. A List in
// the past is now undone through log: of the keys written since, the first
// write tells what stood there before. A watch reads the latest events from
// memory and older ones from log.
//
// All writes pass through one goroutine. It takes whatever has queued up while
// the last transaction was on its way to the disk, checks each write against
// what those before it left, and commits all of them with one transaction: one
// writer waits for one transaction, a hundred share it.
//
// Compaction raises the compacted revision at once and then sweeps: each log
// entry up to there gives up the entry it replaced. It goes in steps between
// other writes, and it leaves what a watch or a snapshot has still to read for
// the next compaction to take.
//
// # Caveats
//
// bbolt trusts its file: on a damaged one it panics, or the process dies of a
// bus error. Open therefore reads and checks the whole file, every page and
// every record's checksum, before bbolt may serve from it. What happens to the
// file under a running store is beyond that check.
//
// No byte of bbolt's memory map leaves this package; all is copied inside the
// transaction that read it.
package bolt
