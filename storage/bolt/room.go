package bolt

import (
	"os"
	"runtime"
)

// room keeps blocks ready beyond the end of the data: blocks that the file
// system has given to the file already and that have been written once. To force
// a page onto such a block is an overwrite. Onto a block that has still to be
// found, it is an entry in the file system's own journal as well, which takes about
// twice as long, and a commit waits for it. (A file system that writes each page to
// a new place gains nothing, and loses nothing.)
type room struct {
	file  *os.File // bbolt's own; nil: nothing is kept ready
	most  int64    // the file grows no further; 0: no bound
	end   int64    // all before it has been written
	used  int64    // where the data ends
	retry int64    // after a failure: where they end before it is tried again
}

// zeros is how much is made ready at a time, and spare how much there is to be at
// the least: for all that may go into the database at once, and some more writes.
const (
	zeros = 1 << 20
	spare = 6 << 20
)

// pagesFor is how many bytes of pages that many writes of so many bytes in all
// need at the most: each may touch a page of the index and split it, its record
// may begin a page, and there is what leads to them.
func pagesFor(writes, bytes int) int64 {
	return int64(bytes) + int64(4*writes+32)*int64(pageSize())
}

func newRoom(file *os.File, most int) room {
	if runtime.GOOS == "windows" {
		return room{} // it makes the file as large as its map
	}
	return room{file: file, most: int64(most)}
}

// has tells whether so many bytes are ready.
func (r *room) has(n int64) bool { return r.file != nil && r.used+n <= r.end }

// keep makes blocks ready when there are few, for a file whose data ends at used.
// Only the writer may call it, and only when it has nothing in a transaction:
// what lies beyond used is then nobody's.
func (r *room) keep(used int64) {
	r.used = used
	if r.file == nil || used+spare <= r.end || used < r.retry {
		return
	}
	r.end = max(r.end, used)
	for range 2 { // what comes next should not have to wait long
		if used+spare <= r.end || r.most > 0 && r.end+zeros > r.most {
			return
		}
		n, err := r.file.WriteAt(make([]byte, zeros), r.end)
		r.end += int64(n)
		if err != nil {
			// A full disk, most likely: bbolt will find out what it still can do.
			r.retry = used + zeros
			return
		}
	}
}
