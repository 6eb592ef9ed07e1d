package rootfs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Mount is a volume inside of the container.
type Mount struct {
	Path     string // absolute, inside
	Dir      string // below Config.Pod, slash-separated; a directory or, for a subPath, a file
	ReadOnly bool
	// Disk, if not empty, is a directory of the host, and Below a way in it: Dir is below that, in place of Config.Pod.
	Disk, Below string
	// Within, if not empty, is a directory below Config.Pod: Dir is below that, and no link leads out of it.
	Within string
	Memory bool  // it looks like a file system in memory: everybody may write to it, nobody to another's files
	Group  int64 // of all in it that nobody has changed
	// Projected volumes hold the node's files. Those in Owned, by their path in the volume, belong to User, all
	// others to root; "." is a file that is the mount itself.
	Projected bool
	User      int64
	Owned     []string
}

// Config says what a container sees.
type Config struct {
	Pod      string // the pod's directory on the host; nothing outside of it, but what Mounts name, is ever opened
	Root     string // the container's root below Pod, slash-separated
	Mounts   []Mount
	ReadOnly bool  // the root itself may not be written to
	User     Owner // who reads and writes
	Groups   []int64
	Homes    map[string]Owner // directories of the image that are not root's, with all in them
	Ledger   string           // a file below Pod that remembers who owns what; empty: kept in memory
	Bytes    int64            // bound of what root and writable volumes hold; 0: 128 MiB
	Files    int              // bound of the files in them; 0: 10,000
}

// FS is an open file system. Its methods may be called concurrently. Paths are absolute and
// slash-separated; errors are *fs.PathError with the path as given.
type FS struct {
	// Now is the cluster's time, which files carry; nil: the computer's. Virtual knows the files at and below
	// VirtualAt. Room is what is known of how full the container is: one for all who write to the same files, else
	// each might fill what is left. All four are set before anything else uses the file system.
	Now       func() time.Time
	Virtual   Virtual
	VirtualAt string
	Room      *Room

	mounts []*mount // the longest path first, the root last
	user   Owner

	furnishing bool // it is the image that is being made

	groups []int64
	homes  map[string]Owner
	ledger *ledger
	disks  []*ledger // of mounts that are not the pod's own
	bytes  int64
	files  int
}

type mount struct {
	at       string // cleaned; "/" for the root
	root     *os.Root
	file     string // for a mount that is a file: its name in root
	readOnly bool

	ledger            *ledger // of whose files there are
	memory, projected bool
	user, group       int64
	owned             []string
}

// Open opens the root and all mounts. A mount whose directory is gone is an error.
func Open(c Config) (*FS, error) {
	pod, err := os.OpenRoot(c.Pod)
	if err != nil {
		return nil, err
	}
	f := &FS{Room: &Room{}, bytes: c.Bytes, files: c.Files, user: c.User, groups: append([]int64{c.User.GID}, c.Groups...), homes: c.Homes, ledger: &ledger{pod: pod, name: c.Ledger}}
	if f.bytes == 0 {
		f.bytes = 128 << 20
	}
	if f.files == 0 {
		f.files = 10_000
	}
	if err := f.add(pod, Mount{Path: "/", Dir: c.Root, ReadOnly: c.ReadOnly}); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	for _, m := range c.Mounts {
		if err := f.add(pod, m); err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
	slices.SortStableFunc(f.mounts, func(a, b *mount) int { return len(b.at) - len(a.at) })
	return f, nil
}

func (f *FS) add(pod *os.Root, m Mount) error {
	at := path.Clean("/" + m.Path)
	owners := f.ledger
	if m.Disk != "" { // step by step, each within the last: what containers left on the disk leads nowhere else
		disk, err := os.OpenRoot(m.Disk)
		if err != nil {
			return fmt.Errorf("mount %s: %w", at, err)
		}
		if pod, err = disk.OpenRoot(filepath.FromSlash(m.Below)); err != nil {
			return errors.Join(fmt.Errorf("mount %s: %w", at, err), disk.Close())
		}
		defer func() { _ = pod.Close() }()
		owners = &ledger{pod: disk, name: DiskLedger} // the disk outlives the pod: so does who owns what
		f.disks = append(f.disks, owners)
	}
	if m.Within != "" {
		volume, err := pod.OpenRoot(filepath.FromSlash(m.Within))
		if err != nil {
			return fmt.Errorf("mount %s: %w", at, err)
		}
		defer func() { _ = volume.Close() }()
		pod = volume
	}
	info, err := pod.Stat(filepath.FromSlash(m.Dir))
	if err != nil {
		return fmt.Errorf("mount %s: %w", at, err)
	}
	dir, file := m.Dir, ""
	if !info.IsDir() {
		dir, file = path.Split(m.Dir)
		dir = path.Clean(dir)
	}
	root, err := pod.OpenRoot(filepath.FromSlash(dir))
	if err != nil {
		return fmt.Errorf("mount %s: %w", at, err)
	}
	f.mounts = append(f.mounts, &mount{
		at: at, root: root, file: file, readOnly: m.ReadOnly, memory: m.Memory, projected: m.Projected, user: m.User, group: m.Group, owned: m.Owned, ledger: owners,
	})
	return nil
}

// Close closes all mounts.
func (f *FS) Close() error {
	errs := []error{f.ledger.close()}
	for _, l := range f.disks {
		errs = append(errs, l.close())
	}
	for _, m := range f.mounts {
		errs = append(errs, m.root.Close())
	}
	return errors.Join(errs...)
}

// Mounts are the root and the volumes, the root first, the others by path.
func (f *FS) Mounts() []Mount {
	var out []Mount
	for _, m := range f.mounts {
		out = append(out, Mount{Path: m.at, ReadOnly: m.readOnly, Memory: m.memory})
	}
	slices.SortFunc(out, func(a, b Mount) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// Usage is how many bytes the container may write to hold, and the bound of that.
func (f *FS) Usage() (used, bound int64) {
	used, _ = f.count()
	return used, f.bytes
}

// place is where a path leads, all links followed. Nothing need be there.
type place struct {
	abs   string // inside of the container
	mount *mount
	rel   string // in the mount's root
	made  bool   // a directory that exists only as the way to a mount
	// virtual: it is not on disk, though it lies in the root.
	virtual bool
}

// Bounds of a path. A real one may have more elements, but each access walks all of them here.
const (
	maxLinks    = 40
	maxPath     = 4096 // bytes
	maxElements = 100
)

// walk follows a path. A missing last element is no error, a missing one before it is.
func (f *FS) walk(op, name string, last bool) (place, error) {
	fail := func(err error) (place, error) { return place{}, &fs.PathError{Op: op, Path: name, Err: bare(err)} }
	if name == "" || strings.ContainsRune(name, 0) {
		return fail(syscall.ENOENT)
	}
	if len(name) > maxPath {
		return fail(syscall.ENAMETOOLONG)
	}
	pending := strings.Split(name, "/")
	var done []string
	links := 0
	at := foothold{}
	defer at.leave()
	for len(pending) > 0 {
		c := pending[0]
		pending = pending[1:]
		switch c {
		case "", ".":
			continue
		case "..":
			done = done[:max(len(done)-1, 0)]
			at.leave()
			continue
		}
		if len(done) >= maxElements || len(pending) > maxPath {
			return fail(syscall.ENAMETOOLONG)
		}
		if f.user.UID != 0 { // whoever looks into a directory needs a right to it
			if err := at.passable(f, done); err != nil {
				return fail(err)
			}
		}
		abs := "/" + strings.Join(append(slices.Clone(done), c), "/")
		if n, found, ok := f.node(abs); ok {
			switch {
			case !found && (rest(pending) || f.leadsToMount(abs)):
			case !found:
				return fail(syscall.ENOENT)
			case n.Mode&fs.ModeSymlink != 0 && (last || !rest(pending)):
				if links++; links > maxLinks {
					return fail(syscall.ELOOP)
				}
				if strings.HasPrefix(n.Link, "/") {
					done = nil
				}
				at.leave()
				pending = append(strings.Split(n.Link, "/"), pending...)
				continue
			case !n.Mode.IsDir() && !rest(pending):
				return fail(syscall.ENOTDIR)
			}
			done = append(done, c)
			at.leave()
			continue
		}
		p := f.at(abs)
		if p.mount.at == abs { // a mount hides what is below it
			done = append(done, c)
			at.leave()
			continue
		}
		if p.mount.file != "" {
			return fail(syscall.ENOTDIR)
		}
		info, err := at.look(p)
		switch {
		case errors.Is(err, fs.ErrNotExist) && f.leadsToMount(abs):
			at.leave()
		case errors.Is(err, fs.ErrNotExist) && rest(pending):
		case err != nil:
			return fail(err)
		case info.Mode()&fs.ModeSymlink != 0 && (last || !rest(pending)):
			if links++; links > maxLinks {
				return fail(syscall.ELOOP)
			}
			target, err := p.mount.root.Readlink(p.rel)
			if err != nil {
				return fail(err)
			}
			target = filepath.ToSlash(target)
			if strings.HasPrefix(target, "/") {
				done = nil
				at.leave()
			}
			pending = append(strings.Split(target, "/"), pending...)
			continue
		case !info.IsDir() && !rest(pending):
			return fail(syscall.ENOTDIR)
		case !rest(pending):
			at.enter(f, p, info)
		}
		done = append(done, c)
	}
	return f.at("/" + strings.Join(done, "/")), nil
}

// rest says whether nothing is left of a path but slashes and dots.
func rest(pending []string) bool {
	for _, c := range pending {
		if c != "" && c != "." {
			return false
		}
	}
	return true
}

// at finds the mount of a path without links.
func (f *FS) at(abs string) place {
	for _, m := range f.mounts {
		below, ok := strings.CutPrefix(abs, strings.TrimSuffix(m.at, "/"))
		if !ok || below != "" && below[0] != '/' {
			continue
		}
		p := place{abs: abs, mount: m, rel: strings.TrimPrefix(below, "/")}
		if m.at == "/" {
			if _, _, p.virtual = f.node(abs); p.virtual {
				return p
			}
		}
		if p.rel == "" {
			p.rel = "."
			if m.file != "" {
				p.rel = m.file
			}
			return p
		}
		if m.at == "/" && f.leadsToMount(abs) {
			_, err := m.root.Stat(p.rel)
			p.made = err != nil
		}
		return p
	}
	panic("rootfs: no mount at /") // Open adds one
}

// leadsToMount says whether a mount lies below abs.
func (f *FS) leadsToMount(abs string) bool {
	for _, m := range f.mounts {
		if strings.HasPrefix(m.at, abs+"/") {
			return true
		}
	}
	return false
}

// bare takes the path of the host's side off an error.
func bare(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	var le *os.LinkError
	if errors.As(err, &le) {
		err = le.Err
	}
	var se *os.SyscallError
	if errors.As(err, &se) {
		err = se.Err
	}
	return err
}

func wrap(op, name string, err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: op, Path: name, Err: bare(err)}
}
