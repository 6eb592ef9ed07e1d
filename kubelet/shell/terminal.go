package shell

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

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
// what runs. While the shell waits at its prompt, a line editor has the keys instead.
type tty struct {
	out    io.Writer
	editor *term.Terminal // nil: no shell that prompts
	keys   *io.PipeWriter // to the editor

	mu     sync.Mutex
	turned *sync.Cond // state has changed; its lock is mu
	state  ttyState
	line   []byte
	early  []byte             // typed for nobody who ran: it is for the shell
	feed   *os.File           // the input of what runs
	stop   context.CancelFunc // of what runs
}

// ttyState says who has the keys.
type ttyState int

const (
	ttyRuns    ttyState = iota // a command
	ttyPrompts                 // the line editor
	ttyEntered                 // nobody yet: a line was entered, and what follows may be for what it starts
	ttyOver
)

func (t *tty) turn(s ttyState) {
	t.state = s
	t.turned.Broadcast()
}

// Write turns line ends into what a terminal in raw mode needs.
func (t *tty) Write(b []byte) (int, error) {
	if _, err := t.out.Write(bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))); err != nil {
		return 0, err
	}
	return len(b), nil
}

// run has what runs next read from feed and end with stop. What was typed before is its to read.
func (t *tty) run(feed *os.File, stop context.CancelFunc) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.feed, t.stop, t.line = feed, stop, nil
	early := t.early
	t.early = nil
	t.hand(early)
	t.turn(ttyRuns)
}

// ran takes back what was typed while a command ran and what that has not read: feed and in are its input.
func (t *tty) ran(feed, in *os.File) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turn(ttyEntered) // until the prompt is there
	t.feed, t.stop = nil, nil
	_ = feed.Close() // now reading ends
	unread, _ := io.ReadAll(in)
	t.early = append(append(unread, t.early...), t.line...)
	t.line = nil
}

// atPrompt gives the line editor the keys, first those that were typed before.
func (t *tty) atPrompt() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.feed, t.stop = nil, nil
	line := t.early
	if end := bytes.IndexByte(line, '\n') + 1; end > 0 {
		line = line[:end]
	}
	t.early = t.early[len(line):]
	if len(line) == 0 {
		t.turn(ttyPrompts)
		return
	}
	t.turn(ttyEntered)
	keys := bytes.ReplaceAll(line, []byte{'\n'}, []byte{'\r'})
	go func() { // it ends when the editor has read, or with the terminal
		if _, err := t.keys.Write(keys); err != nil || keys[len(keys)-1] == '\r' {
			return
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.state == ttyEntered {
			t.turn(ttyPrompts)
		}
	}()
}

// hangUp lets nobody wait any more.
func (t *tty) hangUp() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turn(ttyOver)
}

// typed takes what was typed.
func (t *tty) typed(b []byte) {
	for len(b) > 0 {
		t.mu.Lock()
		for t.state == ttyEntered {
			t.turned.Wait()
		}
		switch t.state {
		case ttyOver:
			t.mu.Unlock()
			return
		case ttyRuns:
			t.key(b[0])
			t.mu.Unlock()
			b = b[1:]
			continue
		}
		n := bytes.IndexAny(b, "\r\n") + 1 // to the prompt, one line at a time
		if n > 0 {
			t.state = ttyEntered
		} else {
			n = len(b)
		}
		t.mu.Unlock()
		keys := bytes.ReplaceAll(b[:n], []byte{ctrlC}, []byte{ctrlE, ctrlU, '\r'})
		keys = bytes.ReplaceAll(keys, []byte{'\n'}, []byte{'\r'})
		if _, err := t.keys.Write(keys); err != nil {
			return
		}
		b = b[n:]
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
		if t.editor != nil && len(t.early) < maxEarly {
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
	keys, typed := io.Pipe()
	t := &tty{out: c.Out, keys: typed}
	t.turned = sync.NewCond(&t.mu)
	defer t.hangUp()
	defer func() { _ = keys.Close() }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	asks := tools.IsShell(tools.Base(c.Args[0])) && plain(c.Args[1:])
	if asks {
		t.editor = term.NewTerminal(struct {
			io.Reader
			io.Writer
		}{keys, c.Out}, "")
		t.state = ttyPrompts
	}
	go func() {
		// The terminal hangs up when the client goes.
		defer cancel()
		defer func() { _ = typed.Close() }()
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
				if json.Unmarshal(b, &size) == nil && t.editor != nil && size.Width > 0 {
					_ = t.editor.SetSize(int(size.Width), int(size.Height))
				}
			}
		}
	}()
	c.Out, c.Err = t, t
	if asks {
		return p.converse(ctx, c, t)
	}
	t.run(feed, cancel)
	c.In = in
	code := p.start(ctx, c)
	if ctx.Err() != nil {
		return codeInterrupted
	}
	return code
}

// codeInterrupted is the exit code of what ^C has ended.
const codeInterrupted = 130

// remember makes an exit code the shell's last one.
func (t *tty) remember(r *interp.Runner, code int) {
	last, err := syntax.NewParser().Parse(strings.NewReader(fmt.Sprintf("(exit %d)", code)), "sh")
	if err == nil {
		_ = r.Run(context.Background(), last.Stmts[0]) // it says what it was told to
	}
}

// plain says whether a shell's arguments leave it to ask for commands.
func plain(args []string) bool {
	for _, a := range args {
		if !strings.HasPrefix(a, "-") || strings.HasPrefix(a, "-c") {
			return false
		}
	}
	return true
}

// converse is an interactive shell.
func (p *process) converse(ctx context.Context, c *tools.Call, t *tty) int {
	p.prepare(ctx, c)
	r, err := p.runner(c, nil, nil)
	if err != nil {
		fmt.Fprintf(t, "sh: %v\n", err)
		return 2
	}
	code, text := 0, ""
	for {
		mark := "# "
		if p.job.User.UID != 0 {
			mark = "$ "
		}
		t.editor.SetPrompt(p.job.User.Name + "@" + p.job.Hostname + ":" + r.Dir + mark)
		if text != "" {
			t.editor.SetPrompt("> ")
		}
		t.atPrompt()
		line, err := t.editor.ReadLine()
		if err != nil {
			fmt.Fprint(t, "exit\n")
			return code
		}
		text += line + "\n"
		if strings.TrimSpace(text) == "" {
			text = ""
			continue
		}
		file, err := syntax.NewParser().Parse(strings.NewReader(text), "sh")
		if err != nil && syntax.IsIncomplete(err) && strings.TrimSpace(line) != "" {
			continue
		}
		text = ""
		if err != nil {
			fmt.Fprintf(t, "sh: syntax error: %v\n", err)
			code = 2
			continue
		}
		own(file)
		var done bool
		if code, done = p.oneLine(ctx, r, file, t); done {
			return code
		}
	}
}

// oneLine runs what was entered at the prompt.
func (p *process) oneLine(ctx context.Context, r *interp.Runner, file *syntax.File, t *tty) (code int, done bool) {
	in, feed, err := os.Pipe()
	if err != nil {
		fmt.Fprintf(t, "sh: %v\n", err)
		return 2, false
	}
	defer func() { _, _ = feed.Close(), in.Close() }()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(ctx, func() { _ = feed.Close() })()
	t.run(feed, stop)
	defer t.ran(feed, in)
	if err := interp.StdIO(in, t, t)(r); err != nil {
		fmt.Fprintf(t, "sh: %v\n", err)
		return 2, false
	}
	for _, stmt := range file.Stmts {
		code = codeOf(t, r.Run(ctx, stmt))
		if ctx.Err() != nil {
			t.remember(r, codeInterrupted)
			return codeInterrupted, false
		}
		if r.Exited() {
			return code, true
		}
	}
	return code, false
}
