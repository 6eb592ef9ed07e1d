package rootfs

import (
	"strings"
	"syscall"
)

// shared are the directories of an image that everybody may write to.
func shared() []string { return []string{"/tmp", "/var/tmp", "/dev/shm"} }

// Mounted says whether a path lies in a volume.
func (f *FS) Mounted(name string) bool {
	p, err := f.walk("stat", name, false)
	return err == nil && p.mount.at != "/"
}

// Own says whether a path of the root is the container's user's to change.
func (f *FS) Own(name string) bool {
	p, err := f.walk("stat", name, false)
	return err == nil && (!f.foreign || mine(p.abs))
}

func mine(abs string) bool {
	for _, d := range shared() {
		if strings.HasPrefix(abs, d+"/") {
			return true
		}
	}
	return false
}

// permitted says why a place may not be written to.
func (f *FS) permitted(p place) error {
	switch {
	case p.mount.readOnly:
		return syscall.EROFS
	case f.foreign && p.mount.at == "/" && !mine(p.abs):
		return syscall.EACCES
	}
	return nil
}

// asRoot runs what makes the image, which neither a read-only root nor the user keeps from it.
func (f *FS) asRoot(make func() error) error {
	root := f.mounts[len(f.mounts)-1]
	foreign, readOnly := f.foreign, root.readOnly
	f.foreign, root.readOnly = false, false
	err := make()
	f.foreign, root.readOnly = foreign, readOnly
	return err
}
