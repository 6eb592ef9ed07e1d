package rootfs

import (
	"io/fs"
	"slices"
	"syscall"
	"time"
)

// change is the place and the present state of a file whose owner, mode or times are about to be changed.
func (f *FS) change(op, name string, last bool) (place, fs.FileInfo, attributes, error) {
	p, err := f.walk(op, name, last)
	if err != nil {
		return p, nil, attributes{}, err
	}
	switch {
	case p.virtual, p.made:
		return p, nil, attributes{}, wrap(op, name, syscall.EPERM)
	case p.mount.readOnly:
		return p, nil, attributes{}, wrap(op, name, syscall.EROFS)
	}
	i, err := p.mount.root.Lstat(p.rel)
	if err != nil {
		return p, nil, attributes{}, wrap(op, name, err)
	}
	return p, i, f.attributesOf(p, i), nil
}

// Chmod sets the permission bits, and those for set-id and sticky. On disk whoever runs the node keeps the
// right to read and change a file.
func (f *FS) Chmod(name string, perm fs.FileMode) error {
	p, i, a, err := f.change("chmod", name, true)
	if err != nil {
		return err
	}
	if f.user.UID != 0 && a.UID != f.user.UID {
		return wrap("chmod", name, syscall.EPERM)
	}
	disk := perm.Perm() | onDisk(i)
	if err := p.mount.root.Chmod(p.rel, disk); err != nil {
		return wrap("chmod", name, err)
	}
	o := owned{a.Owner, -1}
	if i, err = p.mount.root.Lstat(p.rel); err != nil {
		return wrap("chmod", name, err)
	}
	k, numbered := keyOf(i)
	was, noted := p.mount.ledger.find(k)
	if !numbered || !noted && f.attributesOf(p, i).mode == i.Mode().Type()|perm {
		return nil
	}
	if noted || perm != disk || f.attributesOf(p, i).mode != i.Mode() {
		o.mode = int32(Bits(perm))
	}
	if noted && was == o {
		return nil
	}
	return wrap("chmod", name, p.mount.ledger.note(k, o))
}

// Chown sets whose a file is; negative: as it was. A link is followed if last says so. All but root may only
// choose one of their groups for what is theirs.
func (f *FS) Chown(name string, uid, gid int64, last bool) error {
	p, i, a, err := f.change("chown", name, last)
	if err != nil {
		return err
	}
	o := a.Owner
	if uid >= 0 {
		o.UID = uid
	}
	if gid >= 0 {
		o.GID = gid
	}
	if f.user.UID != 0 && (a.UID != f.user.UID || o.UID != a.UID || o.GID != a.GID && !slices.Contains(f.groups, o.GID)) {
		return wrap("chown", name, syscall.EPERM)
	}
	k, ok := keyOf(i)
	if !ok || o == a.Owner {
		return nil
	}
	mode := int32(-1)
	if was, noted := p.mount.ledger.find(k); noted {
		mode = was.mode
	}
	return wrap("chown", name, p.mount.ledger.note(k, owned{o, mode}))
}

// Chtimes sets the times of a file, in the cluster's time.
func (f *FS) Chtimes(name string, t time.Time) error {
	p, _, a, err := f.change("chtimes", name, true)
	if err != nil {
		return err
	}
	if f.user.UID != 0 && a.UID != f.user.UID && !f.may(a, toWrite) {
		return wrap("chtimes", name, syscall.EACCES)
	}
	return wrap("chtimes", name, p.mount.root.Chtimes(p.rel, t, t))
}

// Access says whether a file may be read, written or run.
func (f *FS) Access(name string, read, write, exec bool) error {
	p, err := f.walk("access", name, true)
	if err != nil {
		return err
	}
	if p.virtual {
		if _, found, _ := f.node(p.abs); !found {
			return wrap("access", name, syscall.ENOENT)
		}
	} else if !p.made {
		if _, err := p.mount.root.Lstat(p.rel); err != nil {
			return wrap("access", name, err)
		}
	}
	want := uint32(0)
	for _, w := range []struct {
		is  bool
		bit uint32
	}{{read, toRead}, {write, toWrite}, {exec, toRun}} {
		if w.is {
			want |= w.bit
		}
	}
	return wrap("access", name, f.allowed(p, want))
}
