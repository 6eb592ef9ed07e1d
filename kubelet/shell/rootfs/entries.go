package rootfs

import (
	"errors"
	"io/fs"
	"strings"
	"syscall"
)

// own is the place of a directory entry that is about to be made, changed or, if it is taken, removed; nobody
// does that to a mount.
func (f *FS) own(op, name string, taken bool) (place, error) {
	p, err := f.walk(op, name, false)
	if err != nil {
		return p, err
	}
	if p.virtual {
		return p, wrap(op, name, syscall.EPERM)
	}
	if p.mount.at == p.abs || f.leadsToMount(p.abs) {
		if !taken {
			return p, wrap(op, name, syscall.EEXIST)
		}
		return p, wrap(op, name, syscall.EBUSY)
	}
	if _, err := p.mount.root.Lstat(p.rel); !taken && err == nil {
		return p, wrap(op, name, syscall.EEXIST)
	} else if taken && err != nil {
		return p, wrap(op, name, err)
	}
	return p, wrap(op, name, f.entry(p, taken))
}

// begun is what there is to do once an entry has been made.
func (f *FS) begun(op, name string, p place, perm fs.FileMode) error {
	if err := f.settle(p, perm); err != nil {
		return wrap(op, name, err)
	}
	if f.Now != nil {
		f.stampEntry(p, f.Now())
	}
	f.stampDir(p)
	return nil
}

// Mkdir makes one directory.
func (f *FS) Mkdir(name string, perm fs.FileMode) error {
	p, err := f.own("mkdir", name, false)
	if err != nil {
		return err
	}
	if err := f.charge(0, 1); err != nil {
		return wrap("mkdir", name, err)
	}
	if err := p.mount.root.Mkdir(p.rel, perm.Perm()|0o700); err != nil {
		return wrap("mkdir", name, err)
	}
	return f.begun("mkdir", name, p, perm)
}

// MkdirAll makes a directory and those above it.
func (f *FS) MkdirAll(name string, perm fs.FileMode) error {
	full := ""
	for c := range strings.SplitSeq(name, "/") {
		full += "/" + c
		if i, err := f.Stat(full); err == nil {
			if !i.IsDir() {
				return wrap("mkdir", name, syscall.ENOTDIR)
			}
			continue
		}
		if err := f.Mkdir(full, perm); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}

// Remove removes a file or an empty directory.
func (f *FS) Remove(name string) error {
	p, err := f.own("remove", name, true)
	if err != nil {
		return err
	}
	if err := p.mount.root.Remove(p.rel); err != nil {
		return wrap("remove", name, err)
	}
	f.gone()
	f.stampDir(p)
	return nil
}

// RemoveAll removes a tree; mounts in it stop it, and for all but root what they may not take away.
func (f *FS) RemoveAll(name string) error {
	if f.user.UID != 0 {
		i, err := f.Lstat(name)
		if err == nil && i.IsDir() {
			list, err := f.ReadDir(name)
			if err != nil {
				if f.Remove(name) == nil { // nobody may look into it, but it was empty
					return nil
				}
				return err
			}
			for _, e := range list {
				if err := f.RemoveAll(strings.TrimSuffix(name, "/") + "/" + e.Name()); err != nil {
					return err
				}
			}
		}
		return f.Remove(name)
	}
	p, err := f.own("remove", name, true)
	if err != nil {
		return err
	}
	if err := p.mount.root.RemoveAll(p.rel); err != nil {
		return wrap("remove", name, err)
	}
	f.gone()
	f.stampDir(p)
	return nil
}

// Rename moves within one mount; between mounts it fails with EXDEV.
func (f *FS) Rename(from, to string) error {
	p, err := f.own("rename", from, true)
	if err != nil {
		return err
	}
	q, err := f.own("rename", to, f.there(to))
	if err != nil {
		return err
	}
	if p.mount != q.mount {
		return wrap("rename", from, syscall.EXDEV)
	}
	if err := p.mount.root.Rename(p.rel, q.rel); err != nil {
		return wrap("rename", from, err)
	}
	f.gone()
	f.stampDir(p)
	f.stampDir(q)
	return nil
}

func (f *FS) there(name string) bool {
	_, err := f.Lstat(name)
	return err == nil
}

// Symlink makes a link. Where it points is followed as the container means it, never by the host.
func (f *FS) Symlink(target, name string) error {
	p, err := f.own("symlink", name, false)
	if err != nil {
		return err
	}
	if err := f.charge(0, 1); err != nil {
		return wrap("symlink", name, err)
	}
	if err := p.mount.root.Symlink(target, p.rel); err != nil {
		return wrap("symlink", name, err)
	}
	return f.begun("symlink", name, p, fs.ModePerm)
}
