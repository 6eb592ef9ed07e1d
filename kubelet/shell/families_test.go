package shell

import (
	"strings"
	"testing"

	"github.com/kubemint/kubemint/kubelet/container"
	"github.com/kubemint/kubemint/kubelet/image"
)

// of starts the bench's container anew from an image, as whom the image runs as.
func (b *bench) of(name string) {
	b.t.Helper()
	spec := b.spec
	own := image.RunsAs(name)
	spec.Image, spec.Command, spec.User = name, []string{"sleep", "infinity"}, container.User{UID: own.UID, GID: own.GID}
	var err error
	if b.handle, err = b.runtime.Start(b.t.Context(), spec); err != nil {
		b.t.Fatal(err)
	}
}

// The tools of an image speak as those of busybox or as the GNU ones do. What is expected here are the words of
// the real programs.
func TestToolsSpeakAsTheirImagesDo(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		image, script, out, errs string
		code                     int32
	}{
		{"busybox", "id", "uid=0(root) gid=0(root) groups=0(root),10(wheel)\n", "", 0},
		{"debian", "id", "uid=0(root) gid=0(root) groups=0(root)\n", "", 0},
		{"curlimages/curl", "id; whoami; pwd; echo $HOME; touch x && ls; touch /etc/x", "uid=100(curl_user) gid=101(curl_group) groups=101(curl_group)\ncurl_user\n/home/curl_user\n/home/curl_user\nx\n", "touch: /etc/x: Permission denied\n", 1},
		{"prom/prometheus", "id", "uid=65534(nobody) gid=65534(nobody) groups=65534(nobody)\n", "", 0},
		{"jenkins/jenkins", "id -un; id -g; touch $HOME/x && stat -c '%U %G %a' $HOME/x", "jenkins\n1000\njenkins jenkins 644\n", "", 0},
		{"bitnami/kubectl", "whoami", "", "whoami: cannot find name for user ID 1001\n", 1},
		{"redis:8-alpine", "cat /nosuch", "", "cat: can't open '/nosuch': No such file or directory\n", 1},
		{"redis:8", "cat /nosuch", "", "cat: /nosuch: No such file or directory\n", 1},
		{"busybox", "ls /nosuch", "", "ls: /nosuch: No such file or directory\n", 1},
		{"debian", "ls /nosuch", "", "ls: cannot access '/nosuch': No such file or directory\n", 2},
		{"busybox", "rm /nosuch; mkdir /a/b; cp /nosuch /tmp; mv /nosuch /tmp", "", "rm: can't remove '/nosuch': No such file or directory\nmkdir: can't create directory '/a/b': No such file or directory\ncp: can't stat '/nosuch': No such file or directory\nmv: can't rename '/nosuch': No such file or directory\n", 1},
		{"debian", "rm /nosuch; mkdir /a/b; rmdir /nosuch", "", "rm: cannot remove '/nosuch': No such file or directory\nmkdir: cannot create directory '/a/b': No such file or directory\nrmdir: failed to remove '/nosuch': No such file or directory\n", 1},
		{"busybox", "vi", "", "sh: vi: not found\n", 127},
		{"debian", "vi", "", "sh: 1: vi: not found\n", 127},
		{"debian", "bash -c 'vi; /nosuch; echo x > /a/b'", "", "bash: line 1: vi: command not found\nbash: line 1: /nosuch: No such file or directory\nbash: line 1: /a/b: No such file or directory\n", 1},
		{"busybox", "echo x > /a/b; cat < /nosuch", "", "sh: can't create /a/b: No such file or directory\nsh: can't open /nosuch: No such file or directory\n", 1},
		{"debian", "echo x > /a/b; cat < /nosuch", "", "sh: 1: cannot create /a/b: No such file or directory\nsh: 1: cannot open /nosuch: No such file or directory\n", 1},
		{"busybox", "mkdir /tmp/d; echo hello > /tmp/d/f; chmod 640 /tmp/d/f; ln -s f /tmp/d/l; ls -l /tmp/d | cut -c1-44", "total 4\n-rw-r-----    1 root     root             6 \nlrwxrwxrwx    1 root     root             1 \n", "", 0},
		{"debian", "mkdir /tmp/d; echo hello > /tmp/d/f; chmod 1750 /tmp/d; ls -la /tmp/d | cut -c1-32", "total 12\ndrwxr-x--T 2 root root 4096 Nov \ndrwxrwxrwt 3 root root 4096 Nov \n-rw-r--r-- 1 root root    6 Nov \n", "", 0},
		{"busybox", "ps", "PID   USER     TIME  COMMAND\n    1 root      0:00 sleep infinity\n    2 root      0:00 ps\n", "", 0},
		{"debian", "ps", "    PID TTY          TIME CMD\n      1 ?        00:00:00 sleep\n      2 ?        00:00:00 ps\n", "", 0},
		{"debian", "ps aux | cut -c1-50", "USER         PID %CPU %MEM    VSZ   RSS TTY      S\nroot           1  0.0  0.0      0     0 ?        S\nroot           2  0.0  0.0      0     0 ?        S\n", "", 0},
		{"busybox", "mount | grep '^tmpfs on /dev'; mount | head -1", "tmpfs on /dev type tmpfs (rw,nosuid,size=65536k,mode=755)\noverlay on / type overlay (rw,relatime)\n", "", 0},
		{"debian", "mount -t tmpfs none /mnt", "", "mount: /mnt: permission denied.\n", 32},
		{"busybox", "hostname other", "", "hostname: sethostname: Operation not permitted\n", 1},
		{"debian", "printf '%.2f %5.1f|%-4s|%05d|%x|%c|%q\\n' 3.14159 2.5 ab 42 255 xyz 'a b'", "3.14   2.5|ab  |00042|ff|x|a\\ b\n", "", 0},
		{"debian", `printf '%s-%s\n' a b c; printf '%b' 'x\ty\n'; printf '%*d|%.3s\n' 5 42 abcdef; printf '\x41\101\n'`, "a-b\nc-\nx\ty\n   42|abc\nAA\n", "", 0},
		{"debian", `printf -v x '%03d' 7; echo $x; printf '%e %g\n' 12345.678 0.0001`, "007\n1.234568e+04 0.0001\n", "", 0},
		{"busybox", "printf '%d\\n' abc", "0\n", "printf: invalid number 'abc'\n", 1},
		{"debian", "seq -w 8 10; seq -f '%02g' 1 2; seq -s, 1 3; seq 1 0.5 2", "08\n09\n10\n01\n02\n1,2,3\n1.0\n1.5\n2.0\n", "", 0},
		{"debian", "date -d @0 +%F; date -d '2026-01-31 +1 day' +%F; date -d yesterday +%F; date -d '2 hours ago' '+%H:%M'; date -d '+90 minutes' +%T; date -u -d '2026-11-23T10:00:00Z' +%s", "1970-01-01\n2026-02-01\n2026-11-22\n06:30\n10:00:00\n1795428000\n", "", 0},
		{"busybox", "date -d soon", "", "date: invalid date 'soon'\n", 1},
		{"perl:5.34.0", "perl -Mbignum=bpi -wle 'print bpi(30)'; perl -e 'print \"hi\\n\"'", "3.14159265358979323846264338328\nhi\n", "", 0},
		{"debian", "apt-get update -qq >/dev/null 2>&1 && apt-get install -y curl | tail -1; apt-get install -y nosuch 2>&1 | tail -1", "0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\nE: Unable to locate package nosuch\n", "", 0},
		{"alpine", "apk add --no-cache nosuch 2>&1 | tail -3; apt-get update", "ERROR: unable to select packages:\n  nosuch (no such package):\n    required by: world[nosuch]\n", "sh: apt-get: not found\n", 127},
		{"debian", "printf 'a\\nb\\n' > /tmp/a; printf 'a\\nc\\n' > /tmp/b; diff /tmp/a /tmp/b; cmp /tmp/a /tmp/b", "2c2\n< b\n---\n> c\n/tmp/a /tmp/b differ: byte 3, line 2\n", "", 1},
		{"busybox", "printf 'a\\nb\\n' > /tmp/a; printf 'a\\nc\\n' > /tmp/b; diff /tmp/a /tmp/b", "--- /tmp/a\n+++ /tmp/b\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n", "", 1},
		{"debian", "dd if=/dev/zero of=/tmp/z bs=1k count=3 status=none; stat -c %s /tmp/z; head -c 2 /tmp/z | od -An -tx1; printf abc | xxd", "3072\n 00 00\n00000000: 6162 63                                  abc\n", "", 0},
		{"debian", "expr 6 '*' 7; expr 1 = 2; printf '3\\n1\\n' | tac; mktemp /tmp/q.XXXXXX | cut -c1-7; [ -d /etc ] && test ! -e /x && echo yes", "42\n0\n1\n3\n/tmp/q.\nyes\n", "", 0},
		{"debian", "useradd x; chown nobody:nogroup /tmp/o; touch /tmp/o; chown nobody:nogroup /tmp/o; ls -l /tmp/o | cut -c1-27; chown nosuch /tmp/o", "-rw-r--r-- 1 nobody nogroup\n", "sh: 1: useradd: not found\nchown: changing ownership of '/tmp/o': No such file or directory\nchown: invalid user: 'nosuch'\n", 1},
		{"busybox", "grep CapEff /proc/1/status; tr '\\0' ' ' < /proc/1/cmdline; cat /proc/self/comm; ls /proc/1 | head -3; cat /proc/9/comm; echo x > /proc/1/comm", "CapEff:\t00000000a80425fb\nsleep infinity sh\ncgroup\ncmdline\ncomm\n", "cat: can't open '/proc/9/comm': No such file or directory\nsh: can't create /proc/1/comm: Permission denied\n", 1},
		{"debian", "head -c 5 /proc/self/status >/dev/null; test -d /proc/1 && readlink /proc/self/root; find /proc/1 -name status; env | head -2", "/\n/proc/1/status\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nHOSTNAME=app\n", "", 0},
	} {
		b := newBench(t)
		b.of(tc.image)
		out, errs, code := b.run(tc.script)
		if out != tc.out || errs != tc.errs || code != tc.code {
			t.Errorf("%s: %s\nprinted %q\nand %q, code %d\nwant %q\nand %q, code %d", tc.image, tc.script, out, errs, code, tc.out, tc.errs, tc.code)
		}
		b.handle.Kill()
	}
}

func TestPromptsOfImages(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"busybox": "/ # ", "debian": "root@app:/# ", "curlimages/curl": "~ $ ", "bitnami/kubectl": "I have no name!@app:/$ "} {
		b := newBench(t)
		b.of(name)
		term := b.terminal("sh")
		term.sees(want)
		term.types("exit\r")
		term.ends(0)
	}
}

// Files carry the cluster's time, and go on carrying the one of their last change.
func TestTimesStayWhenTheClockMoves(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run("echo x > /data/f; mkdir /data/d; ln -s f /data/l")
	before, _, _ := b.run("ls -l --full-time /data; stat -c '%n %Y' /data/f /data/d /data/l; date +%s")
	if _, _, err := b.clock.Leap(400 * 24 * 3600e9); err != nil {
		t.Fatal(err)
	}
	after, _, _ := b.run("ls -l --full-time /data; stat -c '%n %Y' /data/f /data/d /data/l")
	for line := range strings.Lines(before) {
		if strings.HasPrefix(line, "/data/") && !strings.Contains(after, line) {
			t.Errorf("%q is gone from\n%s", line, after)
		}
	}
	if !strings.Contains(after, "Nov 23  2026") {
		t.Errorf("a year later ls says\n%s", after)
	}
	if now, _, _ := b.run("touch /data/f; ls -l /data/f"); !strings.Contains(now, "Dec 28 08:3") {
		t.Errorf("what is touched now is of\n%s", now)
	}
}
