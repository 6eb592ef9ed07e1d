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

// info is a FileInfo under the name that the container knows the file by.
type info struct {
	fs.FileInfo
	name string
	attributes
	size int64
}

func (i info) Name() string      { return i.name }
func (i info) Mode() fs.FileMode { return i.mode }
func (i info) Size() int64       { return i.size }
func (i info) Sys() any          { return sysOf(i.Owner) }
func (i info) owner() Owner      { return i.Owner }

// info is what the container sees of a file that is on disk as i says.
func (f *FS) info(p place, i fs.FileInfo, name string) fs.FileInfo {
	size := i.Size()
	switch {
	case !i.IsDir():
	case p.mount.memory: // as a file system in memory counts its entries
		size = 40
		if dir, err := p.mount.root.Open(p.rel); err == nil {
			if list, err := dir.Readdirnames(-1); err == nil {
				size += 20 * int64(len(list))
			}
			_ = dir.Close() // it was only read
		}
	default:
		size = 4096
	}
	return info{i, name, f.attributesOf(p, i), size}
}

// InMemory says whether the file of an info of an FS takes no room on a disk.
func (f *FS) InMemory(name string) bool {
	p, err := f.walk("stat", name, false)
	return err == nil && (p.virtual || p.mount.memory)
}

// way is the FileInfo of a directory that exists only as the way to a mount.
type way struct{ name string }

func (w way) Name() string       { return w.name }
func (w way) Size() int64        { return 4096 }
func (w way) Mode() fs.FileMode  { return fs.ModeDir | 0o755 }
func (w way) ModTime() time.Time { return time.Time{} }
func (w way) IsDir() bool        { return true }
func (w way) Sys() any           { return sysOf(Owner{}) }

// Stat follows links.
func (f *FS) Stat(name string) (fs.FileInfo, error) { return f.stat("stat", name, true) }

// Lstat does not follow the last link.
func (f *FS) Lstat(name string) (fs.FileInfo, error) { return f.stat("lstat", name, false) }

func (f *FS) stat(op, name string, last bool) (fs.FileInfo, error) {
	p, err := f.walk(op, name, last)
	if err != nil {
		return nil, err
	}
	if p.virtual {
		i, ok := f.virtualInfo(p.abs)
		if !ok {
			return nil, wrap(op, name, syscall.ENOENT)
		}
		return i, nil
	}
	if p.made {
		return way{path.Base(p.abs)}, nil
	}
	i, err := p.mount.root.Lstat(p.rel)
	if err != nil {
		return nil, wrap(op, name, err)
	}
	return f.info(p, i, path.Base(p.abs)), nil
}

// ReadDir lists a directory by name, mount points and the ways to them included.
func (f *FS) ReadDir(name string) ([]fs.FileInfo, error) {
	p, err := f.walk("open", name, true)
	if err != nil {
		return nil, err
	}
	if err := f.allowed(p, toRead); err != nil {
		return nil, wrap("open", name, err)
	}
	if p.virtual {
		i, ok := f.virtualInfo(p.abs)
		switch {
		case !ok:
			return nil, wrap("open", name, syscall.ENOENT)
		case !i.IsDir():
			return nil, wrap("readdirent", name, syscall.ENOTDIR)
		}
		return f.readVirtualDir(p.abs), nil
	}
	found := map[string]fs.FileInfo{}
	if !p.made {
		dir, err := p.mount.root.Open(p.rel)
		if err != nil {
			return nil, wrap("open", name, err)
		}
		list, err := dir.Readdir(-1)
		_ = dir.Close() // it was only read
		if err != nil {
			return nil, wrap("readdirent", name, err)
		}
		for _, i := range list {
			child := place{abs: strings.TrimSuffix(p.abs, "/") + "/" + i.Name(), mount: p.mount, rel: path.Join(p.rel, i.Name())}
			found[i.Name()] = f.info(child, i, i.Name())
		}
	}
	prefix := strings.TrimSuffix(p.abs, "/") + "/"
	for _, m := range f.mounts {
		below, ok := strings.CutPrefix(m.at, prefix)
		if !ok || below == "" {
			continue
		}
		child, _, deeper := strings.Cut(below, "/")
		if have := found[child]; deeper && have != nil && have.IsDir() {
			continue
		}
		if i, err := f.Stat(prefix + child); err == nil {
			found[child] = i
		}
	}
	out := make([]fs.FileInfo, 0, len(found))
	for _, i := range found {
		out = append(out, i)
	}
	slices.SortFunc(out, func(a, b fs.FileInfo) int { return strings.Compare(a.Name(), b.Name()) })
	return out, nil
}

// Readlink is where a link points.
func (f *FS) Readlink(name string) (string, error) {
	p, err := f.walk("readlink", name, false)
	if err != nil {
		return "", err
	}
	if p.virtual {
		n, found, _ := f.node(p.abs)
		switch {
		case !found:
			return "", wrap("readlink", name, syscall.ENOENT)
		case n.Mode&fs.ModeSymlink == 0:
			return "", wrap("readlink", name, syscall.EINVAL)
		}
		return n.Link, nil
	}
	if p.made || p.mount.at == p.abs {
		return "", wrap("readlink", name, syscall.EINVAL)
	}
	target, err := p.mount.root.Readlink(p.rel)
	return target, wrap("readlink", name, err)
}

// Real is the path of a file with all links followed.
func (f *FS) Real(name string) (string, error) {
	p, err := f.walk("realpath", name, true)
	return p.abs, err
}

// Open opens a regular file or a directory for reading.
func (f *FS) Open(name string) (*os.File, error) {
	p, err := f.walk("open", name, true)
	if err != nil {
		return nil, err
	}
	if err := f.allowed(p, toRead); err != nil {
		return nil, wrap("open", name, err)
	}
	if p.virtual {
		n, found, _ := f.node(p.abs)
		switch {
		case !found:
			return nil, wrap("open", name, syscall.ENOENT)
		case n.Mode.IsDir():
			return nil, wrap("open", name, syscall.EISDIR)
		}
		file, err := openVirtual(n)
		return file, wrap("open", name, err)
	}
	if p.made {
		return nil, wrap("open", name, syscall.EISDIR)
	}
	// Only files and directories: a device or a pipe of the host's could block or do anything.
	i, err := p.mount.root.Stat(p.rel)
	if err != nil {
		return nil, wrap("open", name, err)
	}
	if !i.Mode().IsRegular() && !i.IsDir() {
		return nil, wrap("open", name, syscall.EACCES)
	}
	file, err := p.mount.root.Open(p.rel)
	return file, wrap("open", name, err)
}

// ReadFile reads a whole file of at most limit bytes.
func (f *FS) ReadFile(name string, limit int64) ([]byte, error) {
	file, err := f.Open(name)
	if err != nil {
		return nil, err
	}
	if f.Virtual != nil {
		if p, err := f.walk("open", name, true); err == nil && p.virtual {
			defer func() { _ = file.Close() }()
			b, err := io.ReadAll(io.LimitReader(file, limit))
			return b, wrap("read", name, err)
		}
	}
	defer func() { _ = file.Close() }()
	i, err := file.Stat()
	if err != nil {
		return nil, wrap("read", name, err)
	}
	if i.IsDir() {
		return nil, wrap("read", name, syscall.EISDIR)
	}
	if i.Size() > limit {
		return nil, wrap("read", name, syscall.EFBIG)
	}
	b := make([]byte, i.Size())
	n, err := readFull(file, b)
	return b[:n], wrap("read", name, err)
}

func readFull(r io.Reader, b []byte) (int, error) {
	n, err := io.ReadFull(r, b)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}
