package shell

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kubemint/kubemint/kubelet/container"
)

// What an attacker tries once the plain ways are closed: each ends, says what it has to, and leaves a shell that
// works.
func TestTricksEndAsTheyShould(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, tc := range []struct {
		name, script, out string
		errs              string // part of it
	}{
		{"a port as a file", "bash -c 'cat < /dev/tcp/127.0.0.1/22'", "", "/dev/tcp/127.0.0.1/22: No such file or directory"},
		{"writing to a port as a file", "bash -c 'echo x > /dev/udp/10.96.0.10/53'", "", "No such file or directory"},
		{"the root of a process", "cat /proc/self/root/proc/1/root/etc/hostname; cat /proc/self/cwd/../../../../etc/hostname", "app\napp\n", ""},
		{"memory and kernel", "cat /proc/1/mem /proc/kcore /proc/kallsyms /proc/1/maps 2>/dev/null; echo x > /proc/sys/kernel/core_pattern; echo b > /proc/sysrq-trigger", "", "/proc/sysrq-trigger: Permission denied"},
		{"changing /proc", "rm -rf /proc/1; mkdir /proc/x; ln -s / /proc/l; mv /proc/version /tmp; chmod 777 /proc/1; chown 1 /proc/version; touch /proc/new; ls /proc/1/comm", "/proc/1/comm\n", "ermi"},
		{"a link into /proc and out again", "ln -s /proc/self/root/etc /tmp/e; cat /tmp/e/hostname; ln -s /proc/1/../../../../../../etc/passwd /tmp/p; head -c 4 /tmp/p", "app\nroot", ""},
		{"links in a circle", "ln -s /tmp/b /tmp/a; ln -s /tmp/a /tmp/b; cat /tmp/a; cd /tmp/a", "", "Too many levels of symbolic links"},
		{"a deep tree", "cd /tmp; for i in $(seq 300); do mkdir d || break; cd d; done; cd /; rm -rf /tmp/d; ls /tmp | grep -c '^d$'", "0\n", "File name too long"},
		{"a long name", "touch /tmp/$(head -c 300 /dev/zero | tr '\\0' a)", "", "File name too long"},
		{"a long path", "cat $(head -c 5000 /dev/zero | tr '\\0' /)x", "", "File name too long"},
		{"a wide format", "printf '%0999999999d' 1 | wc -c; printf '%*d' 999999999 1 | wc -c; printf \"$(printf '%%060000d%.0s' $(seq 500))\" $(seq 500) | wc -c | grep -c .", "65536\n65536\n1\n", ""},
		{"a pattern that others hang on", "echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab | grep -cE '^(a+)+$'; echo aaaaaaaaaaaaaaaaaaaaaaaaaaaab | sed -E 's/^(a|a)*$/x/'; echo aaaaaaaaaaaaaaaaaaaaaaaab | jq -R 'test(\"^(a|aa)+$\")'", "0\naaaaaaaaaaaaaaaaaaaaaaaaaaaab\nfalse\n", ""},
		{"a module of jq's", "jq -n 'import \"/etc/passwd\" as $d; $d'; jq -n 'include \"../etc/passwd\"; 1'; jq -n --slurpfile x /etc/shadow '$x'; jq -n -f /etc/shadow", "", "cannot load module"},
		{"what jq asks for", "printf '1 2 3' | jq -c '[., input]'; printf '1 2 3' | jq -nc '[inputs]'; jq -nr 'env.GREETING, $ENV.GREETING'; jq -n '[input]' < /dev/null", "[1,2]\n[1,2,3]\nhello\nhello\n", "No more inputs"},
		{"an archive with ways up", "cd /tmp; mkdir -p q/w; echo y > q/w/f; ln -s /etc q/l; tar cf t.tar q; mkdir out; tar xf t.tar -C out; ls out/q; printf 'x' > out/q/l/written; tar cf up.tar ../etc/hostname; mkdir o2; tar xf up.tar -C o2; find o2 -type f", "l\nw\no2/etc/hostname\n", ""},
		{"descriptors", "exec 3<>/etc/hosts", "", "unsupported redirect fd"},
		{"a coprocess", "bash -c 'coproc cat /etc/hostname'", "", "unhandled command"},
		{"a signal to everything", "kill -9 -1; kill -9 0; kill -STOP 1; kill -9 1; echo alive", "alive\n", "invalid"},
		{"a loop of links of its own", "mkdir /tmp/z; ln -s .. /tmp/z/up; ls /tmp/z/up/z/up/z/up/z | head -1; find /tmp/z -name up; rm -r /tmp/z; ls -d /tmp", "up\n/tmp/z/up\n/tmp\n", ""},
		{"an owner out of range", "touch /tmp/o; chown 99999999999999999999 /tmp/o; chown -- -5 /tmp/o; chmod 99999 /tmp/o; chown 4294967296 /tmp/o", "", "invalid"},
	} {
		out, errs, _ := b.run(tc.script)
		if out != tc.out || !strings.Contains(errs, tc.errs) {
			t.Errorf("%s: %s\nprinted %q\nand %q\nwant %q\nand %q", tc.name, tc.script, out, errs, tc.out, tc.errs)
		}
	}
	if out, errs, code := b.run("echo alive"); out != "alive\n" || code != 0 {
		t.Errorf("afterwards: %q, %q, code %d", out, errs, code)
	}
}

// The file that says whose files there are is the node's: no container sees or changes it, whatever link leads there.
func TestTheLedgerIsOutOfReach(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if err := os.Chmod(filepath.Join(b.pod, "volumes", "data"), 0o777); err != nil {
		t.Fatal(err)
	}
	b.as(container.User{UID: 1000, GID: 1000}, false)
	out, errs, _ := b.run("echo x > /data/f; ln -s ../../owners /data/l; ln -s ../../../owners /tmp/l; cat /data/l /tmp/l; echo 0 0 0 0 0 > /data/l; find / -name owners; ls -l /data/f | cut -c1-26")
	if strings.Contains(out, "1000 1000 -1") || !strings.Contains(out, "-rw-r--r-- 1 1000 1000 2") {
		t.Errorf("printed %q, %q", out, errs)
	}
	text, err := os.ReadFile(filepath.Join(b.pod, ledger))
	if err != nil || !strings.Contains(string(text), " 1000 1000 -1\n") || strings.Contains(string(text), "0 0 0 0 0\n") {
		t.Errorf("the ledger has %q, %v", text, err)
	}
}

// Two containers of a pod that change a volume under each other's hands reach nothing outside of it.
func TestLinksThatChangeMeanwhile(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("canary"), 0o644); err != nil {
		t.Fatal(err)
	}
	other := b.spec
	other.Name, other.Command = "other", []string{"sh", "-c", "while true; do mkdir /data/x; rmdir /data/x; ln -s " + outside + " /data/x; rm /data/x; ln -s ../../../../../.. /data/x; rm /data/x; done 2>/dev/null"}
	other.Rootfs = filepath.Join(b.pod, "containers", "other", "rootfs")
	if err := os.MkdirAll(other.Rootfs, 0o755); err != nil {
		t.Fatal(err)
	}
	h, err := b.runtime.Start(t.Context(), other)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Kill()
	up := strings.TrimPrefix(outside, "/")
	out, errs, _ := b.run("for i in $(seq 300); do cat /data/x/secret /data/x/" + up + "/secret; echo y > /data/x/w; mkdir /data/x/m; done 2>&1 | sort | uniq -c | sort -rn | head -20")
	if strings.Contains(out, "canary") {
		t.Errorf("read %q, %q", out, errs)
	}
	left, err := os.ReadDir(outside)
	if err != nil || len(left) != 1 {
		t.Errorf("outside there is %v, %v", left, err)
	}
}

// A part of a volume that another container has replaced by a link leads nowhere but into the volume.
func TestAPartOfAVolumeStaysInIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	data := b.spec.Mounts[1].Dir
	if err := os.Mkdir(filepath.Join(data, "part"), 0o755); err != nil {
		t.Fatal(err)
	}
	spec := b.spec
	spec.Mounts = append(slices.Clone(spec.Mounts[:1]), container.Mount{Path: "/part", Dir: filepath.Join(data, "part"), Within: data})
	spec.Name, spec.Command = "other", []string{"sleep", "infinity"}
	h, err := b.runtime.Start(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	whole := b.handle
	for _, tc := range []struct{ replace, out, errs string }{
		{"true", "ok\n", ""},
		{"rmdir /data/part; ln -s ../token /data/part", "", "path escapes"},
		{"rm /data/part; ln -s ../../containers/app/rootfs /data/part", "", "path escapes"},
		{"rm /data/part; ln -s / /data/part", "", "path escapes"},
		{"rm /data/part; mkdir /data/part", "ok\n", ""},
	} {
		b.handle = whole
		if _, errs, code := b.run(tc.replace); code != 0 {
			t.Fatalf("%s: %q, code %d", tc.replace, errs, code)
		}
		var out safe
		_, err := h.(container.Execer).Exec(t.Context(), container.Exec{Command: []string{"sh", "-c", "echo ok > /part/f && cat /part/f; ls /part/token; rm -f /part/f"}, Streams: container.Streams{Stdout: &out}})
		if out.String() != tc.out || tc.errs == "" != (err == nil) || err != nil && !strings.Contains(err.Error(), tc.errs) {
			t.Errorf("after %s: %q, %v; want %q, %q", tc.replace, out.String(), err, tc.out, tc.errs)
		}
	}
}
