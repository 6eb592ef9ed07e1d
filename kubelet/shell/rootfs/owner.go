package rootfs

import (
	"io/fs"
	"slices"
	"strings"
	"syscall"
)

// Owner is somebody in the container, as numbers.
type Owner struct{ UID, GID int64 }

// shared are the directories of an image that everybody may write to.
func shared() []string { return []string{"/tmp", "/var/tmp", "/dev/shm"} }

// attributes are whose a file is and what may be done with it, as the container sees it. On disk all files
// belong to whoever runs the node.
type attributes struct {
	Owner
	mode fs.FileMode
}

// Mounted says whether a path lies in a volume.
func (f *FS) Mounted(name string) bool {
	p, err := f.walk("stat", name, false)
	return err == nil && p.mount != nil && p.mount.at != "/"
}

// OwnerOf is whose the file of an info of an FS is.
func OwnerOf(i fs.FileInfo) Owner {
	if o, ok := i.(interface{ owner() Owner }); ok {
		return o.owner()
	}
	return Owner{}
}

// attributesOf is what the container sees of a file that is on disk as i says: what the ledger has, or what
// goes for all files in its place that nobody has changed.
func (f *FS) attributesOf(p place, i fs.FileInfo) attributes {
	a := attributes{mode: i.Mode()}
	m := p.mount
	top := p.abs == m.at && m.file == ""
	switch { // what the image and the node have made, until somebody changes it
	case p.abs == "/":
		a.mode |= 0o755
	case top && m.memory, m.at == "/" && slices.Contains(shared(), p.abs):
		a.mode |= fs.ModePerm | fs.ModeSticky
	case m.at == "/" && p.abs == "/root" && i.IsDir():
		a.mode = fs.ModeDir | 0o700
	}
	switch {
	case m.projected:
		a.GID = m.group
		if !i.IsDir() && slices.Contains(m.owned, p.inVolume()) {
			a.UID = m.user
		}
	default:
		if m.at != "/" {
			a.GID = m.group
		} else if o, mine := f.image(p.abs); mine {
			a.Owner = o
		}
		k, ok := keyOf(i)
		if o, noted := m.ledger.find(k); ok && noted {
			a.Owner = o.Owner
			if o.mode >= 0 {
				a.mode = a.mode.Type() | modeOf(uint32(o.mode))
			}
		} else if !ok && !top && (m.at != "/" || mine(p.abs)) {
			a.Owner = f.user // this system gives files no numbers: whoever asks has made it
		}
	}
	if i.Mode()&fs.ModeSymlink != 0 {
		a.mode |= fs.ModePerm
	}
	return a
}

// image is whose a directory of the image is, with all in it, if it is not root's.
func (f *FS) image(abs string) (Owner, bool) {
	for dir, o := range f.homes {
		if abs == dir || strings.HasPrefix(abs, dir+"/") {
			return o, true
		}
	}
	return Owner{}, false
}

// inVolume is the path of a projected file as the pod's spec has it, whatever set of files it is of.
func (p place) inVolume() string {
	if p.mount.file != "" {
		return "."
	}
	if first, below, ok := strings.Cut(p.rel, "/"); ok && strings.HasPrefix(first, "..") {
		return below
	}
	return p.rel
}

func base(abs string) string { return abs[strings.LastIndexByte(abs, '/')+1:] }

func mine(abs string) bool {
	for _, d := range shared() {
		if strings.HasPrefix(abs, d+"/") {
			return true
		}
	}
	return false
}

// What somebody wants to do with a file.
const (
	toRead  uint32 = 4
	toWrite uint32 = 2
	toRun   uint32 = 1 // or to go through, of a directory
)

// may says whether the container's user may do all of want.
func (f *FS) may(a attributes, want uint32) bool {
	bits := uint32(a.mode.Perm())
	switch {
	case f.user.UID == 0:
		return want&toRun == 0 || a.mode.IsDir() || bits&0o111 != 0
	case a.UID == f.user.UID:
		bits >>= 6
	case slices.Contains(f.groups, a.GID):
		bits >>= 3
	}
	return bits&want == want
}

// allowed is nil if the user may do this with the file at a place that links do not lead away from.
func (f *FS) allowed(p place, want uint32) error {
	if p.virtual {
		if want&toWrite != 0 {
			return syscall.EACCES
		}
		return nil
	}
	if want&toWrite != 0 && p.mount.readOnly {
		return syscall.EROFS
	}
	if f.user.UID == 0 && want&toRun == 0 {
		return nil
	}
	if p.made {
		if want&toWrite != 0 && f.user.UID != 0 {
			return syscall.EACCES
		}
		return nil
	}
	i, err := p.mount.root.Lstat(p.rel)
	if err != nil {
		return bare(err)
	}
	if !f.may(f.attributesOf(p, i), want) {
		return syscall.EACCES
	}
	return nil
}

// entry is nil if the user may add, change or, if it is there, take away the directory entry at p.
func (f *FS) entry(p place, taken bool) error {
	if p.virtual {
		return syscall.EACCES
	}
	dir := f.at(parent(p.abs))
	if p.mount.readOnly {
		return syscall.EROFS
	}
	if err := f.allowed(dir, toWrite|toRun); err != nil {
		return err
	}
	if !taken || f.user.UID == 0 || dir.made {
		return nil
	}
	i, err := dir.mount.root.Lstat(dir.rel)
	if err != nil {
		return bare(err)
	}
	a := f.attributesOf(dir, i)
	if a.mode&fs.ModeSticky == 0 || a.UID == f.user.UID {
		return nil
	}
	if i, err = p.mount.root.Lstat(p.rel); err == nil && f.attributesOf(p, i).UID != f.user.UID {
		return syscall.EPERM
	}
	return nil
}

func parent(abs string) string {
	if at := strings.LastIndexByte(abs, '/'); at > 0 {
		return abs[:at]
	}
	return "/"
}

// settle gives what the user has just made at p its owner and mode. On disk whoever runs the node keeps the
// right to read and change it.
func (f *FS) settle(p place, perm fs.FileMode) error {
	i, err := p.mount.root.Lstat(p.rel)
	if err != nil {
		return bare(err)
	}
	perm &^= 0o022 // the container's umask
	o, mode := f.user, int32(-1)
	if own, is := f.image(p.abs); is && f.furnishing {
		o = own
	}
	dir := f.at(parent(p.abs))
	if d, err := dir.mount.root.Lstat(dir.rel); err == nil {
		if a := f.attributesOf(dir, d); a.mode&fs.ModeSetgid != 0 {
			o.GID = a.GID
			if i.IsDir() {
				mode = int32(Bits(perm | fs.ModeSetgid))
			}
		}
	}
	if i.Mode()&fs.ModeSymlink == 0 {
		disk := perm.Perm() | onDisk(i)
		if disk != perm.Perm() {
			mode = int32(Bits(perm))
		}
		if i.Mode().Perm() != disk {
			if err := p.mount.root.Chmod(p.rel, disk); err != nil {
				return bare(err)
			}
		}
	}
	return f.note(p, i, owned{o, mode})
}

// onDisk are the bits that every file of a container has on disk.
func onDisk(i fs.FileInfo) fs.FileMode {
	if i.IsDir() {
		return 0o700
	}
	return 0o600
}

// note writes down whose a file is, unless that goes without saying.
func (f *FS) note(p place, i fs.FileInfo, o owned) error {
	k, ok := keyOf(i)
	if !ok {
		return nil
	}
	was, noted := p.mount.ledger.find(k)
	if noted && was == o {
		return nil
	}
	if !noted && o.mode < 0 && f.attributesOf(p, i).Owner == o.Owner {
		return nil
	}
	return p.mount.ledger.note(k, o)
}

// asRoot runs what makes the image, which neither a read-only root nor the user keeps from it.
func (f *FS) asRoot(make func() error) error {
	root := f.mounts[len(f.mounts)-1]
	user, readOnly := f.user, root.readOnly
	f.user, root.readOnly, f.furnishing = Owner{}, false, true
	err := make()
	f.user, root.readOnly, f.furnishing = user, readOnly, false
	return err
}

// modeOf has the twelve bits of chmod be Go's.
func modeOf(bits uint32) fs.FileMode {
	m := fs.FileMode(bits & 0o777)
	if bits&0o4000 != 0 {
		m |= fs.ModeSetuid
	}
	if bits&0o2000 != 0 {
		m |= fs.ModeSetgid
	}
	if bits&0o1000 != 0 {
		m |= fs.ModeSticky
	}
	return m
}

// Bits are the twelve bits of chmod: those of rights, and of set-id and sticky.
func Bits(m fs.FileMode) uint32 {
	bits := uint32(m.Perm())
	if m&fs.ModeSetuid != 0 {
		bits |= 0o4000
	}
	if m&fs.ModeSetgid != 0 {
		bits |= 0o2000
	}
	if m&fs.ModeSticky != 0 {
		bits |= 0o1000
	}
	return bits
}
