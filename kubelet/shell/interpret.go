package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

	"github.com/kubemint/kubemint/kubelet/shell/tools"
)

// shell is sh: -c TEXT, a file, or the standard input.
func (p *process) shell(ctx context.Context, c *tools.Call) int {
	ctx = inShell(ctx, c)
	var set []string
	args, text, given := c.Args[1:], "", false
options:
	for len(args) > 0 && len(args[0]) > 1 && (args[0][0] == '-' || args[0][0] == '+') {
		word := args[0]
		args = args[1:]
		if word == "--" {
			break
		}
		if strings.HasPrefix(word, "--") { // --login and its like
			continue
		}
		for _, o := range word[1:] {
			switch o {
			case 'c':
				given = true
			case 'i', 'l', 's': // it asks for commands at a terminal, and nowhere else
			case 'o':
				if len(args) == 0 {
					break options
				}
				set, args = append(set, word[:1]+"o", args[0]), args[1:]
			case 'e', 'u', 'x', 'f', 'n', 'a':
				set = append(set, word[:1]+string(o))
			default:
				fmt.Fprintf(c.Err, "sh: illegal option -%c\n", o)
				return 2
			}
		}
	}
	zero := c.Args[0]
	switch {
	case given:
		if len(args) == 0 {
			fmt.Fprintln(c.Err, "sh: -c requires an argument")
			return 2
		}
		text, args = args[0], args[1:]
		if len(args) > 0 {
			zero, args = args[0], args[1:]
		}
	case len(args) > 0:
		b, err := p.fs.ReadFile(c.Path(args[0]), maxScript)
		if err != nil {
			fmt.Fprintf(c.Err, "sh: can't open '%s': %s\n", args[0], tools.Reason(err))
			return 2
		}
		text, zero, args = string(b), args[0], args[1:]
	case p.atTerminal(c):
		return p.converse(ctx, c, set)
	default:
		return p.fromInput(ctx, c, set)
	}
	file, err := parse(text, zero)
	if err != nil {
		fmt.Fprintf(c.Err, "%s\n", err)
		return 2
	}
	r, err := p.runner(c, set, args)
	if err != nil {
		fmt.Fprintf(c.Err, "sh: %v\n", err)
		return 2
	}
	defer r.leave()
	return codeOf(c.Err, r.runner.Run(ctx, file))
}

const maxScript = 1 << 20

func parse(text, name string) (*syntax.File, error) {
	file, err := syntax.NewParser().Parse(strings.NewReader(text), name)
	if err != nil {
		return nil, fmt.Errorf("sh: syntax error: %w", err)
	}
	own(file)
	return file, nil
}

// own has a script's $$, PPID and ~NAME be those of the container and not of this process and its computer, of which the interpreter
// asks for the last where it runs what goes into a pipe or the background.
func own(node syntax.Node) {
	syntax.Walk(node, func(n syntax.Node) bool {
		if w, ok := n.(*syntax.Word); ok && len(w.Parts) > 0 {
			if lit, ok := w.Parts[0].(*syntax.Lit); ok {
				lit.Value = atHome(lit.Value)
			}
		}
		if e, ok := n.(*syntax.ParamExp); ok && e.Param != nil {
			switch e.Param.Value {
			case "$":
				e.Param.Value, e.Short = ownPID, false
			case "PPID":
				e.Param.Value = ownParent
			}
		}
		return true
	})
}

// atHome puts the directory of the user whom a word begins with in their place.
func atHome(word string) string {
	below, ok := strings.CutPrefix(word, "~")
	name, rest, deeper := strings.Cut(below, "/")
	if !ok || !syntax.ValidName(strings.NewReplacer("-", "_", ".", "_").Replace(name)) {
		return word
	}
	if deeper {
		return homeOf(name) + "/" + rest
	}
	return homeOf(name)
}

// Names of variables that stand in for $$ and PPID.
const (
	ownPID    = "_kubemint_pid"
	ownParent = "_kubemint_ppid"
)

// fromInput reads statements from the standard input and runs each before it reads the next.
func (p *process) fromInput(ctx context.Context, c *tools.Call, set []string) int {
	r, err := p.runner(c, set, nil)
	if err != nil {
		fmt.Fprintf(c.Err, "sh: %v\n", err)
		return 2
	}
	defer r.leave()
	code := 0
	parser := syntax.NewParser()
	for stmts, err := range parser.InteractiveSeq(sparing{c.In}) {
		if parser.Incomplete() {
			continue
		}
		if err != nil {
			fmt.Fprintf(c.Err, "sh: syntax error: %v\n", err)
			return 2
		}
		for _, stmt := range stmts {
			own(stmt)
			code = codeOf(c.Err, r.runner.Run(ctx, stmt))
			if r.runner.Exited() || ctx.Err() != nil {
				return code
			}
		}
	}
	return code
}

// sparing reads no further than it must: what follows a command may be for that command to read.
type sparing struct{ r io.Reader }

func (s sparing) Read(b []byte) (int, error) { return s.r.Read(b[:min(len(b), 1)]) }

// codeOf is the exit code that a run of the interpreter comes to.
func codeOf(errs io.Writer, err error) int {
	var status interp.ExitStatus
	switch {
	case err == nil:
		return 0
	case errors.As(err, &status):
		return int(status)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return 137
	}
	fmt.Fprintf(errs, "%v\n", err)
	return 2
}

// runner is an interpreter that can do nothing but through this process, as a script that is to leave.
func (p *process) runner(c *tools.Call, set, params []string) (*script, error) {
	s := &script{process: p, traps: map[string]string{}, arrived: make(chan struct{}, 1)}
	env := &environ{vars: map[string]string{}, user: p.job.User, pid: p.pid}
	for _, v := range c.Environ {
		name, value, _ := strings.Cut(v, "=")
		env.vars[name] = value
	}
	env.fill()
	env.starting = true
	dir := c.Dir
	r, err := interp.New(
		interp.Env(env),
		func(r *interp.Runner) error { r.Dir = dir; return nil }, // interp.Dir would look for it on the host
		interp.Params(append(append(slices.Clone(set), "--"), params...)...),
		interp.StdIO(c.In, c.Out, c.Err),
		interp.CallHandler(s.onCall),
		interp.ExecHandlers(func(interp.ExecHandlerFunc) interp.ExecHandlerFunc { return s.onExec }),
		interp.OpenHandler(p.onOpen),
		interp.StatHandler(p.onStat),
		interp.ReadDirHandler2(p.onReadDir),
		interp.AccessHandler(p.onAccess),
	)
	if err != nil {
		return nil, err
	}
	r.Reset()
	env.starting = false
	s.runner = r
	p.mu.Lock()
	defer p.mu.Unlock()
	p.scripts = append(p.scripts, s)
	return s, nil
}
