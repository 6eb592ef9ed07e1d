package volume

import (
	"io/fs"
	"os"
)

// Mode bits that a pod's fsGroup adds (KUB-25): what its group may do with a file, and what it
// needs to walk through a directory.
const (
	groupRead  fs.FileMode = 0o440
	groupWrite fs.FileMode = 0o660
	groupWalk  fs.FileMode = 0o110
)

// Share gives everything at and below name to the Writer's Group: files become readable (and, unless
// readOnly, writable) to it, directories passable, and what is made in them later inherits it.
// Without a Group it does nothing.
func (w Writer) Share(dir *os.Root, name string, readOnly bool) error {
	if w.Group == nil {
		return nil
	}
	add := groupWrite
	if readOnly {
		add = groupRead
	}
	return fs.WalkDir(dir.FS(), name, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.Type()&fs.ModeSymlink != 0 {
			if w.Chown {
				return dir.Lchown(p, -1, int(*w.Group))
			}
			return nil
		}
		return w.shareOne(dir, p, add)
	})
}

// shareOne gives one file or directory to the Group and adds bits to its mode.
func (w Writer) shareOne(dir *os.Root, p string, add fs.FileMode) error {
	info, err := dir.Lstat(p)
	if err != nil {
		return err
	}
	if w.Chown {
		if err := dir.Lchown(p, -1, int(*w.Group)); err != nil {
			return err
		}
	}
	mode := info.Mode()&(fs.ModePerm|fs.ModeSetgid|fs.ModeSetuid|fs.ModeSticky) | add
	if info.IsDir() {
		mode |= groupWalk | fs.ModeSetgid
	}
	return dir.Chmod(p, mode)
}
