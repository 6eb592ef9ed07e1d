package rootfs

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
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
