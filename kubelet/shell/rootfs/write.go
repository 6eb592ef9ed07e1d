package rootfs

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"
	"time"
)

// File is a file open for writing; what is written counts against the bounds of the container.
type File struct {
	*os.File
	fs   *FS
	name string
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
	p, err := f.writable("open", name, true)
	if err != nil {
		return nil, err
	}
	i, err := p.mount.root.Stat(p.rel)
	switch {
	case errors.Is(err, fs.ErrNotExist) && flag&os.O_CREATE != 0:
		if strings.HasSuffix(name, "/") {
			return nil, wrap("open", name, syscall.EISDIR)
		}
		if err := f.charge(0, 1); err != nil {
			return nil, wrap("open", name, err)
		}
	case err != nil:
		return nil, wrap("open", name, err)
	case i.IsDir():
		return nil, wrap("open", name, syscall.EISDIR)
	case !i.Mode().IsRegular():
		return nil, wrap("open", name, syscall.EACCES)
	}
	file, err := p.mount.root.OpenFile(p.rel, flag, perm.Perm())
	if err != nil {
		return nil, wrap("open", name, err)
	}
	return &File{file, f, name}, nil
}

// writable is the place of a path that is about to be changed.
func (f *FS) writable(op, name string, last bool) (place, error) {
	p, err := f.walk(op, name, last)
	if err != nil {
		return p, err
	}
	if err := f.permitted(p); err != nil {
		return p, wrap(op, name, err)
	}
	if p.made {
		return p, wrap(op, name, syscall.EEXIST)
	}
	return p, nil
}

// own is writable for a change of the directory entry itself, which nobody makes to a mount.
func (f *FS) own(op, name string) (place, error) {
	p, err := f.walk(op, name, false)
	if err == nil && (p.mount.at == p.abs || f.leadsToMount(p.abs)) {
		return p, wrap(op, name, syscall.EBUSY)
	}
	if err == nil {
		err = wrap(op, name, f.permitted(p))
	}
	return p, err
}

// Mkdir makes one directory.
func (f *FS) Mkdir(name string, perm fs.FileMode) error {
	p, err := f.writable("mkdir", name, false)
	if err != nil {
		return err
	}
	if err := f.charge(0, 1); err != nil {
		return wrap("mkdir", name, err)
	}
	return wrap("mkdir", name, p.mount.root.Mkdir(p.rel, perm.Perm()))
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
	p, err := f.own("remove", name)
	if err != nil {
		return err
	}
	return wrap("remove", name, p.mount.root.Remove(p.rel))
}

// RemoveAll removes a tree; mounts in it stop it.
func (f *FS) RemoveAll(name string) error {
	p, err := f.own("remove", name)
	if err != nil {
		return err
	}
	return wrap("remove", name, p.mount.root.RemoveAll(p.rel))
}

// Rename moves within one mount; between mounts it fails with EXDEV.
func (f *FS) Rename(from, to string) error {
	p, err := f.own("rename", from)
	if err != nil {
		return err
	}
	q, err := f.own("rename", to)
	if err != nil {
		return err
	}
	if p.mount != q.mount {
		return wrap("rename", from, syscall.EXDEV)
	}
	return wrap("rename", from, p.mount.root.Rename(p.rel, q.rel))
}

// Symlink makes a link. Where it points is followed as the container means it, never by the host.
func (f *FS) Symlink(target, name string) error {
	p, err := f.own("symlink", name)
	if err != nil {
		return err
	}
	if err := f.charge(0, 1); err != nil {
		return wrap("symlink", name, err)
	}
	return wrap("symlink", name, p.mount.root.Symlink(target, p.rel))
}

// Chmod sets permission bits.
func (f *FS) Chmod(name string, perm fs.FileMode) error {
	p, err := f.writable("chmod", name, true)
	if err != nil {
		return err
	}
	return wrap("chmod", name, p.mount.root.Chmod(p.rel, perm.Perm()))
}

// Chtimes sets the times of a file, in wall time.
func (f *FS) Chtimes(name string, t time.Time) error {
	p, err := f.writable("chtimes", name, true)
	if err != nil {
		return err
	}
	return wrap("chtimes", name, p.mount.root.Chtimes(p.rel, t, t))
}

// Access says whether a file may be read, written or run.
func (f *FS) Access(name string, write, exec bool) error {
	p, err := f.walk("access", name, true)
	if err != nil {
		return err
	}
	if p.made {
		return nil
	}
	i, err := p.mount.root.Stat(p.rel)
	switch {
	case err != nil:
		return wrap("access", name, err)
	case write && f.permitted(p) != nil:
		return wrap("access", name, f.permitted(p))
	case exec && !i.IsDir() && i.Mode()&0o111 == 0:
		return wrap("access", name, syscall.EACCES)
	}
	return nil
}

// charge counts what is about to be written. When the sum reaches a bound it looks at what is really
// there, since files are removed as well.
func (f *FS) charge(bytes int64, files int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.written+bytes > f.bytes || f.made+files > f.files {
		f.written, f.made = f.count()
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

func (f *FS) furnishAll(files map[string]string, dirs []string) error {
	var errs []error
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
