package kubemint_test

import (
	"context"
	"errors"
	"io"
	"net/url"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/remotecommand"
	utilexec "k8s.io/client-go/util/exec"

	"github.com/kubemint/kubemint"
)

// What k9s sends for a shell: the one that the command ends in has a prompt and ^C like the first.
func TestExecOfAShellInAShell(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{Nodes: 1})
	r.pod("app", corev1.PodRunning, "busybox", "sleep", "infinity")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	query := url.Values{
		"command": {"sh", "-c", "command -v bash >/dev/null && exec bash || exec sh"},
		"stdin":   {"true"}, "stdout": {"true"}, "tty": {"true"},
	}
	const prompt = "/ # " // busybox has no bash
	for protocol, e := range r.executors("app", "exec", query) {
		keys, typed := io.Pipe()
		shown, show := io.Pipe()
		ended := make(chan error, 1)
		go func() {
			err := e.StreamWithContext(ctx, remotecommand.StreamOptions{
				Stdin: keys, Stdout: show, Tty: true,
			})
			_ = show.Close()
			ended <- err
		}()
		var all strings.Builder
		for _, step := range []struct{ sees, types string }{
			{prompt, "echo $((6*7))\r"},
			{"\r\n42\r\n" + prompt, "sleep infinity\r"},
			{"sleep infinity\r\n", "\x03"},
			{"^C\r\n" + prompt, "exit 7\r"},
		} {
			for seen := ""; !strings.Contains(seen, step.sees); {
				b := make([]byte, 1)
				if _, err := io.ReadFull(shown, b); err != nil {
					t.Fatalf("%s: %v before %q:\n%q", protocol, err, step.sees, all.String())
				}
				seen += string(b)
				all.Write(b)
			}
			if _, err := io.WriteString(typed, step.types); err != nil {
				t.Fatal(err)
			}
		}
		go func() { _, _ = io.Copy(io.Discard, shown) }() // it ends with the stream
		var code utilexec.CodeExitError
		if err := <-ended; !errors.As(err, &code) || code.Code != 7 {
			t.Errorf("%s: ended with %v", protocol, err)
		}
		_ = typed.Close()
	}
}
