package shell

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/kubemint/kubemint/kubelet/container"
)

// terminal is a command that somebody has run at a terminal.
type terminal struct {
	*testing.T
	typed *io.PipeWriter
	out   safe
	ended chan int32
	seen  int // of out
}

func (b *bench) terminal(command ...string) *terminal {
	keys, typed := io.Pipe()
	t := &terminal{T: b.t, typed: typed, ended: make(chan int32, 1)}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	go func() {
		defer cancel()
		code, err := b.handle.(container.Execer).Exec(ctx, container.Exec{Command: command, TTY: true, Streams: container.Streams{Stdin: keys, Stdout: &t.out}})
		if err != nil {
			t.Error(err)
		}
		t.ended <- code
	}()
	t.Cleanup(func() { _ = typed.Close() })
	return t
}

// sees waits for text after what was seen before.
func (t *terminal) sees(text string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		if at := strings.Index(t.out.String()[t.seen:], text); at >= 0 {
			t.seen += at + len(text)
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("never printed %q:\n%q", text, t.out.String())
		}
	}
}

func (t *terminal) types(s string) {
	t.Helper()
	if _, err := io.WriteString(t.typed, s); err != nil {
		t.Error(err)
	}
}

func (t *terminal) ends(code int32) {
	t.Helper()
	if got := <-t.ended; got != code {
		t.Errorf("code %d, want %d\n%q", got, code, t.out.String())
	}
}

func TestShellsWithinCommandsAreInteractive(t *testing.T) {
	t.Parallel()
	const prompt = "root@app:/# "
	for _, command := range []string{
		"command -v bash >/dev/null && exec bash || exec sh", "exec sh", "bash -i; exit $?", "sh -l; exit $?", "env A=b sh; exit $?", "bash --login; exit $?",
	} {
		b := newBench(t)
		term := b.terminal("sh", "-c", command)
		term.sees(prompt)
		term.types("echo ab\x7fc$((40+2))\r") // the editor takes the b back
		term.sees("ac42\r\n" + prompt)
		term.types("echo begun; sleep infinity\r")
		term.sees("begun\r\n")
		term.types("\x03")
		term.sees("^C\r\n" + prompt)
		term.types("echo $?\r")
		term.sees("130\r\n" + prompt)
		term.types("exit 7\r")
		term.ends(7)
	}
}

// A shell in a shell gives the terminal back, however it ends.
func TestShellInAShell(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	term := b.terminal("sh")
	const prompt = "root@app:/# "
	term.sees(prompt)
	term.types("X=outer\r")
	term.sees(prompt)
	term.types("bash\r")
	term.sees("bash\r\n" + prompt)
	term.types("echo inner$X; cd /tmp\r")
	term.sees("inner\r\nroot@app:/tmp# ")
	term.types("exit 3\r")
	term.sees(prompt)
	term.types("echo $? $X\r")
	term.sees("3 outer\r\n" + prompt)
	term.types("sh\r")
	term.sees("sh\r\n" + prompt)
	term.types("\x04")
	term.sees("exit\r\n" + prompt)
	b.clock.Pause() // however long the prompt takes
	term.types("timeout 0.3 sh; echo code $?\r")
	term.sees("sh; echo code $?\r\n" + prompt)
	b.clock.Resume()
	term.sees("code 124\r\n" + prompt)
	term.types("sh | cat\r")
	term.sees("sh | cat\r\n" + prompt)
	term.types("echo piped | tr p P\rexit\r")
	term.sees("PiPed\r\n")
	term.sees(prompt)
	term.types("sh -c 'sh; read x; echo got $x'\r")
	term.sees(prompt)
	term.types("exit\r")
	term.types("a line\r")
	term.sees("got a line\r\n" + prompt)
	term.types("exit 5\r")
	term.ends(5)
}
