package shell

import (
	"strings"
	"testing"
	"time"

	"github.com/kubemint/kubemint/kubelet/container"
)

// Scripts are told to stop once they have said "up".
func TestTraps(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, script, out string
		code              int32
	}{
		{"wait", "trap 'echo bye; exit 0' TERM; echo up; sleep infinity & wait", "up\nbye\n", 0},
		{"wait for one", "trap 'echo bye; exit 2' TERM; echo up; sleep infinity & wait $!", "up\nbye\n", 2},
		{"wait goes on", "trap 'echo heard' TERM; echo up; sleep infinity & wait; echo code $?; exit 5", "up\nheard\ncode 143\n", 5},
		{"wait in a function", "f() { sleep infinity & wait; }; trap 'exit 4' TERM; echo up; f", "up\n", 4},
		{"a loop in the background", "(while :; do sleep 0.01; done) & trap 'exit 3' TERM; echo up; while :; do sleep 0.01; done", "up\n", 3},
		{"subshells", "trap 'exit 6' TERM; echo up; while :; do (sleep 0.01; :); x=$(echo a | cat); done", "up\n", 6},
		{"a script within", "trap 'exit 7' TERM; echo up; while :; do sh -c 'trap \"echo inner\" TERM; sleep 0.01'; done", "up\n", 7},
		{"only a script within", "sh -c 'trap \"exit 8\" TERM; echo up; sleep infinity & wait; exit 1'", "up\n", 8},
		{"a script in its place", "trap 'exit 1' TERM; exec sh -c 'trap \"exit 9\" TERM; echo up; sleep infinity & wait'", "up\n", 9},
		{"a trap of a subshell", "trap 'exit 10' TERM; (trap 'exit 1' TERM); echo up; while :; do sleep 0.01; done", "up\n", 10},
		{"its own number", "trap 'echo $$; exit 11' TERM; echo up; sleep infinity & wait", "up\n1\n", 11},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			spec, out, ended := b.spec, &lines{}, make(chan struct{})
			spec.Command, spec.Output, spec.Exited = []string{"sh", "-c", tc.script}, out, func() { close(ended) }
			h, err := b.runtime.Start(t.Context(), spec)
			if err != nil {
				t.Fatal(err)
			}
			await(t, &out.safe, "up\n")
			h.Stop()
			select {
			case <-ended:
			case <-time.After(time.Minute):
				t.Fatalf("it did not heed TERM; printed %q", out.String())
			}
			if e, _ := h.Exit(); e.Code != tc.code || out.String() != tc.out {
				t.Errorf("%+v, printed %q; want code %d, %q", e, out.String(), tc.code, tc.out)
			}
		})
	}
}

func TestJobsAndSignalsOfAScriptsOwn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, tc := range []struct{ script, out string }{
		{"sh -c 'exit 3' & wait $!; echo $?; wait; echo $?", "3\n0\n"},
		{"(exit 4) & (exit 5) & wait g1 g2; echo $?", "5\n"},
		{"trap 'echo got' USR1; kill -USR1 $$", "got\n"},
		{"trap 'echo got' USR1; kill -USR1 $$; echo $?", "got\n0\n"},
		{"trap 'echo got' USR1; trap - USR1; trap '' HUP; kill -HUP $$; echo on", "on\n"},
	} {
		if out, errs, _ := b.run(tc.script); out != tc.out {
			t.Errorf("%s: printed %q, %q, want %q", tc.script, out, errs, tc.out)
		}
	}
}

func TestTheCodeOfASignalFromInside(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for signal, want := range map[string]int32{"KILL": 137, "TERM": 143, "INT": 130, "HUP": 129} {
		out, codes := &safe{}, make(chan int32, 1)
		go func() {
			code, err := b.handle.(container.Execer).Exec(t.Context(), container.Exec{Command: []string{"sh", "-c", "echo $$; sleep infinity"}, Streams: container.Streams{Stdout: out}})
			if err != nil {
				t.Error(err)
			}
			codes <- code
		}()
		await(t, out, "\n")
		if _, errs, code := b.run("kill -" + signal + " " + strings.TrimSpace(out.String())); code != 0 {
			t.Fatalf("kill: %q", errs)
		}
		if got := <-codes; got != want {
			t.Errorf("%s: code %d, want %d", signal, got, want)
		}
	}
}
