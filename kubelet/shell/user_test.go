package shell

import (
	"os"
	"strings"
	"testing"

	"github.com/kubemint/kubemint/kubelet/container"
)

// as starts the bench's container anew for a user.
func (b *bench) as(u container.User, readOnly bool) {
	b.t.Helper()
	spec := b.spec
	spec.User, spec.ReadOnly, spec.Command = u, readOnly, []string{"sleep", "infinity"}
	var err error
	if b.handle, err = b.runtime.Start(b.t.Context(), spec); err != nil {
		b.t.Fatal(err)
	}
}

// volumeOf has the bench's writable volume be as a kubelet makes it for an fsGroup.
func (b *bench) volumeOf(group int64) {
	b.t.Helper()
	dir := &b.spec.Mounts[1]
	if err := os.Chmod(dir.Dir, 0o777|os.ModeSetgid); err != nil {
		b.t.Fatal(err)
	}
	dir.Group = &group
}

func TestAContainerRunsAsItsUser(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	group := int64(2000)
	b.volumeOf(group)
	b.as(container.User{UID: 1000, GID: 3000, Groups: []int64{4000}, FSGroup: &group}, false)
	for _, tc := range []struct {
		name, script, out, errs string
		code                    int32
	}{
		{"id", "id; id -u; id -G", "uid=1000 gid=3000 groups=3000,2000,4000\n1000\n3000 2000 4000\n", "", 0},
		{"whoami", "whoami", "", "whoami: cannot find name for user ID 1000\n", 1},
		{"the root is root's", "touch /etc/x", "", "Permission denied", 1},
		{"a redirection", "echo x > /etc/passwd", "", "Permission denied", 1},
		{"removing", "rm /etc/passwd", "", "Permission denied", 1},
		{"tmp is everybody's", "echo x > /tmp/a && cat /tmp/a && ls -ln /tmp/a | awk '{print $3, $4}'", "x\n1000 3000\n", "", 0},
		{"a volume", "echo x > /data/a && cat /data/a && ls -ln /data/a | awk '{print $3, $4}'", "x\n1000 2000\n", "", 0},
		{"whose are the root's files", "stat -c '%u %U' /etc/passwd; [ -w /etc/passwd ] || echo no", "0 root\nno\n", "", 0},
		{"home", "echo $HOME", "/\n", "", 0},
		{"reading", "head -1 /etc/passwd", "root:x:0:0:root:/root:/bin/bash\n", "", 0},
	} {
		out, errs, code := b.run(tc.script)
		if out != tc.out || code != tc.code || !strings.Contains(errs, tc.errs) {
			t.Errorf("%s: printed %q, %q, code %d; want %q, %q, code %d", tc.name, out, errs, code, tc.out, tc.errs, tc.code)
		}
	}
}

func TestAReadOnlyRoot(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.as(container.User{}, true)
	for _, script := range []string{"echo x > /a", "touch /tmp/a", "mkdir /d", "rm /etc/passwd", "mv /etc/hosts /etc/h", "ln -s a /l", "chmod 777 /etc/passwd", "cp /etc/hosts /h"} {
		if _, errs, code := b.run(script); code == 0 || !strings.Contains(errs, "Read-only file system") {
			t.Errorf("%s: code %d, %q", script, code, errs)
		}
	}
	if out, errs, code := b.run("echo x > /data/a && cat /data/a && head -1 /etc/passwd | cut -d: -f1 && echo y > /dev/null"); out != "x\nroot\n" || code != 0 {
		t.Errorf("the volume: printed %q, %q, code %d", out, errs, code)
	}
}
