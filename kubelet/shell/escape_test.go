package shell

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kubemint/kubemint/kubelet/container"
)

// Nothing of the host is read, written or run, whatever a script tries.
func TestNothingOfTheHostIsReached(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	outside := t.TempDir()
	const canary = "canary-of-the-host"
	file := filepath.Join(outside, "secret")
	if err := os.WriteFile(file, []byte(canary), 0o644); err != nil {
		t.Fatal(err)
	}
	neighbour := filepath.Join(filepath.Dir(b.pod), "uid-2")
	if err := os.MkdirAll(neighbour, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(neighbour, "secret"), []byte(canary), 0o644); err != nil {
		t.Fatal(err)
	}
	// Links that were planted from outside, in the root and in a writable volume.
	for _, l := range []string{filepath.Join(b.spec.Rootfs, "planted"), filepath.Join(b.pod, "volumes", "data", "planted")} {
		if err := os.Symlink(outside, l); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("../../../../uid-2", l+"2"); err != nil {
			t.Fatal(err)
		}
	}
	up := strings.Repeat("../", 30)
	for _, script := range []string{
		"cat " + file,
		"cat " + up + file,
		"cat < " + file,
		"cat < " + up + file,
		"echo $(<" + file + ")",
		"cd /tmp; cat ../../../../../../.." + file,
		"ln -s " + outside + " /tmp/l; cat /tmp/l/secret",
		"ln -s " + up + outside + " /tmp/l2; cat /tmp/l2/secret; ls /tmp/l2",
		"ln -s / /tmp/root; cat /tmp/root" + file,
		"cat /planted/secret; cat /data/planted/secret; ls /planted /data/planted",
		"cat /planted2/secret; cat /data/planted2/secret; ls /planted2/ /data/planted2/",
		"cat /proc/self/root" + file + "; cat /proc/1/root" + file + "; cat /proc/self/cwd/../secret",
		"cat /proc/self/environ /proc/1/environ /proc/self/cmdline",
		"ls " + outside + "; ls -la " + outside + "; find " + outside,
		"echo " + outside + "/*",
		"stat " + file + "; test -e " + file + " && echo exists",
		"[ -f " + file + " ] && echo exists; [[ -r " + file + " ]] && echo exists",
		"[ " + file + " -nt /nothing ] && echo exists",
		"grep -r canary " + outside + " /planted /data",
		". " + file + "; source " + file,
		"sh " + file + "; bash " + file,
		"command . " + file + "; builtin source " + file + "; eval '. " + file + "'",
		"exec " + file,
		"exec /bin/sh -c 'cat " + file + "'",
		"tar cf - " + file + " | tar xOf -",
		"cp " + file + " /tmp/c; cat /tmp/c; mv " + file + " /tmp/c; cat /tmp/c",
		"head " + file + "; tail " + file + "; sed -n p " + file + "; sort " + file + "; jq -R . " + file + "; base64 " + file,
		"curl file://" + file + "; curl -d @" + file + " http://10.96.0.1:80/; curl --cacert " + file + " https://10.96.0.1/",
		"jq -n 'input' " + file + "; jq -n --rawfile x " + file + " '$x'",
		"openssl x509 -in " + file,
		"awk '{print}' " + file + "; awk 'BEGIN{while ((getline l < \"" + file + "\") > 0) print l}'; awk -f " + file + "; awk 1 " + up + file + " /planted/secret /data/planted/secret",
		"awk 'BEGIN{system(\"cat " + file + "\")}'; awk 'BEGIN{\"cat " + file + "\" | getline x; print x}'",
		"kubectl apply -f " + file + "; kubectl apply -f /planted/; kubectl create -f " + up + file + "; kubectl apply -R -f /data",
		"kubectl create cm x --from-file=" + file + "; kubectl get pods --kubeconfig=" + file + "; kubectl get pods -o go-template-file=" + file + "; kubectl --token=$(cat " + file + ") version --client",
		"cat <(cat " + file + ")",
		"diff <(echo a) <(echo b)",
		"echo ~daemon ~bin; unset 'HOME root'; echo ~root",
		"readlink -f /planted; readlink -f /planted2/secret",
		"env; printenv; export; set; declare -p",
		"trap 'cat " + file + "' EXIT",
		"while read l; do echo $l; done < " + file,
		"mapfile x < " + file + "; echo ${x[@]}",
		"type " + file + "; command -v " + file + "; which " + file + "; hash " + file,
		"pushd " + outside + "; cd " + outside + " && pwd",
	} {
		out, errs, _ := b.run(script)
		for _, bad := range []string{canary, "exists", os.Getenv("HOME") + "/.", "PATH=" + os.Getenv("PATH")} {
			if bad != "" && (strings.Contains(out, bad) || strings.Contains(errs, canary)) {
				t.Errorf("%s\nprinted %q\n%q", script, out, errs)
			}
		}
		if b, err := os.ReadFile(file); err != nil || string(b) != canary {
			t.Fatalf("%s\nchanged a file of the host: %q, %v", script, b, err)
		}
	}
}

func TestNothingOfTheHostIsWritten(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	outside := t.TempDir()
	if err := os.Symlink(outside, filepath.Join(b.pod, "volumes", "data", "planted")); err != nil {
		t.Fatal(err)
	}
	pipes := filepath.Join(os.TempDir(), "sh-interp-*")
	before, err := filepath.Glob(pipes) // somebody else's
	if err != nil {
		t.Fatal(err)
	}
	up := strings.Repeat("../", 30)
	for _, script := range []string{
		"echo x > " + outside + "/w",
		"echo x >> " + up + outside + "/w",
		"echo x > /data/planted/w; touch /data/planted/w; mkdir /data/planted/w; ln -s a /data/planted/w; cp /etc/hosts /data/planted/w",
		"mkdir -p " + outside + "/w",
		"touch " + outside + "/w; tee " + outside + "/w < /etc/hosts",
		"ln -s " + outside + " /tmp/o; echo x > /tmp/o/w",
		"cp /etc/hosts " + outside + "/w; mv /etc/hosts " + outside + "/w",
		"rm -rf " + outside + " /data/planted/. /data/planted/",
		"cd /tmp; ln -s " + outside + " o2; tar cf x.tar o2; rm o2; tar xf x.tar; echo x > o2/w",
		"sed -i s/a/b/ /data/planted/w; chmod 777 /data/planted/w",
		"curl -o " + outside + "/w http://10.96.0.1:443/",
		"awk 'BEGIN{print \"x\" > \"" + outside + "/w\"}'; awk 'BEGIN{print \"x\" > \"/data/planted/w\"}'; awk 'BEGIN{print \"x\" | \"tee " + outside + "/w\"}'",
		"kubectl version --client --cache-dir=" + outside + "; kubectl get pods --profile=cpu --profile-output=" + outside + "/w; kubectl config set-context x --kubeconfig=" + outside + "/w",
		"x=<(echo hi); echo $x > /tmp/path; cat >(cat > /tmp/w)",
	} {
		b.run(script)
		left, err := os.ReadDir(outside)
		if err != nil || len(left) != 0 {
			t.Fatalf("%s\nleft %v on the host, %v", script, left, err)
		}
	}
	after, err := filepath.Glob(pipes)
	if err != nil || len(after) > len(before) {
		t.Errorf("the interpreter left pipes on the host: %v, before %v, %v", after, before, err)
	}
}

func TestMountsAreReadOnlyWhereReal(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, script := range []string{
		"echo x > /var/run/secrets/token/token", "echo x > /var/run/secrets/token/new", "rm /var/run/secrets/token/token",
		"mkdir /var/run/secrets/token/d", "mv /var/run/secrets/token/token /tmp/t", "ln -s a /var/run/secrets/token/l",
	} {
		_, errs, code := b.run(script)
		if code == 0 || !strings.Contains(errs, "Read-only file system") {
			t.Errorf("%s: code %d, %q", script, code, errs)
		}
	}
	if _, errs, code := b.run("rm -rf /var/run/secrets"); code == 0 || !strings.Contains(errs, "busy") {
		t.Errorf("a mount point went: code %d, %q", code, errs)
	}
	if out, _, _ := b.run("cat /var/run/secrets/token/token"); out == "" {
		t.Error("the token is gone")
	}
}

func TestWritesAreBounded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, errs, code := b.run("head -c 300000000 /dev/zero > /tmp/big")
	if code == 0 || !strings.Contains(errs, "No space left on device") {
		t.Errorf("code %d, %q", code, errs)
	}
	var size int64
	err := filepath.WalkDir(b.pod, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if i, err := d.Info(); err == nil && i.Mode().IsRegular() {
			size += i.Size()
		}
		return nil
	})
	if err != nil || size > 130<<20 {
		t.Errorf("%d bytes on disk, %v", size, err)
	}
	if _, errs, code := b.run("rm /tmp/big; echo y > /tmp/small && cat /tmp/small"); code != 0 {
		t.Errorf("after the file is gone: code %d, %q", code, errs)
	}
}

// A container that eats memory, or makes more and more of itself, ends, and the next one runs.
func TestGreedyScriptsEnd(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"doubling a variable": "x=aaaaaaaaaaaaaaaa; while true; do x=$x$x; done",
		"a fork bomb":         ":(){ :|:& };: ; wait",
		"endless recursion":   "f() { f; }; f",
		"a brace expansion":   "echo {1..999999999}",
		"reading a device":    "x=$(cat /dev/zero)",
		"an awk that doubles": `awk 'BEGIN{x="a"; while (1) x = x x}'`,
		"an awk that fills":   `awk 'BEGIN{while (1) a[i++] = "xxxxxxxxxxxxxxxx"}'`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.run(script) // it ends: the interpreter gives up, or the child dies
			b.again()
			if out, errs, code := b.run("echo alive"); out != "alive\n" || code != 0 {
				t.Errorf("the next one: %q, %q, code %d", out, errs, code)
			}
		})
	}
}

func TestEndlessLoopDiesWithItsContainer(t *testing.T) {
	t.Parallel()
	for _, script := range []string{"while true; do :; done", "for ((;;)); do i=$((i+1)); done", "while true; do sleep 1000; done", "yes > /dev/null", "cat", "tail -f /dev/null | cat"} {
		b := newBench(t)
		spec := b.spec
		spec.Command = []string{"sh", "-c", script}
		spec.Resumed = container.Resumed{}
		if script == "cat" {
			spec.Command = []string{"sh", "-c", "cat /dev/zero >/dev/null; echo $X"}
		}
		ended := make(chan struct{})
		spec.Exited = func() { close(ended) }
		h, err := b.runtime.Start(t.Context(), spec)
		if err != nil {
			t.Fatal(err)
		}
		if out, _, code := b.run("echo beside"); out != "beside\n" || code != 0 {
			t.Errorf("%s: nothing runs beside it: %q", script, out)
		}
		h.Kill()
		select {
		case <-ended:
		case <-time.After(time.Minute):
			t.Fatalf("%s: did not end", script)
		}
		if e, ok := h.Exit(); !ok || e.Code != 137 {
			t.Errorf("%s: %+v, %v", script, e, ok)
		}
	}
}

func TestChildThatDiesTakesItsContainersAsOutOfMemory(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	spec := b.spec
	ended := make(chan struct{})
	spec.Command, spec.Exited = []string{"sh", "-c", "x=aaaaaaaaaaaaaaaa; while true; do x=$x$x; done"}, func() { close(ended) }
	h, err := b.runtime.Start(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Fatal("it did not end")
	}
	if e, ok := h.Exit(); !ok || e.Code != 137 || e.Reason != "OOMKilled" {
		t.Errorf("%+v, %v", e, ok)
	}
}

func TestTrapHeedsStop(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	spec := b.spec
	ended := make(chan struct{})
	out := &lines{}
	spec.Command, spec.Output = []string{"sh", "-c", "trap 'echo bye; exit 4' TERM; echo up; while true; do sleep 0.01; done"}, out
	spec.Exited = func() { close(ended) }
	h, err := b.runtime.Start(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); out.String() != "up\n"; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("printed %q", out.String())
		}
	}
	h.Stop()
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Fatal("it did not heed TERM")
	}
	if e, _ := h.Exit(); e.Code != 4 || out.String() != "up\nbye\n" {
		t.Errorf("%+v, printed %q", e, out.String())
	}
}

// A container is told apart from the next by its end alone.
func TestExecEndsWithItsContainer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	done := make(chan int32)
	var out safe
	go func() {
		code, err := b.handle.(container.Execer).Exec(t.Context(), container.Exec{Command: []string{"sh", "-c", "echo up; sleep infinity"}, Streams: container.Streams{Stdout: &out}})
		if err != nil {
			t.Error(err)
		}
		done <- code
	}()
	await(t, &out, "up\n")
	b.handle.Kill()
	if code := <-done; code != 137 {
		t.Errorf("code %d", code)
	}
	if _, err := b.handle.(container.Execer).Exec(t.Context(), container.Exec{Command: []string{"true"}}); !errors.Is(err, container.ErrNotRunning) {
		t.Errorf("after the end: %v", err)
	}
}
