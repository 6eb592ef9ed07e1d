package tools

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubemint/kubemint/kubelet/image"
	"github.com/kubemint/kubemint/kubelet/shell/rootfs"
)

// family is a Host that knows whose words the tools use, and nothing else.
type family struct {
	Host
	of image.Family
}

func (f family) Family() image.Family { return f.of }

func TestRemovingTheRoot(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		family image.Family
		args   []string
		stays  bool
		says   string
	}{
		{"gnu", image.Debian, []string{"rm", "-rf", "/"}, true, "rm: it is dangerous to operate recursively on '/'\nrm: use --no-preserve-root to override this failsafe\n"},
		{"gnu, by another name", image.Debian, []string{"rm", "-r", "/etc/.."}, true, "rm: it is dangerous to operate recursively on '/'\nrm: use --no-preserve-root to override this failsafe\n"},
		{"gnu, meant", image.Debian, []string{"rm", "-rf", "/", "--no-preserve-root"}, false, "rm: cannot remove '/': Device or resource busy\n"},
		{"busybox", image.Busybox, []string{"rm", "-rf", "/"}, false, "rm: can't remove '/': Device or resource busy\n"},
		{"not recursive", image.Debian, []string{"rm", "/etc"}, true, "rm: cannot remove '/etc': Is a directory\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			pod := t.TempDir()
			for _, d := range []string{"root/etc", "root/home/a"} {
				if err := os.MkdirAll(filepath.Join(pod, d), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			files, err := rootfs.Open(rootfs.Config{Pod: pod, Root: "root"})
			if err != nil {
				t.Fatal(err)
			}
			defer files.Close()
			var said bytes.Buffer
			code := rm(t.Context(), &Call{Args: tt.args, Err: &said, Dir: "/", FS: files, Host: family{of: tt.family}})
			if diff := cmp.Diff(said.String(), tt.says); code != 1 || diff != "" {
				t.Errorf("code %d (-got +want):\n%s", code, diff)
			}
			left, err := os.ReadDir(filepath.Join(pod, "root"))
			if err != nil || (len(left) == 2) != tt.stays || !tt.stays && len(left) > 0 {
				t.Errorf("left %v, %v", left, err)
			}
		})
	}
}
