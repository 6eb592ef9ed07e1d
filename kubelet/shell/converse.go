package shell

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

	"github.com/kubemint/kubemint/kubelet/shell/tools"
)

// codeInterrupted is the exit code of what ^C has ended.
const codeInterrupted = 130

// atTerminal says whether a command reads what is typed now and complains where it is seen: a shell then
// asks for commands, whoever has started it.
func (p *process) atTerminal(c *tools.Call) bool {
	t := p.tty
	if t == nil || c.Err != io.Writer(t) {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.in != nil && c.In == io.Reader(t.in)
}

// keyboard is what the line editor of one shell reads.
type keyboard struct {
	t   *tty
	ctx context.Context
}

// Read ends with the terminal, or with the shell. It hands on no more than an editor takes: what follows
// ^D may be for another program.
func (k keyboard) Read(b []byte) (int, error) {
	t := k.t
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.keys) == 0 {
		if t.state == ttyOver || k.ctx.Err() != nil {
			return 0, io.EOF
		}
		t.turned.Wait()
	}
	n := min(len(b), len(t.keys))
	if end := strings.IndexByte(string(t.keys[:n]), ctrlD) + 1; end > 0 {
		n = end
	}
	n = copy(b, t.keys[:n])
	t.keys = t.keys[n:]
	t.turned.Broadcast()
	return n, nil
}

// enter gives the terminal to a shell, which asks for commands by editor. leave gives it back to what ran
// before, with what the shell has not read.
func (t *tty) enter(editor *term.Terminal) (depth int, leave func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	was := t.foreground
	fresh := t.state == ttyEntered // nothing has been handed on
	t.turn(ttyEntered)
	if !fresh {
		t.early = append(append(unread(was.in), t.early...), t.line...)
	}
	t.line, t.foreground = nil, foreground{editor: editor}
	t.depth++
	if t.size.Width > 0 {
		_ = editor.SetSize(int(t.size.Width), int(t.size.Height))
	}
	return t.depth, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		early := append(t.keys, t.early...)
		t.foreground, t.keys, t.early = was, nil, nil
		t.depth--
		t.hand(early)
		t.turn(ttyRuns)
	}
}

// unread is what lies in a pipe that stays open.
func unread(in *os.File) []byte {
	if in.SetReadDeadline(time.Now().Add(patience)) != nil { // wall time: it is about a pipe
		return nil
	}
	b, _ := io.ReadAll(io.LimitReader(in, maxEarly)) // it ends by the deadline
	_ = in.SetReadDeadline(time.Time{})
	return b
}

// atPrompt gives the line editor the keys, first those that were typed before.
func (t *tty) atPrompt() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.in, t.feed, t.stop = nil, nil, nil
	line := t.early
	if end := strings.IndexByte(string(line), '\n') + 1; end > 0 {
		line = line[:end]
	}
	t.early = t.early[len(line):]
	t.keys = []byte(strings.ReplaceAll(string(line), "\n", "\r"))
	if strings.HasSuffix(string(line), "\n") {
		t.turn(ttyEntered)
		return
	}
	t.turn(ttyPrompts)
}

// await returns when no shell within the one of this depth has the terminal, one that was sent into the
// background included.
func (t *tty) await(depth int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.depth > depth {
		t.turned.Wait()
	}
}

// remember makes an exit code the shell's last one.
func remember(r *interp.Runner, code int) {
	last, err := syntax.NewParser().Parse(strings.NewReader(fmt.Sprintf("(exit %d)", code)), "sh")
	if err == nil {
		_ = r.Run(context.Background(), last.Stmts[0]) // it says what it was told to
	}
}

// conversation is an interactive shell.
type conversation struct {
	process *process
	call    *tools.Call
	tty     *tty
	editor  *term.Terminal
	depth   int
}

// converse asks for commands at the terminal until there are no more.
func (p *process) converse(ctx context.Context, c *tools.Call, set []string) int {
	r, err := p.runner(c, set, nil)
	if err != nil {
		fmt.Fprintf(c.Err, "sh: %v\n", err)
		return 2
	}
	defer r.leave()
	v := &conversation{process: p, call: c, tty: p.tty}
	v.editor = term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{keyboard{v.tty, ctx}, v.tty.out}, "")
	defer context.AfterFunc(ctx, func() {
		v.tty.mu.Lock()
		defer v.tty.mu.Unlock()
		v.tty.turned.Broadcast()
	})()
	depth, leave := v.tty.enter(v.editor)
	v.depth = depth
	defer leave()
	return v.run(ctx, r.runner)
}

func (v *conversation) run(ctx context.Context, r *interp.Runner) int {
	p, t := v.process, v.tty
	code, text := 0, ""
	for {
		v.editor.SetPrompt(p.prompt(r.Dir))
		if text != "" {
			v.editor.SetPrompt("> ")
		}
		t.atPrompt()
		line, err := v.editor.ReadLine()
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
		if code, done = v.oneLine(ctx, r, file); done {
			return code
		}
	}
}

// oneLine runs what was entered at the prompt.
func (v *conversation) oneLine(ctx context.Context, r *interp.Runner, file *syntax.File) (code int, done bool) {
	t := v.tty
	in, feed, err := os.Pipe()
	if err != nil {
		fmt.Fprintf(t, "sh: %v\n", err)
		return 2, false
	}
	defer func() { _, _ = feed.Close(), in.Close() }()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(ctx, func() { _ = feed.Close() })()
	t.run(in, feed, stop)
	defer t.ran(in, feed)
	defer t.await(v.depth)
	if err := interp.StdIO(in, v.call.Out, v.call.Err)(r); err != nil {
		fmt.Fprintf(t, "sh: %v\n", err)
		return 2, false
	}
	for _, stmt := range file.Stmts {
		code = codeOf(t, r.Run(ctx, stmt))
		if ctx.Err() != nil {
			remember(r, codeInterrupted)
			return codeInterrupted, false
		}
		if r.Exited() {
			return code, true
		}
	}
	return code, false
}
