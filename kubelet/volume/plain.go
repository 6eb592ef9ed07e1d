package volume

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
)

// writePlain is the fallback for systems without symbolic links. ..data is a real directory that
// is replaced by two renames, and the files beside it are copies, each replaced by one rename: a
// reader sees every file whole, but for an instant files of two generations side by side.
func (w Writer) writePlain(dir *os.Root, payload Payload) (bool, error) {
	gone, same := compare(dir, dataName, payload)
	if same && len(gone) == 0 && w.copiesAreRight(dir, payload) {
		return false, nil
	}
	if err := dir.RemoveAll(dataTmpName); err != nil {
		return false, err
	}
	if err := dir.Mkdir(dataTmpName, 0o755); err != nil {
		return false, err
	}
	data, err := dir.OpenRoot(dataTmpName)
	if err != nil {
		return false, err
	}
	err = w.writeAll(data, payload)
	if err := errors.Join(err, data.Close()); err != nil {
		return false, errors.Join(err, dir.RemoveAll(dataTmpName))
	}
	const old = "..data_old"
	if err := dir.RemoveAll(old); err != nil {
		return false, err
	}
	if err := dir.Rename(dataName, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	if err := dir.Rename(dataTmpName, dataName); err != nil {
		return false, err
	}
	for p, f := range payload {
		if err := w.copyOut(dir, p, f); err != nil {
			return true, err
		}
	}
	for _, p := range gone {
		if err := dir.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return true, err
		}
	}
	return true, dir.RemoveAll(old)
}

func (w Writer) writeAll(data *os.Root, payload Payload) error {
	for p, f := range payload {
		if err := data.MkdirAll(path.Dir(p), 0o755); err != nil {
			return err
		}
		if err := w.writeFile(data, p, f); err != nil {
			return err
		}
	}
	return w.Share(data, ".", true)
}

// copyOut replaces the copy of one file at the mount point.
func (w Writer) copyOut(dir *os.Root, p string, f File) error {
	if err := dir.MkdirAll(path.Dir(p), 0o755); err != nil {
		return fmt.Errorf("make %s: %w", path.Dir(p), err)
	}
	const tmp = "..copy_tmp"
	if err := w.writeFile(dir, tmp, f); err != nil {
		return err
	}
	return dir.Rename(tmp, p)
}

func (w Writer) copiesAreRight(dir *os.Root, payload Payload) bool {
	for p, f := range payload {
		content, err := dir.ReadFile(p)
		if err != nil || !bytes.Equal(content, f.Data) {
			return false
		}
	}
	return true
}

// LinksWork tries whether the system makes symbolic links below dir.
func LinksWork(dir *os.Root) bool {
	const probe = "..link_probe"
	_ = dir.Remove(probe)
	if dir.Symlink("target", probe) != nil {
		return false
	}
	_, err := dir.Readlink(probe)
	return errors.Join(err, dir.Remove(probe)) == nil
}
