package kubelet

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubemint/kubemint/kubelet/shell/rootfs"
	"github.com/kubemint/kubemint/kubelet/volume"
)

func TestPlaceOnNode(t *testing.T) {
	t.Parallel()
	file := corev1.HostPathFile
	host := func(path string, kind *corev1.HostPathType) corev1.PersistentVolumeSource {
		return corev1.PersistentVolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: path, Type: kind}}
	}
	for _, tc := range []struct {
		source     corev1.PersistentVolumeSource
		want, fail string
	}{
		{host("/mnt/data", nil), "/mnt/data", ""},
		{corev1.PersistentVolumeSource{Local: &corev1.LocalVolumeSource{Path: "/disks/ssd1"}}, "/disks/ssd1", ""},
		{host("/", nil), "", "the whole disk"},
		{host("/a/../..", nil), "", "the whole disk"},
		{host("/etc/passwd", &file), "", "hostPath type check failed"},
		{corev1.PersistentVolumeSource{NFS: &corev1.NFSVolumeSource{Server: "s", Path: "/"}}, "", "no storage but its own disk"},
	} {
		got, err := placeOnNode(&corev1.PersistentVolume{Spec: corev1.PersistentVolumeSpec{PersistentVolumeSource: tc.source}})
		if got != tc.want || (err == nil) != (tc.fail == "") || err != nil && !strings.Contains(err.Error(), tc.fail) {
			t.Errorf("%+v: %q, %v", tc.source, got, err)
		}
	}
	for path, want := range map[string]string{"/mnt/data": "disk/mnt/data", "../../etc": "disk/etc", "/a/../../b": "disk/b"} {
		if got := DiskPath(path); got != want {
			t.Errorf("%s lies in %s, want %s", path, got, want)
		}
	}
}

// What a container leaves on a node's disk leads whoever mounts a part of it later nowhere else.
func TestALinkOnTheDiskLeadsNowhere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	if err := os.MkdirAll(secret, 0o700); err != nil {
		t.Fatal(err)
	}
	node := filepath.Join(dir, "node")
	if err := os.MkdirAll(filepath.Join(node, DiskDir, "mnt"), 0o700); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(node)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = root.Close() }()
	k := &Kubelet{root: root}
	for name, target := range map[string]string{"absolute": secret, "up": "../../../secret", "pods": "../../pods"} {
		if err := os.Symlink(target, filepath.Join(node, DiskDir, "mnt", name)); err != nil {
			t.Skip("no links here")
		}
		if err := k.makeOnDisk("mnt/"+name+"/inside", volume.Writer{}, false, time.Now()); err == nil {
			t.Errorf("%s: a directory was made behind the link", name)
		}
		fs, err := rootfs.Open(rootfs.Config{Pod: t.TempDir(), Root: ".", Mounts: []rootfs.Mount{{Path: "/data", Dir: ".", Disk: filepath.Join(node, DiskDir), Below: "mnt/" + name}}})
		if err == nil {
			t.Errorf("%s: mounted what is behind the link", name)
			_ = fs.Close()
		}
	}
	if entries, err := os.ReadDir(secret); err != nil || len(entries) != 0 {
		t.Errorf("%v, %v", entries, err)
	}
}

// A directory that a node makes on its disk is as old as the cluster says, and so is what it was made in.
func TestADirectoryOnTheDiskCarriesTheClustersTime(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = root.Close() }()
	k := &Kubelet{root: root}
	first := time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)
	second := first.Add(time.Hour)
	for _, tt := range []struct {
		dir  string
		at   time.Time
		want map[string]time.Time
	}{
		{"mnt/data", first, map[string]time.Time{".": first, "mnt": first, "mnt/data": first}},
		{"mnt/data", second, map[string]time.Time{".": first, "mnt": first, "mnt/data": first}},
		{"mnt/more/of/it", second, map[string]time.Time{".": first, "mnt": second, "mnt/data": first, "mnt/more": second, "mnt/more/of": second, "mnt/more/of/it": second}},
	} {
		if err := k.makeOnDisk(tt.dir, volume.Writer{}, true, tt.at); err != nil {
			t.Fatal(err)
		}
		for name, want := range tt.want {
			if i, err := os.Stat(filepath.Join(dir, DiskDir, name)); err != nil || !i.ModTime().Equal(want) {
				t.Errorf("after %s: %s is of %v (%v), want %v", tt.dir, name, i.ModTime().UTC(), err, want)
			}
		}
	}
}

// What says who owns the files of the disk is no volume, and says nothing of what the node makes there.
func TestTheLedgerOfTheDisk(t *testing.T) {
	t.Parallel()
	for onNode, want := range map[string]string{"/.owners": "keeps at /.owners", "//.owners/x/": "keeps at /.owners", "/": "the whole disk", "/data/.owners": "", "/data": ""} {
		_, err := placeOnNode(&corev1.PersistentVolume{Spec: corev1.PersistentVolumeSpec{PersistentVolumeSource: corev1.PersistentVolumeSource{
			HostPath: &corev1.HostPathVolumeSource{Path: onNode},
		}}})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", onNode, err, want)
		}
	}
	node := t.TempDir()
	disk := filepath.Join(node, DiskDir)
	if err := os.MkdirAll(filepath.Join(disk, "old", "new"), 0o777); err != nil {
		t.Fatal(err)
	}
	owner := func(chown bool) rootfs.Owner {
		f, err := rootfs.Open(rootfs.Config{Pod: t.TempDir(), Root: ".", Mounts: []rootfs.Mount{{Path: "/data", Dir: ".", Disk: disk, Below: "old"}}})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = f.Close() }()
		if chown {
			if err := f.Chown("/data/new", 1000, 1000, true); err != nil {
				t.Fatal(err)
			}
		}
		i, err := f.Stat("/data/new")
		if err != nil {
			t.Fatal(err)
		}
		return rootfs.OwnerOf(i)
	}
	if got := owner(true); got.UID != 1000 {
		t.Fatalf("it belongs to %v", got)
	}
	root, err := os.OpenRoot(disk)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = root.Close() }()
	if err := rootfs.Disown(root, "old/new"); err != nil { // as for a new one with its number
		t.Fatal(err)
	}
	if got := owner(false); got != (rootfs.Owner{}) {
		t.Errorf("it belongs to %v", got)
	}
}
