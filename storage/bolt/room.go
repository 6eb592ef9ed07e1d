package bolt

import (
	"os"
	"runtime"
)

// room keeps blocks ready beyond the end of the data: blocks that the file
// system has given to the file already and that have been written once. To force
// a page onto such a block is an overwrite. Onto a block that has still to be
// found, it is an entry in the file system's journal as well, which takes about
// twice as long, and every commit waits for it.
type room struct {
	file *os.File // bbolt's own; nil: nothing is kept ready
	most int64    // the file grows no further; 0: no bound
	end  int64    // all before it has been written
}

// zeros is how much is made ready at a time, and how much there is to be at the
// least: some hundred writes.
const zeros = 1 << 20

func newRoom(file *os.File, most int) room {
	if runtime.GOOS == "windows" {
		return room{} // it makes the file as large as its map
	}
	return room{file: file, most: int64(most)}
}

// keep makes blocks ready when there are few, for a file whose data ends at used.
// Only the writer may call it, and only between its transactions: what lies
// beyond used is then nobody's.
func (r *room) keep(used int64) {
	if r.file == nil || used+zeros <= r.end {
		return
	}
	r.end = max(r.end, used)
	if r.most > 0 && r.end+zeros > r.most {
		return
	}
	n, err := r.file.WriteAt(make([]byte, zeros), r.end)
	r.end += int64(n)
	if err != nil {
		// A full disk, most likely: bbolt will find out what it still can do.
		r.file = nil
	}
}
