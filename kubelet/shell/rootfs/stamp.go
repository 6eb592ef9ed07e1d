package rootfs

import (
	"path"
	"time"
)

// stamp has a file carry the cluster's time as that of its last change, not that of the computer. If it
// cannot, the file keeps what it has: a wrong time harms nobody.
func (f *FS) stamp(p place) {
	if f.Now == nil {
		return
	}
	now := f.Now()
	_ = p.mount.root.Chtimes(p.rel, now, now)
}

// stampEntry is stamp for an entry that may be a link.
func (f *FS) stampEntry(p place, now time.Time) {
	dir, err := p.mount.root.Open(path.Dir(p.rel))
	if err != nil {
		return
	}
	_ = stampLink(dir, path.Base(p.rel), now)
	_ = dir.Close() // it was only looked into
}

// stampDir is stamp for the directory in which p has come or gone.
func (f *FS) stampDir(p place) {
	if dir := f.at(parent(p.abs)); !dir.made && !dir.virtual {
		f.stamp(dir)
	}
}
