// Package bolt is the store for one machine: a file kept by bbolt, and beside it,
// while it is open, a journal.
//
// # Basics
//
// The file has three buckets:
//
//	log   revision → key, previous revision, create revision, value (or a tombstone)
//	now   key → revision of its last write, create revision
//	meta  format, current revision, compacted revision, swept revision, number of the journal
//
// A write appends to log and points now at it. Get goes through now. A List in
// the past is now undone through log: of the keys written since, the first
// write tells what stood there before. A watch reads the latest events from
// memory and older ones from log.
//
// All writes pass through one goroutine. It takes whatever has queued up while
// the last batch was on its way to the disk, checks each write against what those
// before it left, and makes all of them durable together: one writer waits for
// the disk once, and so does a hundred of them.
//
// A batch is durable when the journal has it, which takes one flush. bbolt needs
// two, of pages all over its file, so it commits what is in the journal later: a
// hundred writes at a time, after a tenth of a second at rest, and whenever
// somebody reads, for all reads are of the database. The file is kept longer than
// its data, so that this commit finds its blocks there, even on a full disk;
// where there is no room ahead, batches go into the database one by one. After a
// kill, Open does what the journal holds again. A closed store has no journal and
// is complete in its file.
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
// A database whose process was killed is complete only with its journal, which has
// its name and ".journal": it is refused without it, and with another's. Damage to
// the journal's last batch looks like one that was not finished, and cannot be told
// from it.
//
// No byte of bbolt's memory map leaves this package; all is copied inside the
// transaction that read it.
package bolt
