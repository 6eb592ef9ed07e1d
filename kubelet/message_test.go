package kubelet

import (
	"os"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// lastEnd is the end of the run before the present one of a pod's first container.
func (b *bench) lastEnd(name string) *corev1.ContainerStateTerminated {
	b.Helper()
	var end *corev1.ContainerStateTerminated
	b.eventually("the end of a run of "+name, func() bool {
		s := b.get(name).Status.ContainerStatuses
		if len(s) == 1 {
			end = s[0].LastTerminationState.Terminated
			if s[0].State.Terminated != nil {
				end = s[0].State.Terminated
			}
		}
		return end != nil
	})
	return end
}

func TestContainersSayWhyTheyEnded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run()
	const file = "pods/uid-app/containers/c/termination-log"
	b.pod("app", `containers: [{name: c, image: x, command: [sleep, "5"], terminationMessagePath: /dev/termination-log}]`)
	b.running("app")
	info, err := os.Stat(b.path(file))
	if err != nil || info.Mode().Perm() != 0o666 {
		t.Fatalf("%v, %v", info, err)
	}
	if err := os.WriteFile(b.path(file), []byte("first "+strings.Repeat("x", maxMessage)+"\xff\n"), 0); err != nil {
		t.Fatal(err)
	}
	b.leap(5 * time.Second)
	if got := b.lastEnd("app").Message; got != strings.Repeat("x", maxMessage-2)+"\uFFFD\n" {
		t.Errorf("%d bytes: %.80q", len(got), got)
	}
	b.running("app")
	if got := b.read(file); got != "" {
		t.Errorf("the next run finds %q", got)
	}
	if err := os.Remove(b.path(file)); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("rootfs", b.path(file)); err != nil {
		t.Fatal(err)
	}
	b.leap(5 * time.Second)
	b.eventually("the second end", func() bool {
		return b.lastEnd("app").Message == "Error on reading termination log /dev/termination-log: termination-log is no plain file"
	})
}

func TestMessagesFromLogs(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, command, policy, want string }{
		{"failed", "echo boom; echo bang; exit 3", "FallbackToLogsOnError", "boom\nbang\n"},
		{"done", "echo fine; exit 0", "FallbackToLogsOnError", ""},
		{"file", "echo boom; exit 3", "File", ""},
		{"silent", "exit 3", "FallbackToLogsOnError", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.run()
			b.pod("app", `{restartPolicy: Never, containers: [{name: c, image: x, command: [sh, -c, "`+tt.command+`"], terminationMessagePath: /dev/termination-log, terminationMessagePolicy: `+tt.policy+`}]}`)
			if got := b.lastEnd("app").Message; got != tt.want {
				t.Errorf("message %q, want %q", got, tt.want)
			}
		})
	}
}

func TestLogged(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("y", 1500)
	for _, tt := range []struct{ name, log, want string }{
		{"lines", "T stdout F a b\nT stderr F c\n", "a b\nc\n"},
		{"pieces", "T stdout P a\nT stdout F b\n", "ab\n"},
		{"cut", "stdout F lost\nT stdout F a\n", "a\n"},
		{"last lines", strings.Repeat("T stdout F z\n", maxMessageLines+5), strings.Repeat("z\n", maxMessageLines)},
		{"last bytes", "T stdout F " + long + "\nT stdout F " + long + "\n", (long + "\n" + long + "\n")[2*1501-maxMessageLog:]},
	} {
		if got := string(logged([]byte(tt.log))); got != tt.want {
			t.Errorf("%s: %.80q, want %.80q", tt.name, got, tt.want)
		}
	}
}
