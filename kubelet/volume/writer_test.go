package volume

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var now = time.Date(2026, 11, 23, 8, 31, 9, 123456789, time.UTC)

func open(t *testing.T) (*os.Root, string) {
	t.Helper()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root, dir
}

func text(s string) File { return File{Data: []byte(s), Mode: 0o644} }

func write(t *testing.T, w Writer, root *os.Root, p Payload) bool {
	t.Helper()
	wrote, err := w.Write(root, p, now)
	if err != nil {
		t.Fatal(err)
	}
	return wrote
}

var digits = regexp.MustCompile(`\.\.2026_11_23_08_31_09\.\d+`)

// tree lists a directory: path, mode and link target or content.
func tree(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || p == dir {
			return err
		}
		rel, _ := filepath.Rel(dir, p)
		info, err := d.Info()
		if err != nil {
			return err
		}
		line := rel
		switch {
		case d.Type()&fs.ModeSymlink != 0:
			target, _ := os.Readlink(p)
			line += " -> " + target
		case d.IsDir():
			line += fmt.Sprintf("/ %v", info.Mode())
		default:
			b, _ := os.ReadFile(p)
			line += fmt.Sprintf(" %v %q", info.Mode(), b)
		}
		out = append(out, digits.ReplaceAllString(line, "STAMP"))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWriteLaysTheVolumeOutKUB21(t *testing.T) {
	t.Parallel()
	root, dir := open(t)
	write(t, Writer{}, root, Payload{
		"token":     {Data: []byte("jwt"), Mode: 0o600},
		"ca.crt":    text("pem"),
		"namespace": text("default"),
		"a/b/c":     text("deep"),
	})
	want := []string{
		"..data -> STAMP",
		"STAMP/ drwxr-xr-x",
		"STAMP/a/ drwxr-xr-x",
		"STAMP/a/b/ drwxr-xr-x",
		`STAMP/a/b/c -rw-r--r-- "deep"`,
		`STAMP/ca.crt -rw-r--r-- "pem"`,
		`STAMP/namespace -rw-r--r-- "default"`,
		`STAMP/token -rw------- "jwt"`,
		"a -> ..data/a",
		"ca.crt -> ..data/ca.crt",
		"namespace -> ..data/namespace",
		"token -> ..data/token",
	}
	if diff := cmp.Diff(sorted(tree(t, dir)), sorted(want)); diff != "" {
		t.Errorf("tree (-got +want):\n%s", diff)
	}
}

func sorted(lines []string) []string {
	return slices.Sorted(slices.Values(lines))
}

func TestUnchangedPayloadWritesNothingKUB22(t *testing.T) {
	t.Parallel()
	root, dir := open(t)
	p := Payload{"token": text("one"), "x/y": text("two")}
	write(t, Writer{}, root, p)
	before, err := os.Readlink(filepath.Join(dir, "..data"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "token")); err != nil {
		t.Fatal(err)
	}
	if write(t, Writer{}, root, p) {
		t.Errorf("the same payload was written again")
	}
	if after, _ := os.Readlink(filepath.Join(dir, "..data")); after != before {
		t.Errorf("..data moved from %s to %s", before, after)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "token")); err != nil || string(b) != "one" {
		t.Errorf("the missing link was not repaired: %q, %v", b, err)
	}
}

func TestChangedPayloadSwapsAndSweeps(t *testing.T) {
	t.Parallel()
	root, dir := open(t)
	write(t, Writer{}, root, Payload{"keep": text("1"), "drop": text("1"), "d/x": text("1"), "d/y": text("1"), "e/z": text("1")})
	// A kubelet that died in mid-write left these.
	for _, left := range []string{"..2026_01_01_00_00_00.1", "..data_tmp"} {
		if err := os.Mkdir(filepath.Join(dir, left), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if !write(t, Writer{}, root, Payload{"keep": text("2"), "d/x": text("2"), "new": text("2")}) {
		t.Errorf("nothing was written")
	}
	want := []string{
		"..data -> STAMP", "STAMP/ drwxr-xr-x", "STAMP/d/ drwxr-xr-x",
		`STAMP/d/x -rw-r--r-- "2"`, `STAMP/keep -rw-r--r-- "2"`, `STAMP/new -rw-r--r-- "2"`,
		"d -> ..data/d", "keep -> ..data/keep", "new -> ..data/new",
	}
	if diff := cmp.Diff(sorted(tree(t, dir)), sorted(want)); diff != "" {
		t.Errorf("tree (-got +want):\n%s", diff)
	}
}

// A reader in a loop beside 1,000 swaps sees one generation in all files it opens below one
// resolved ..data, and never a file that is missing or half written (KUB-23).
func TestReaderNeverSeesAHalfWrittenSet(t *testing.T) {
	t.Parallel()
	root, dir := open(t)
	generation := func(n int) Payload {
		body := strings.Repeat(fmt.Sprintf("%06d\n", n), 600)
		return Payload{"token": text(body), "ca.crt": text(body), "sub/namespace": text(body)}
	}
	write(t, Writer{}, root, generation(0))
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for reads := 0; ; reads++ {
				select {
				case <-stop:
					if reads < 10 {
						t.Errorf("the reader came round only %d times", reads)
					}
					return
				default:
				}
				// Through the link: always there, always whole.
				b, err := os.ReadFile(filepath.Join(dir, "token"))
				if err == nil && !whole(b) {
					t.Errorf("token is torn: %d bytes", len(b))
					return
				}
				if err != nil && !errors.Is(err, fs.ErrNotExist) {
					t.Error(err)
					return
				}
				// Through one opened directory: all of one generation, or swept away under us.
				data, err := os.OpenRoot(filepath.Join(dir, "..data"))
				if err != nil {
					continue
				}
				x, err1 := data.ReadFile("ca.crt")
				y, err2 := data.ReadFile("sub/namespace")
				data.Close()
				if err1 == nil && err2 == nil && string(x) != string(y) {
					t.Errorf("two generations in one directory: %.6s and %.6s", x, y)
					return
				}
			}
		})
	}
	for n := 1; n <= 1000; n++ {
		write(t, Writer{}, root, generation(n))
	}
	close(stop)
	wg.Wait()
	if got := tree(t, dir); len(got) != 9 {
		t.Errorf("after 1,000 swaps %d entries are left, want 9: %v", len(got), got)
	}
}

func whole(b []byte) bool {
	return len(b) == 4200 && strings.Count(string(b), string(b[:7])) == 600
}

func TestWriteStaysInItsDirectory(t *testing.T) {
	t.Parallel()
	outside := t.TempDir()
	victim := filepath.Join(outside, "victim")
	if err := os.WriteFile(victim, []byte("untouched"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, prepare := range map[string]func(dir string) error{
		"..data points outside": func(dir string) error { return os.Symlink(outside, filepath.Join(dir, "..data")) },
		"..data climbs out": func(dir string) error {
			return os.Symlink("../../"+filepath.Base(outside), filepath.Join(dir, "..data"))
		},
		"..data is a file":      func(dir string) error { return os.WriteFile(filepath.Join(dir, "..data"), nil, 0o600) },
		"a link points outside": func(dir string) error { return os.Symlink(victim, filepath.Join(dir, "token")) },
		"the temporary link is a directory": func(dir string) error {
			return os.Mkdir(filepath.Join(dir, "..data_tmp"), 0o700)
		},
	} {
		t.Run(name, func(t *testing.T) {
			root, dir := open(t)
			if err := prepare(dir); err != nil {
				t.Fatal(err)
			}
			write(t, Writer{}, root, Payload{"token": text("new")})
			if b, err := os.ReadFile(filepath.Join(dir, "token")); err != nil || string(b) != "new" {
				t.Errorf("token reads %q, %v", b, err)
			}
			if b, err := os.ReadFile(victim); err != nil || string(b) != "untouched" {
				t.Errorf("the file outside reads %q, %v", b, err)
			}
			if entries, _ := os.ReadDir(outside); len(entries) != 1 {
				t.Errorf("files appeared outside: %v", entries)
			}
		})
	}
}

func TestGroupWidensModesKUB25(t *testing.T) {
	t.Parallel()
	root, dir := open(t)
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	group := int64(os.Getgid())
	write(t, Writer{Group: &group, Chown: os.Geteuid() == 0}, root, Payload{
		"token":   {Data: []byte("jwt"), Mode: 0o600},
		"sub/key": {Data: []byte("k"), Mode: 0o400},
	})
	for p, want := range map[string]fs.FileMode{
		"..data/token":   0o640,
		"..data/sub/key": 0o440,
		"..data/sub":     0o755 | fs.ModeSetgid | fs.ModeDir,
		"..data":         0o755 | fs.ModeSetgid | fs.ModeDir,
		".":              0o750 | fs.ModeSetgid | fs.ModeDir,
	} {
		info, err := os.Stat(filepath.Join(dir, p))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != want {
			t.Errorf("%s has mode %v, want %v", p, info.Mode(), want)
		}
	}
}

func TestFailedWriteLeavesTheOldSet(t *testing.T) {
	t.Parallel()
	root, dir := open(t)
	write(t, Writer{}, root, Payload{"token": text("old")})
	before := tree(t, dir)
	for name, bad := range map[string]Payload{
		"a path that climbs":      {"token": text("new"), "../x": text("")},
		"a file and a directory":  {"a": text("new"), "a/b": text("new")},
		"a name of two dots more": {"..data": text("new")},
	} {
		if _, err := (Writer{}).Write(root, bad, now); err == nil {
			t.Errorf("%s: no error", name)
		}
		if diff := cmp.Diff(tree(t, dir), before); diff != "" {
			t.Errorf("%s changed the directory:\n%s", name, diff)
		}
	}
}

func TestPlainWriterCopies(t *testing.T) {
	t.Parallel()
	root, dir := open(t)
	w := Writer{Plain: true}
	if !write(t, w, root, Payload{"token": text("1"), "sub/x": text("1"), "drop": text("1")}) {
		t.Errorf("the first write wrote nothing")
	}
	if write(t, w, root, Payload{"token": text("1"), "sub/x": text("1"), "drop": text("1")}) {
		t.Errorf("the same payload was written again")
	}
	if !write(t, w, root, Payload{"token": text("2"), "sub/x": text("2")}) {
		t.Errorf("the second write wrote nothing")
	}
	want := []string{
		"..data/ drwxr-xr-x", "..data/sub/ drwxr-xr-x", `..data/sub/x -rw-r--r-- "2"`, `..data/token -rw-r--r-- "2"`,
		"sub/ drwxr-xr-x", `sub/x -rw-r--r-- "2"`, `token -rw-r--r-- "2"`,
	}
	if diff := cmp.Diff(sorted(tree(t, dir)), sorted(want)); diff != "" {
		t.Errorf("tree (-got +want):\n%s", diff)
	}
}

func TestLinksWorkHere(t *testing.T) {
	t.Parallel()
	root, dir := open(t)
	if !LinksWork(root) {
		t.Skip("this system makes no symbolic links")
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("the probe left %v", entries)
	}
}

func TestCheckPathKUB22(t *testing.T) {
	t.Parallel()
	for p, ok := range map[string]bool{
		"token": true, "a/b": true, "a/..b": true, "a..b": true, ".hidden": true, "a//b": true,
		"": false, "/abs": false, "..": false, "a/../b": false, "../a": false, "..data": false, "..x/y": false, ".": false, "./": false,
		"nul\x00":                false,
		strings.Repeat("n", 255): true, strings.Repeat("n", 256): false, strings.Repeat("d/", 2048): true, strings.Repeat("d/", 2049): false,
	} {
		if err := CheckPath(p); (err == nil) != ok {
			t.Errorf("CheckPath(%.40q) = %v", p, err)
		}
	}
}

func FuzzCheckPath(f *testing.F) {
	for _, s := range []string{"token", "../x", "a/../../b", "/etc/passwd", "..data/x", "a\x00b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, p string) {
		if CheckPath(p) == nil && (!filepath.IsLocal(p) || strings.HasPrefix(filepath.Clean(p), "..")) {
			t.Errorf("%q was let through", p)
		}
	})
}

func BenchmarkWriteTokenVolume(b *testing.B) {
	root, err := os.OpenRoot(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer root.Close()
	n := 0
	for b.Loop() {
		n++
		p := Payload{"token": text(fmt.Sprint(n)), "ca.crt": text("pem"), "namespace": text("default")}
		if _, err := (Writer{}).Write(root, p, now); err != nil {
			b.Fatal(err)
		}
	}
}

// All that a container sees of a volume is of the cluster's time, whatever the computer's is.
func TestFilesCarryTheTimeGiven(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	now := time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)
	if _, err := (Writer{}).Write(root, Payload{"a": {Data: []byte("x"), Mode: 0o644}, "sub/b": {Data: []byte("y"), Mode: 0o600}}, now); err != nil {
		t.Fatal(err)
	}
	seen := 0
	err = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		i, err := d.Info()
		if seen++; err == nil && !i.ModTime().Equal(now) && (i.Mode()&fs.ModeSymlink == 0 || runtime.GOOS != "windows") {
			t.Errorf("%s is of %v", name, i.ModTime())
		}
		return err
	})
	if err != nil || seen != 8 {
		t.Errorf("%d files, %v", seen, err)
	}
}
