package volume

import (
	"os"
	"time"
)

// Stamp has a file or directory carry a time, the cluster's, in place of the computer's. What cannot be stamped
// keeps what it has: a wrong time harms nobody.
func Stamp(dir *os.Root, name string, now time.Time) {
	_ = dir.Chtimes(name, now, now)
}

func (w Writer) stamp(dir *os.Root, name string) { Stamp(dir, name, w.now) }

// stampLink stamps a link itself.
func (w Writer) stampLink(dir *os.Root, name string) {
	open, err := dir.Open(".")
	if err != nil {
		return
	}
	_ = stampLink(open, name, w.now)
	_ = open.Close() // it was only looked into
}
