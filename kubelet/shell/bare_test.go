package shell

import (
	"regexp"
	"testing"

	"github.com/kubemint/kubemint/kubelet/container"
)

// An image without a shell has none to run, neither beside its program nor in place of it.
func TestImagesWithoutAShell(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	spec := b.spec
	spec.Image = "registry.k8s.io/pause:3.10"
	pause, err := b.runtime.Start(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	if _, over := pause.Exit(); over {
		t.Fatal("it ended")
	}
	for command, why := range map[string]string{
		"sh": `"sh": executable file not found in \$PATH`, "/bin/sh": `"/bin/sh": stat /bin/sh: no such file or directory`,
		"bin/sh": `"bin/sh": no such file or directory`, "ls": `"ls": executable file not found in \$PATH`,
	} {
		_, err := pause.(container.Execer).Exec(t.Context(), container.Exec{Command: []string{command}})
		want := regexp.MustCompile("^failed to exec in container: failed to start exec \"[0-9a-f]{64}\": OCI runtime exec failed: exec failed: unable to start container process: exec: " + why + ": unknown$")
		if err == nil || !want.MatchString(err.Error()) {
			t.Errorf("%s: %v, want %s", command, err, want)
		}
	}
	for _, command := range [][]string{{"sh", "-c", "echo up; while true; do sleep 1; done"}, {"sleep", "3600"}, {"/bin/sh", "-c", "true"}} {
		spec.Command = command
		h, err := b.runtime.Start(t.Context(), spec)
		if err != nil {
			t.Fatal(err)
		}
		if e, over := h.Exit(); !over || e.Code != 128 || e.Reason != container.StartError {
			t.Errorf("%q: %+v, %v", command, e, over)
		}
	}
	spec.Command = []string{"/data/run.sh"} // whatever a volume has is there
	if b.run("printf 'echo ran\\n' > /data/run.sh; chmod +x /data/run.sh"); len(b.homes()) != 0 {
		t.Error("something is left")
	}
	spec.Output = &lines{}
	ended := make(chan struct{})
	spec.Exited = func() { close(ended) }
	h, err := b.runtime.Start(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	<-ended
	if e, _ := h.Exit(); e.Code != 0 || spec.Output.(*lines).String() != "ran\n" {
		t.Errorf("%+v, printed %q", e, spec.Output.(*lines).String())
	}
}
