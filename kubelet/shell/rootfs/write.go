package rootfs

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"
)

// File is a file open for writing; what is written counts against the bounds of the container.
type File struct {
	*os.File
	fs   *FS
	name string
	at   place
}

// Close has the file carry the time of the last change.
func (f *File) Close() error {
	f.fs.stamp(f.at)
	return f.File.Close()
}

// Write fails with ENOSPC when the container holds too much.
func (f *File) Write(b []byte) (int, error) {
	if err := f.fs.charge(int64(len(b)), 0); err != nil {
		return 0, wrap("write", f.name, err)
	}
	n, err := f.File.Write(b)
	return n, wrap("write", f.name, err)
}

// WriteString is Write.
func (f *File) WriteString(s string) (int, error) { return f.Write([]byte(s)) }

// ReadFrom copies in pieces, so that each counts.
func (f *File) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{f}, r)
}

// Create opens a file for writing; flag is what os.OpenFile takes.
func (f *FS) Create(name string, flag int, perm fs.FileMode) (*File, error) {
	p, err := f.walk("open", name, true)
	if err != nil {
		return nil, err
	}
	if p.made {
		return nil, wrap("open", name, syscall.EISDIR)
	}
	if p.virtual {
		return nil, wrap("open", name, syscall.EACCES)
	}
	i, err := p.mount.root.Stat(p.rel)
	fresh := false
	switch {
	case errors.Is(err, fs.ErrNotExist) && flag&os.O_CREATE != 0:
		if strings.HasSuffix(name, "/") {
			return nil, wrap("open", name, syscall.EISDIR)
		}
		if err := f.entry(p, false); err != nil {
			return nil, wrap("open", name, err)
		}
		if err := f.charge(0, 1); err != nil {
			return nil, wrap("open", name, err)
		}
		fresh = true
	case err != nil:
		return nil, wrap("open", name, err)
	case i.IsDir():
		return nil, wrap("open", name, syscall.EISDIR)
	case !i.Mode().IsRegular():
		return nil, wrap("open", name, syscall.EACCES)
	default:
		want := toWrite
		if flag&os.O_RDWR != 0 {
			want |= toRead
		}
		if err := f.allowed(p, want); err != nil {
			return nil, wrap("open", name, err)
		}
	}
	if fresh {
		flag |= os.O_EXCL // nobody else makes it meanwhile, and nothing is followed
	}
	file, err := p.mount.root.OpenFile(p.rel, flag, perm.Perm()|0o600)
	if fresh && errors.Is(err, fs.ErrExist) && !strings.HasSuffix(name, "/") {
		return f.Create(name, flag&^os.O_EXCL, perm) // somebody has: it is theirs
	}
	if err != nil {
		return nil, wrap("open", name, err)
	}
	if !fresh && flag&os.O_TRUNC != 0 {
		f.gone()
	}
	if fresh {
		if err := f.settle(p, perm); err != nil {
			return nil, wrap("open", name, errors.Join(err, file.Close()))
		}
		f.stampDir(p)
	}
	f.stamp(p)
	return &File{file, f, name, p}, nil
}

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
			if err != nil && i.Size() > 40 {
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
		o.mode = int32(bitsOf(perm))
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

// countAgain is how long a count stands if nobody here has removed anything.
const countAgain = 200 * time.Millisecond

// gone notes that something has been removed, so that there may be room again.
func (f *FS) gone() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.removed = true
}

// charge counts what is about to be written. When the sum reaches a bound it looks at what is really
// there, since files are removed as well.
func (f *FS) charge(bytes int64, files int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.written+bytes > f.bytes || f.made+files > f.files {
		if time.Since(f.counted) < countAgain && !f.removed { // wall time: counting is this machine's work
			return syscall.ENOSPC
		}
		f.written, f.made = f.count()
		f.counted, f.removed = time.Now(), false
	}
	if f.written+bytes > f.bytes || f.made+files > f.files {
		return syscall.ENOSPC
	}
	f.written += bytes
	f.made += files
	return nil
}

// count walks all that the container may write to.
func (f *FS) count() (bytes int64, files int) {
	for _, m := range f.mounts {
		if m.readOnly || m.file != "" {
			continue
		}
		_ = fs.WalkDir(m.root.FS(), ".", func(_ string, d fs.DirEntry, err error) error {
			if err != nil {
				return nil // it was removed meanwhile
			}
			files++
			if i, err := d.Info(); err == nil && i.Mode().IsRegular() {
				bytes += i.Size()
			}
			return nil
		})
	}
	return bytes, files
}

// Furnish makes what images have in common: a few directories and files, where missing. What cannot be made
// keeps nothing else from being made. It comes before anything else uses the file system.
func (f *FS) Furnish(files map[string]string, dirs ...string) error {
	return f.asRoot(func() error { return f.furnishAll(files, dirs) })
}

// Passable has the ways to mounts be open to everybody and carry the cluster's time, once, as the container
// begins: the node made them with the rights and at the time of the computer.
func (f *FS) Passable() {
	root := f.mounts[len(f.mounts)-1]
	for _, m := range f.mounts {
		for dir := parent(m.at); dir != "/"; dir = parent(dir) {
			if p := f.at(dir); p.mount == root && !p.made && !p.virtual {
				_ = root.root.Chmod(p.rel, 0o755) // it is what it is if that fails
				f.stamp(p)
			}
		}
	}
	f.stamp(f.at("/"))
}

func (f *FS) furnishAll(files map[string]string, dirs []string) error {
	var errs []error
	root := f.mounts[len(f.mounts)-1]
	for _, m := range f.mounts { // the ways to mounts, where nobody has made them
		if p := f.at(parent(m.at)); p.made {
			errs = append(errs, bare(root.root.MkdirAll(p.rel, 0o755)))
		}
	}
	for _, d := range dirs {
		if _, err := f.Stat(d); err != nil {
			errs = append(errs, f.MkdirAll(d, 0o755))
		}
	}
	for name, text := range files {
		if _, err := f.Lstat(name); err != nil {
			errs = append(errs, f.furnish(name, text))
		}
	}
	return errors.Join(errs...)
}

func (f *FS) furnish(name, text string) error {
	if err := f.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	file, err := f.Create(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Close())
}

func readFull(r io.Reader, b []byte) (int, error) {
	n, err := io.ReadFull(r, b)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}
