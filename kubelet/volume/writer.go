package volume

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"runtime"
	"time"
)

// The two names that the swap lives by. Everything that begins with two dots is the writer's own.
const (
	dataName    = "..data"
	dataTmpName = "..data_tmp"
)

// Writer projects payloads. Its zero value writes links and changes no owner.
type Writer struct {
	Group *int64 // the pod's fsGroup: files get this group and more mode bits (KUB-25)
	User  *int64 // owner of the links, since 1.36 (KUB-27)
	Chown bool   // the process may change owners: it is root
	Plain bool   // the system gives no symbolic links

	now time.Time // that files carry
}

// Write makes the directory dir hold exactly the payload and reports whether it had to write.
// now names the new timestamped directory, and is the time that all files carry; it is not compared with anything.
//
// A reader that opens a file through its link gets either the old or the new content, never half of
// one, and all files change in the same instant: the rename of ..data. An error before that instant
// leaves everything as it was, and what was left behind by an earlier one is cleared away.
func (w Writer) Write(dir *os.Root, payload Payload, now time.Time) (wrote bool, err error) {
	w.now = now
	payload, err = payload.clean() // (1)
	if err != nil {
		return false, err
	}
	if w.Plain {
		return w.writePlain(dir, payload)
	}
	old, err := dir.Readlink(dataName) // (2)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		// Not a link: a container of an earlier life, or a hand, put something there.
		if err := dir.RemoveAll(dataName); err != nil {
			return false, fmt.Errorf("clear %s: %w", dataName, err)
		}
		old = ""
	}
	if old != path.Base(old) || old == "." || old == ".." {
		old = "" // no directory of ours
	}
	var gone []string
	if old != "" {
		var same bool
		gone, same = compare(dir, old, payload) // (3), (4)
		if same && len(gone) == 0 {
			return false, w.link(dir, payload)
		}
	}
	fresh, err := w.fill(dir, payload, now) // (5), (6), (7)
	if err != nil {
		return false, errors.Join(err, removeFresh(dir, fresh))
	}
	if err := w.swap(dir, fresh); err != nil { // (8), (9)
		return false, errors.Join(err, removeFresh(dir, fresh))
	}
	if err := w.link(dir, payload); err != nil { // (10)
		return true, err
	}
	if err := unlink(dir, gone, payload); err != nil { // (11)
		return true, err
	}
	w.stamp(dir, ".")
	return true, sweep(dir, old, fresh) // (12)
}

// compare says which files of the old directory the payload has no more, and whether all others
// are there byte for byte.
func compare(dir *os.Root, old string, payload Payload) (gone []string, same bool) {
	same = true
	data, err := dir.OpenRoot(old)
	if err != nil {
		return nil, false
	}
	defer data.Close()
	_ = fs.WalkDir(data.FS(), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			same = false
			return nil
		}
		if _, wanted := payload[p]; !wanted && !d.IsDir() {
			gone = append(gone, p)
		}
		return nil
	})
	for p, f := range payload {
		content, err := data.ReadFile(p)
		if err != nil || !bytes.Equal(content, f.Data) {
			return gone, false
		}
	}
	return gone, same
}

// fill makes the timestamped directory with all files in it.
func (w Writer) fill(dir *os.Root, payload Payload, now time.Time) (string, error) {
	fresh, err := makeTimestamped(dir, now)
	if err != nil {
		return "", err
	}
	if err := dir.Chmod(fresh, 0o755); err != nil { // the umask took bits away
		return fresh, err
	}
	data, err := dir.OpenRoot(fresh)
	if err != nil {
		return fresh, err
	}
	defer data.Close()
	for p, f := range payload {
		if parent := path.Dir(p); parent != "." {
			if err := data.MkdirAll(parent, 0o755); err != nil {
				return fresh, fmt.Errorf("make %s: %w", parent, err)
			}
		}
		if err := w.writeFile(data, p, f); err != nil {
			return fresh, err
		}
	}
	if w.Group != nil {
		// The volume's own directory too: a real kubelet goes over the whole volume.
		if err := errors.Join(w.Share(data, ".", true), w.shareOne(dir, ".", groupRead)); err != nil {
			return fresh, fmt.Errorf("apply fsGroup %d: %w", *w.Group, err)
		}
	}
	for p := range payload {
		w.stamp(data, p)
		for parent := path.Dir(p); parent != "."; parent = path.Dir(parent) {
			w.stamp(data, parent)
		}
	}
	w.stamp(data, ".")
	return fresh, nil
}

func (w Writer) writeFile(data *os.Root, p string, f File) error {
	file, err := data.OpenFile(p, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, f.Mode.Perm())
	if err != nil {
		return err
	}
	_, err = file.Write(f.Data)
	if err == nil {
		err = file.Chmod(f.Mode.Perm())
	}
	if err == nil && f.User != nil && w.Chown {
		err = file.Chown(int(*f.User), -1)
	}
	return errors.Join(err, file.Close())
}

// makeTimestamped makes the directory named after the time with random digits behind it.
func makeTimestamped(dir *os.Root, now time.Time) (string, error) {
	stamp := now.UTC().Format("..2006_01_02_15_04_05.")
	for range 100 {
		name := fmt.Sprintf("%s%d", stamp, rand.Uint32())
		err := dir.Mkdir(name, 0o755)
		if !errors.Is(err, fs.ErrExist) {
			return name, err
		}
	}
	return "", fmt.Errorf("make %s*: %w", stamp, fs.ErrExist)
}

// swap points ..data at the fresh directory.
func (w Writer) swap(dir *os.Root, fresh string) error {
	if err := dir.Remove(dataTmpName); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := w.symlink(dir, fresh, dataTmpName); err != nil {
		return err
	}
	err := dir.Rename(dataTmpName, dataName)
	if err != nil && runtime.GOOS == "windows" {
		// Windows renames over no directory link: there the swap takes two steps.
		if err := dir.Remove(dataName); err != nil {
			return err
		}
		return dir.Rename(dataTmpName, dataName)
	}
	return err
}

// link makes the links that a container sees, where they are missing or wrong.
func (w Writer) link(dir *os.Root, payload Payload) error {
	for p := range payload {
		name := top(p)
		want := path.Join(dataName, name)
		have, err := dir.Readlink(name)
		if err == nil && have == want {
			continue
		}
		if !errors.Is(err, fs.ErrNotExist) {
			if err := dir.RemoveAll(name); err != nil {
				return fmt.Errorf("clear %s: %w", name, err)
			}
		}
		if err := w.symlink(dir, want, name); err != nil {
			return err
		}
	}
	return nil
}

func (w Writer) symlink(dir *os.Root, target, name string) error {
	if err := dir.Symlink(target, name); err != nil {
		return err
	}
	w.stampLink(dir, name)
	if w.User != nil && w.Chown {
		return dir.Lchown(name, int(*w.User), -1)
	}
	return nil
}

// unlink removes the links of what is gone, unless something else below the same name is left.
func unlink(dir *os.Root, gone []string, payload Payload) error {
	left := make(map[string]bool, len(payload))
	for p := range payload {
		left[top(p)] = true
	}
	for _, p := range gone {
		if name := top(p); !left[name] {
			if err := dir.RemoveAll(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// sweep removes the old timestamped directory, and any that a kubelet killed in mid-write left.
func sweep(dir *os.Root, old, fresh string) error {
	if old != "" && old != fresh {
		if err := dir.RemoveAll(old); err != nil {
			return err
		}
	}
	entries, err := fs.ReadDir(dir.FS(), ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if n := e.Name(); e.IsDir() && len(n) > 4 && n[:4] == "..20" && n != fresh {
			if err := dir.RemoveAll(n); err != nil {
				return err
			}
		}
	}
	return nil
}

func removeFresh(dir *os.Root, fresh string) error {
	if fresh == "" {
		return nil
	}
	return dir.RemoveAll(fresh)
}
