package rootfs

import (
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"
)

// foothold is the directory that a walk has come to, held open so that the next step begins there and not at the
// root of its mount again. Its zero value holds nothing.
type foothold struct {
	mount  *mount
	rel    string
	dir    *os.Root
	rights attributes
	known  bool // rights are the directory's
}

// leave lets go: the next step begins at the mount.
func (h *foothold) leave() {
	if h.dir != nil {
		_ = h.dir.Close() // it was only looked into
	}
	*h = foothold{}
}

// look is the file at p, which no link leads away from.
func (h *foothold) look(p place) (fs.FileInfo, error) {
	if h.dir != nil && h.mount == p.mount && path.Dir(p.rel) == h.rel {
		return h.dir.Lstat(path.Base(p.rel))
	}
	return p.mount.root.Lstat(p.rel)
}

// enter goes into the directory at p. If that fails the next step begins at the mount, and fails there.
func (h *foothold) enter(f *FS, p place, i fs.FileInfo) {
	from, name := p.mount.root, p.rel
	if h.dir != nil && h.mount == p.mount && path.Dir(p.rel) == h.rel {
		from, name = h.dir, path.Base(p.rel)
	}
	dir, err := from.OpenRoot(name)
	h.leave()
	if err != nil {
		return
	}
	*h = foothold{mount: p.mount, rel: p.rel, dir: dir}
	if f.user.UID != 0 {
		h.rights, h.known = f.attributesOf(p, i), true
	}
}

// passable is nil if the user may look for a name in the directory that the walk has come to.
func (h *foothold) passable(f *FS, done []string) error {
	if !h.known {
		return f.allowed(f.at("/"+strings.Join(done, "/")), toRun)
	}
	if !f.may(h.rights, toRun) {
		return syscall.EACCES
	}
	return nil
}
