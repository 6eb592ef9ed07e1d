package rootfs

import (
	"errors"
	"os"
	"path"
)

// Furnish makes what images have in common: a few directories and files, where missing. What cannot be made
// keeps nothing else from being made. It comes before anything else uses the file system.
func (f *FS) Furnish(files map[string]string, dirs ...string) error {
	return f.asRoot(func() error { return f.furnishAll(files, dirs) })
}

// Passable has the ways to mounts be open to everybody and carry the cluster's time, once, as the container
// begins: the node made them with the rights and at the time of the computer. They are root's, whatever files with the
// same numbers once were: those of the container's last run, say.
func (f *FS) Passable() {
	root := f.mounts[len(f.mounts)-1]
	for _, m := range f.mounts {
		for dir := parent(m.at); dir != "/"; dir = parent(dir) {
			if p := f.at(dir); p.mount == root && !p.made && !p.virtual {
				_ = root.root.Chmod(p.rel, 0o755) // it is what it is if that fails
				f.disown(p)
				f.stamp(p)
			}
		}
	}
	f.disown(f.at("/"))
	f.stamp(f.at("/"))
}

// disown has the file at p be root's. If that cannot be written it stays whose it is.
func (f *FS) disown(p place) {
	if i, err := p.mount.root.Lstat(p.rel); err == nil {
		_ = p.mount.ledger.disown(i)
	}
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
