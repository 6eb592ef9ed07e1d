package shell

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/kubemint/kubemint/kubelet/container"
	"github.com/kubemint/kubemint/kubelet/shell/tools"
)

// Bytes that a terminal acts upon.
const (
	ctrlC     = 3
	ctrlD     = 4
	ctrlE     = 5
	ctrlU     = 21
	backspace = 127
)

// tty is a terminal as programs know it: what is typed is echoed and handed on by lines, and ^C ends
// what runs. While a shell waits at its prompt, a line editor has the keys instead.
type tty struct {
	out io.Writer

	mu     sync.Mutex
	turned *sync.Cond // state, keys or depth have changed; its lock is mu
	state  ttyState
	size   container.Size
	depth  int    // shells that prompt, within one another
	keys   []byte // for the editor to read
	line   []byte
	early  []byte // typed for nobody who ran: it is for the shell
	foreground
}

// foreground is who has the terminal.
type foreground struct {
	editor   *term.Terminal     // of the shell that prompts; nil: there is none
	in, feed *os.File           // the input of what runs: the end that it reads, and the other one
	stop     context.CancelFunc // of what runs
}

// ttyState says who has the keys.
type ttyState int

const (
	ttyRuns    ttyState = iota // a command
	ttyPrompts                 // the line editor
	ttyEntered                 // nobody yet: a line was entered, and what follows may be for what it starts
	ttyOver
)

// turn is final once the terminal has hung up. mu is held.
func (t *tty) turn(s ttyState) {
	if t.state != ttyOver {
		t.state = s
	}
	t.turned.Broadcast()
}

// Write turns line ends into what a terminal in raw mode needs.
func (t *tty) Write(b []byte) (int, error) {
	if _, err := t.out.Write(bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))); err != nil {
		return 0, err
	}
	return len(b), nil
}

// run has what runs next read from in, fed by feed, and end with stop. What was typed before is its to read.
func (t *tty) run(in, feed *os.File, stop context.CancelFunc) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.in, t.feed, t.stop, t.line = in, feed, stop, nil
	early := t.early
	t.early = nil
	t.hand(early)
	t.turn(ttyRuns)
}

// ran takes back what was typed while a command ran and what that has not read.
func (t *tty) ran(in, feed *os.File) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turn(ttyEntered) // until the prompt is there
	t.in, t.feed, t.stop = nil, nil, nil
	_ = feed.Close() // now reading ends
	unread, _ := io.ReadAll(in)
	t.early = append(append(unread, t.early...), t.line...)
	t.line = nil
}

// typed takes what was typed.
func (t *tty) typed(b []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(b) > 0 {
		// An editor reads before it is given more.
		for t.state == ttyEntered || t.state == ttyPrompts && len(t.keys) > 0 {
			t.turned.Wait()
		}
		switch t.state {
		case ttyOver:
			return
		case ttyRuns:
			t.key(b[0])
			b = b[1:]
			continue
		}
		n := bytes.IndexAny(b, "\r\n") + 1 // to the prompt, one line at a time
		if n > 0 {
			t.state = ttyEntered
		} else {
			n = len(b)
		}
		t.keys = bytes.ReplaceAll(b[:n], []byte{ctrlC}, []byte{ctrlE, ctrlU, '\r'})
		t.keys = bytes.ReplaceAll(t.keys, []byte{'\n'}, []byte{'\r'})
		t.turned.Broadcast()
		b = b[n:]
	}
	for (t.state == ttyEntered || t.state == ttyPrompts) && len(t.keys) > 0 {
		t.turned.Wait()
	}
}

// key handles one byte while something runs. mu is held.
func (t *tty) key(k byte) {
	say := func(s string) { _, _ = io.WriteString(t.out, s) } // an echo that nobody sees
	switch k {
	case ctrlC:
		say("^C\r\n")
		t.line = nil
		if t.stop != nil {
			t.stop()
		}
	case ctrlD:
		t.hand(t.line)
		if len(t.line) == 0 && t.feed != nil {
			_ = t.feed.Close()
			t.feed = nil
		}
		t.line = nil
	case '\r', '\n':
		say("\r\n")
		t.hand(append(t.line, '\n'))
		t.line = nil
	case backspace, '\b':
		if len(t.line) > 0 {
			t.line = t.line[:len(t.line)-1]
			say("\b \b")
		}
	default:
		if len(t.line) < 4096 {
			t.line = append(t.line, k)
			say(string(rune(k)))
		}
	}
}

// hand gives what runs its input. Nobody is waited for: more than a pipe holds is dropped, as by a
// terminal. What comes after the end of its input is for the shell. mu is held.
func (t *tty) hand(b []byte) {
	switch {
	case len(b) == 0:
		return
	case t.feed == nil:
		if t.depth > 0 && len(t.early) < maxEarly {
			t.early = append(t.early, b...)
		}
		return
	}
	_ = t.feed.SetWriteDeadline(time.Now().Add(patience)) // wall time: it is about a pipe
	_, _ = t.feed.Write(b)
}

// maxEarly bounds what is kept for a shell that is busy.
const maxEarly = 4096

// patience is how long a line waits for a program that does not read.
const patience = 10 * time.Millisecond

// onTerminal runs a job that has a terminal.
func (p *process) onTerminal(ctx context.Context, c *tools.Call, body io.Reader, in, feed *os.File) int {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	t := &tty{out: c.Out, foreground: foreground{in: in, feed: feed, stop: cancel}}
	t.turned = sync.NewCond(&t.mu)
	asks := tools.IsShell(tools.Base(c.Args[0])) && plain(c.Args[1:])
	if asks {
		t.state = ttyEntered // it is about to prompt
	}
	defer t.hangUp()
	defer context.AfterFunc(ctx, t.hangUp)()
	go func() {
		// The terminal hangs up when the client goes.
		defer cancel()
		for {
			kind, b, err := readFrame(body)
			if err != nil {
				return
			}
			switch kind {
			case frameInput:
				t.typed(b)
			case frameResize:
				var size container.Size
				if json.Unmarshal(b, &size) == nil && size.Width > 0 {
					t.resize(size)
				}
			}
		}
	}()
	p.tty = t
	c.In, c.Out, c.Err = in, t, t
	code := p.start(ctx, c)
	if ctx.Err() != nil && !asks {
		return codeInterrupted
	}
	return code
}

// hangUp lets nobody wait any more.
func (t *tty) hangUp() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turn(ttyOver)
}

// resize tells the editor how wide the terminal is.
func (t *tty) resize(size container.Size) {
	t.mu.Lock()
	t.size = size
	editor := t.editor
	t.mu.Unlock()
	if editor != nil {
		_ = editor.SetSize(int(size.Width), int(size.Height)) // what it cannot show, nobody sees
	}
}

// plain says whether a shell's arguments leave it to ask for commands.
func plain(args []string) bool {
	for _, a := range args {
		if !strings.HasPrefix(a, "-") || !strings.HasPrefix(a, "--") && strings.ContainsAny(a, "co") {
			return false
		}
	}
	return true
}
