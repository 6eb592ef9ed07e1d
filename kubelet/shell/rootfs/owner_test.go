package rootfs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// tree is a pod with one container's root, a volume for everybody, one of a group, and files of the node's.
func tree(t *testing.T) Config {
	t.Helper()
	pod := t.TempDir()
	for _, d := range []string{"root/tmp", "root/etc", "root/home/app", "open", "grouped", "files/..set"} {
		if err := os.MkdirAll(filepath.Join(pod, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, mode := range map[string]fs.FileMode{"root/etc/shadow": 0o600, "root/etc/hosts": 0o644, "files/..set/secret": 0o400, "files/..set/token": 0o600, "files/..set/shared": 0o440} {
		full := filepath.Join(pod, name)
		if err := errors.Join(os.WriteFile(full, []byte("x"), 0o600), os.Chmod(full, mode)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Chmod(filepath.Join(pod, "open"), 0o777), os.Chmod(filepath.Join(pod, "grouped"), 0o777|fs.ModeSetgid), os.Symlink("..set", filepath.Join(pod, "files/..data"))); err != nil {
		t.Fatal(err)
	}
	return Config{Pod: pod, Root: "root", Ledger: "owners", Homes: map[string]Owner{"/home/app": {1000, 1000}}, Mounts: []Mount{
		{Path: "/open", Dir: "open"}, {Path: "/grouped", Dir: "grouped", Group: 2000}, {Path: "/files", Dir: "files", ReadOnly: true, Projected: true, Memory: true, User: 1000, Owned: []string{"token"}, Group: 3000},
	}}
}

func openAs(t *testing.T, c Config, uid, gid int64, groups ...int64) *FS {
	t.Helper()
	c.User, c.Groups = Owner{uid, gid}, groups
	f, err := Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func write(f *FS, name string) error {
	w, err := f.Create(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = w.WriteString("x")
	return errors.Join(err, w.Close())
}

func read(f *FS, name string) error {
	_, err := f.ReadFile(name, 100)
	return err
}

// Files are judged by whose they are in the container, whoever runs the test.
func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	if _, numbered := keyOf(mustStat(t, t.TempDir())); !numbered {
		t.Skip("files have no numbers on this system")
	}
	c := tree(t)
	root, user, member := openAs(t, c, 0, 0), openAs(t, c, 1000, 1000), openAs(t, c, 2, 2, 3000)
	for _, tc := range []struct {
		name string
		do   func() error
		want error
	}{
		{"root reads what is nobody else's", func() error { return read(root, "/etc/shadow") }, nil},
		{"others do not", func() error { return read(user, "/etc/shadow") }, syscall.EACCES},
		{"all read what is for all", func() error { return read(user, "/etc/hosts") }, nil},
		{"and do not write it", func() error { return write(user, "/etc/hosts") }, syscall.EACCES},
		{"nor beside it", func() error { return write(user, "/etc/new") }, syscall.EACCES},
		{"nor take it away", func() error { return user.Remove("/etc/hosts") }, syscall.EACCES},
		{"nor change its mode", func() error { return user.Chmod("/etc/hosts", 0o777) }, syscall.EPERM},
		{"nor give it away", func() error { return user.Chown("/etc/hosts", 1000, -1, true) }, syscall.EPERM},
		{"a secret of mode 0400", func() error { return read(user, "/files/..data/secret") }, syscall.EACCES},
		{"which root reads", func() error { return read(root, "/files/..data/secret") }, nil},
		{"a token belongs to the pod's user", func() error { return read(user, "/files/..data/token") }, nil},
		{"and to nobody else", func() error { return read(member, "/files/..data/token") }, syscall.EACCES},
		{"the group's secret", func() error { return read(member, "/files/..data/shared") }, nil},
		{"not for others", func() error { return read(user, "/files/..data/shared") }, syscall.EACCES},
		{"nobody writes to the node's files", func() error { return write(root, "/files/new") }, syscall.EROFS},
		{"tmp is everybody's", func() error { return write(user, "/tmp/mine") }, nil},
		{"its files are not", func() error { return write(member, "/tmp/mine") }, syscall.EACCES},
		{"nor their names", func() error { return member.Remove("/tmp/mine") }, syscall.EPERM},
		{"nor to be moved", func() error { return member.Rename("/tmp/mine", "/tmp/theirs") }, syscall.EPERM},
		{"root may", func() error { return root.Chown("/tmp/mine", 2, 2, true) }, nil},
		{"then they are another's", func() error { return write(member, "/tmp/mine") }, nil},
		{"a home is its user's", func() error { return write(user, "/home/app/f") }, nil},
		{"and nobody else's", func() error { return write(member, "/home/app/g") }, syscall.EACCES},
		{"a volume for all", func() error { return write(member, "/open/f") }, nil},
		{"without a sticky bit", func() error { return user.Remove("/open/f") }, nil},
		{"a directory of one's own", func() error { return user.Mkdir("/open/d", 0o700) }, nil},
		{"is closed to others", func() error { return write(member, "/open/d/f") }, syscall.EACCES},
		{"also to look into", func() error { _, err := member.ReadDir("/open/d"); return err }, syscall.EACCES},
		{"and to go through", func() error { _, err := member.Stat("/open/d/none"); return err }, syscall.EACCES},
		{"what nobody may read its owner may not", func() error { return errors.Join(user.Chmod("/home/app/f", 0), read(user, "/home/app/f")) }, syscall.EACCES},
		{"but root", func() error { return read(root, "/home/app/f") }, nil},
		{"access says no", func() error { return user.Access("/home/app/f", true, false, false) }, syscall.EACCES},
		{"a tree with another's directory stays", func() error {
			return errors.Join(member.Mkdir("/open/t", 0o755), write(member, "/open/t/f"), user.RemoveAll("/open/t"))
		}, syscall.EACCES},
	} {
		if err := tc.do(); !errors.Is(err, tc.want) || tc.want == nil && err != nil {
			t.Errorf("%s: %v, want %v", tc.name, err, tc.want)
		}
	}
}

func mustStat(t *testing.T, name string) fs.FileInfo {
	t.Helper()
	i, err := os.Lstat(name)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// The looks of files are those of a real container: sticky and set-id bits, sizes in memory, and a group that
// is handed down.
func TestWhatFilesLookLike(t *testing.T) {
	t.Parallel()
	if _, numbered := keyOf(mustStat(t, t.TempDir())); !numbered {
		t.Skip("files have no numbers on this system")
	}
	c := tree(t)
	c.Mounts = append(c.Mounts, Mount{Path: "/run/inside", Dir: "open"})
	f := openAs(t, c, 1000, 1000, 2000)
	now := time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)
	f.Now = func() time.Time { return now }
	if err := errors.Join(write(f, "/grouped/f"), f.Mkdir("/grouped/d", 0o755), f.Symlink("f", "/grouped/l"), write(f, "/tmp/f"), f.Chmod("/tmp/f", 0o751|fs.ModeSetuid)); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, mode string
		owner      Owner
		size       int64
	}{
		{"/", "drwxr-xr-x", Owner{}, 4096},
		{"/tmp", "dtrwxrwxrwx", Owner{}, 4096},
		{"/files", "dtrwxrwxrwx", Owner{0, 3000}, 80},
		{"/files/..data", "Lrwxrwxrwx", Owner{0, 3000}, 5},
		{"/files/..set", "drwxr-xr-x", Owner{0, 3000}, 100},
		{"/files/..set/token", "-rw-------", Owner{1000, 3000}, 1},
		{"/files/..set/secret", "-r--------", Owner{0, 3000}, 1},
		{"/open", "drwxrwxrwx", Owner{}, 4096},
		{"/grouped", "dgrwxrwxrwx", Owner{0, 2000}, 4096},
		{"/grouped/f", "-rw-r--r--", Owner{1000, 2000}, 1},
		{"/grouped/d", "dgrwxr-xr-x", Owner{1000, 2000}, 4096},
		{"/grouped/l", "Lrwxrwxrwx", Owner{1000, 2000}, 1},
		{"/tmp/f", "urwxr-x--x", Owner{1000, 1000}, 1},
	} {
		i, err := f.Lstat(tc.name)
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		if got := i.Mode().String(); got != tc.mode || OwnerOf(i) != tc.owner || i.Size() != tc.size {
			t.Errorf("%s: %s %v %d, want %s %v %d", tc.name, got, OwnerOf(i), i.Size(), tc.mode, tc.owner, tc.size)
		}
	}
	for _, name := range []string{"/grouped/f", "/grouped/d", "/grouped/l", "/grouped", "/tmp"} {
		if i, err := f.Lstat(name); err != nil || !i.ModTime().Equal(now) {
			t.Errorf("%s was changed at %v, %v; want the cluster's time", name, i.ModTime(), err)
		}
	}
	if i := mustStat(t, filepath.Join(c.Pod, "root/tmp/f")); i.Mode().Perm()&0o600 != 0o600 || i.Mode()&fs.ModeSetuid != 0 {
		t.Errorf("on disk the file is %v", i.Mode())
	}
}

// Another process of the pod reads whose files there are, and a number that is used again is another file's.
func TestTheLedgerIsShared(t *testing.T) {
	t.Parallel()
	if _, numbered := keyOf(mustStat(t, t.TempDir())); !numbered {
		t.Skip("files have no numbers on this system")
	}
	c := tree(t)
	one, root := openAs(t, c, 1000, 1000), openAs(t, c, 0, 0)
	for range 50 {
		if err := write(one, "/open/f"); err != nil {
			t.Fatal(err)
		}
		if i, err := root.Stat("/open/f"); err != nil || OwnerOf(i) != (Owner{1000, 1000}) {
			t.Fatalf("root sees %v, %v", OwnerOf(i), err)
		}
		if err := errors.Join(root.Remove("/open/f"), write(root, "/open/g")); err != nil {
			t.Fatal(err)
		}
		if i, err := one.Stat("/open/g"); err != nil || OwnerOf(i) != (Owner{}) {
			t.Fatalf("the file of root's is %v's, %v", OwnerOf(i), err)
		}
		if err := root.Remove("/open/g"); err != nil {
			t.Fatal(err)
		}
	}
}

// A container holds a bounded number of files, and what is removed makes room at once.
func TestFilesAreCounted(t *testing.T) {
	t.Parallel()
	c := tree(t)
	c.Files = 50
	f := openAs(t, c, 0, 0)
	var err error
	for i := 0; err == nil && i < 100; i++ {
		err = write(f, fmt.Sprintf("/open/f%d", i))
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("a hundred files: %v", err)
	}
	for range 1000 { // without counting a thousand times
		if err := write(f, "/open/more"); !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
	}
	for i := range 30 {
		if err := f.Remove(fmt.Sprintf("/open/f%d", i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := write(f, "/open/more"); err != nil {
		t.Errorf("after thirty have gone: %v", err)
	}
}

// Paths that only cost time end.
func TestPathsAreBounded(t *testing.T) {
	t.Parallel()
	f := openAs(t, tree(t), 0, 0)
	deep, err := "/open", error(nil)
	for range 2 * maxElements {
		deep += "/d"
		if err = f.Mkdir(deep, 0o755); err != nil {
			break
		}
	}
	if !errors.Is(err, syscall.ENAMETOOLONG) {
		t.Errorf("a deep tree: %v", err)
	}
	if err := errors.Join(f.RemoveAll("/open/d"), f.Symlink("b", "/open/a"), f.Symlink("a", "/open/b")); err != nil {
		t.Error(err)
	}
	for name, want := range map[string]error{"/open/a": syscall.ELOOP, "/" + strings.Repeat("x", maxPath): syscall.ENAMETOOLONG, strings.Repeat("/.", maxPath): syscall.ENAMETOOLONG} {
		if _, err := f.Stat(name); !errors.Is(err, want) {
			t.Errorf("%.20s: %v, want %v", name, err, want)
		}
	}
}

// What lies on a node's disk outlives the pod, and so does who owns it.
func TestADiskRemembersItsOwners(t *testing.T) {
	t.Parallel()
	if _, numbered := keyOf(mustStat(t, t.TempDir())); !numbered {
		t.Skip("files have no numbers on this system")
	}
	disk := t.TempDir()
	if err := errors.Join(os.MkdirAll(filepath.Join(disk, "mnt/data"), 0o755), os.Chmod(filepath.Join(disk, "mnt/data"), 0o777)); err != nil {
		t.Fatal(err)
	}
	mount := Mount{Path: "/claim", Disk: disk, Below: "mnt/data", Dir: "."}
	first, second := tree(t), tree(t)
	first.Mounts, second.Mounts = append(first.Mounts, mount), append(second.Mounts, mount)
	if err := write(openAs(t, first, 1000, 1000), "/claim/f"); err != nil {
		t.Fatal(err)
	}
	again, other := openAs(t, second, 1000, 1000), openAs(t, second, 2, 2)
	if i, err := again.Stat("/claim/f"); err != nil || OwnerOf(i) != (Owner{1000, 1000}) {
		t.Errorf("the next pod sees %v, %v", OwnerOf(i), err)
	}
	if err := write(again, "/claim/f"); err != nil {
		t.Errorf("its owner: %v", err)
	}
	if err := write(other, "/claim/f"); !errors.Is(err, syscall.EACCES) {
		t.Errorf("another: %v", err)
	}
}

// What the node makes is root's, even if it has the number of a file that was somebody else's and is gone.
func TestWhatTheNodeMakesIsRoots(t *testing.T) {
	t.Parallel()
	c := Config{Pod: t.TempDir(), Root: "root", Ledger: "owners", Mounts: []Mount{{Path: "/srv/data/volume", Dir: "volume"}}}
	for _, dir := range []string{"root/srv/data", "volume"} {
		if err := os.MkdirAll(filepath.Join(c.Pod, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	open := func() *FS {
		f, err := Open(c)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() })
		return f
	}
	before := open()
	for _, name := range []string{"/", "/srv", "/srv/data"} { // as of files that had these numbers
		if err := errors.Join(before.Chown(name, 1000, 1000, true), before.Chmod(name, 0)); err != nil {
			t.Fatal(err)
		}
	}
	f := open()
	f.Passable()
	for _, name := range []string{"/", "/srv", "/srv/data"} {
		if i, err := f.Stat(name); err != nil || OwnerOf(i) != (Owner{}) || i.Mode().Perm() != 0o755 {
			t.Errorf("%s: %v, %v, %v", name, OwnerOf(i), i.Mode(), err)
		}
	}
}

func TestADirectoryNobodyMayLookInto(t *testing.T) {
	t.Parallel()
	c := Config{Pod: t.TempDir(), Root: "root", User: Owner{1000, 1000}}
	if err := os.MkdirAll(filepath.Join(c.Pod, "root", "tmp"), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := Open(c)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if err := errors.Join(f.MkdirAll("/tmp/empty", 0o755), f.Chmod("/tmp/empty", 0), f.MkdirAll("/tmp/full/d", 0o755), f.Chmod("/tmp/full", 0)); err != nil {
		t.Fatal(err)
	}
	if err := f.RemoveAll("/tmp/empty"); err != nil {
		t.Errorf("empty: %v", err)
	}
	if err := f.RemoveAll("/tmp/full"); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("full: %v", err)
	}
}
