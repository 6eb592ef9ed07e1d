package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

	"github.com/kubemint/kubemint/kubelet/shell/tools"
)

// shell is sh: -c TEXT, a file, or the standard input.
func (p *process) shell(ctx context.Context, c *tools.Call) int {
	var set []string
	args, text, given, interactive := c.Args[1:], "", false, false
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
			case 'i':
				interactive = true
			case 'l', 's':
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
	default:
		return p.fromInput(ctx, c, set, interactive)
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
	return codeOf(c.Err, r.Run(ctx, file))
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

// own has a script's $$ and PPID be those of the container and not of this process.
func own(node syntax.Node) {
	syntax.Walk(node, func(n syntax.Node) bool {
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

// Names of variables that stand in for $$ and PPID.
const (
	ownPID    = "_kubemint_pid"
	ownParent = "_kubemint_ppid"
)

// fromInput reads statements from the standard input and runs each before it reads the next.
func (p *process) fromInput(ctx context.Context, c *tools.Call, set []string, _ bool) int {
	r, err := p.runner(c, set, nil)
	if err != nil {
		fmt.Fprintf(c.Err, "sh: %v\n", err)
		return 2
	}
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
			code = codeOf(c.Err, r.Run(ctx, stmt))
			if r.Exited() || ctx.Err() != nil {
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

// runner is an interpreter that can do nothing but through this process.
func (p *process) runner(c *tools.Call, set, params []string) (*interp.Runner, error) {
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
		interp.CallHandler(p.onCall),
		interp.ExecHandlers(func(interp.ExecHandlerFunc) interp.ExecHandlerFunc { return p.onExec }),
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
	return r, nil
}

// environ is the environment of a shell. It never asks the host.
type environ struct {
	vars     map[string]string
	user     tools.User
	pid      int
	starting bool
}

func (e *environ) fill() {
	for name, value := range map[string]string{
		"HOME": "/root", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "SHLVL": "1",
	} {
		if _, ok := e.vars[name]; !ok {
			e.vars[name] = value
		}
	}
}

// noDir cannot be the path of anything: the interpreter makes the pipes of <(…) in the directory that
// TMPDIR names as it starts, and must not find one on the host.
const noDir = "/\x00"

func (e *environ) Get(name string) expand.Variable {
	text := func(s string) expand.Variable {
		return expand.Variable{Set: true, Kind: expand.String, Str: s}
	}
	switch {
	case e.starting && name == "TMPDIR":
		return text(noDir)
	case name == "UID" || name == "EUID":
		return text(strconv.FormatInt(e.user.UID, 10))
	case name == "GID":
		return text(strconv.FormatInt(e.user.GID, 10))
	case name == ownPID:
		return text(strconv.Itoa(e.pid))
	case name == ownParent:
		return text("0")
	case strings.HasPrefix(name, "HOME "): // ~name: the interpreter would ask the host's users
		if name == "HOME root" {
			return text("/root")
		}
		return text("/home/" + strings.TrimPrefix(name, "HOME "))
	}
	if v, ok := e.vars[name]; ok {
		t := text(v)
		t.Exported = true
		return t
	}
	return expand.Variable{}
}

func (e *environ) Each(f func(string, expand.Variable) bool) {
	for name := range e.vars {
		if !f(name, e.Get(name)) {
			return
		}
	}
}

// hidden marks a command as one that only the exec handler knows: no function or builtin has such a name.
const hidden = "\x00"

// onCall sees every command before the interpreter does. Builtins that would look at the host, or that
// a container's shell has and the interpreter has not, become commands of ours.
func (p *process) onCall(ctx context.Context, args []string) ([]string, error) {
	if err := p.members.pace.step(ctx); err != nil {
		return nil, err
	}
	if text := p.trapped(); text != "" {
		quoted := make([]string, len(args))
		for i, a := range args {
			q, err := syntax.Quote(a, syntax.LangBash)
			if err != nil {
				return nil, err
			}
			quoted[i] = q
		}
		return []string{"eval", text + "\n" + strings.Join(quoted, " ")}, nil
	}
	stripped := false
	for len(args) > 1 && (args[0] == "builtin" || args[0] == "command" && !strings.HasPrefix(args[1], "-")) {
		args, stripped = args[1:], true
	}
	switch args[0] {
	case "command", "type", "pwd", "kill", "umask", "ulimit":
		return append([]string{hidden + args[0]}, args[1:]...), nil
	case ".", "source":
		if len(args) > 1 {
			return append([]string{args[0], noDir + p.sourced(ctx, args[1])}, args[2:]...), nil
		}
	case "unset":
		// A name with a blank could only be one of ours, see environ.Get.
		return slices.DeleteFunc(slices.Clone(args), func(a string) bool { return strings.ContainsAny(a, " \t\n") }), nil
	case "echo":
		return echoOptions(args), nil
	case "eval":
		return p.evaluated(args), nil
	case "trap":
		return p.trap(args), nil
	}
	if stripped {
		if interp.IsBuiltin(args[0]) {
			return append([]string{"builtin"}, args...), nil
		}
		return append([]string{hidden + args[0]}, args[1:]...), nil
	}
	return args, nil
}

// echoOptions takes options of echo that are written together apart: the interpreter knows -n -e, not -ne.
func echoOptions(args []string) []string {
	out, rest := []string{args[0]}, args[1:]
	for len(rest) > 0 && len(rest[0]) > 1 && rest[0][0] == '-' && strings.Trim(rest[0][1:], "neE") == "" {
		for _, o := range rest[0][1:] {
			out = append(out, "-"+string(o))
		}
		rest = rest[1:]
	}
	return append(out, rest...)
}

// evaluated has eval's text be the container's own, too.
func (p *process) evaluated(args []string) []string {
	text := strings.Join(args[1:], " ")
	if !strings.Contains(text, "$$") && !strings.Contains(text, "PPID") {
		return args
	}
	file, err := parse(text, "")
	if err != nil {
		return args
	}
	var b strings.Builder
	if syntax.NewPrinter().Print(&b, file) != nil {
		return args
	}
	return []string{"eval", b.String()}
}

// sourced finds the file of a source command: as given, or in PATH.
func (p *process) sourced(ctx context.Context, name string) string {
	hc := interp.HandlerCtx(ctx)
	if !strings.Contains(name, "/") {
		for dir := range strings.SplitSeq(hc.Env.Get("PATH").String(), ":") {
			full := strings.TrimSuffix(dir, "/") + "/" + name
			if i, err := p.fs.Stat(full); err == nil && i.Mode().IsRegular() {
				return full
			}
		}
	}
	return join(hc.Dir, name)
}

// trap takes signals to itself and leaves EXIT and ERR to the interpreter.
func (p *process) trap(args []string) []string {
	if len(args) < 3 {
		return args
	}
	text, names := args[1], args[2:]
	if text == "--" && len(args) > 3 {
		text, names = args[2], args[3:]
	}
	left := []string{"trap", text}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, n := range names {
		switch n = strings.TrimPrefix(n, "SIG"); n {
		case "TERM", "INT", "HUP", "QUIT", "USR1", "USR2", "15", "2", "1", "3":
			if name, ok := map[string]string{"15": "TERM", "2": "INT", "1": "HUP", "3": "QUIT"}[n]; ok {
				n = name
			}
			if text == "-" {
				delete(p.traps, n)
			} else {
				p.traps[n] = text
			}
		case "0":
			left = append(left, "EXIT")
		default:
			left = append(left, n)
		}
	}
	if len(left) == 2 {
		return []string{"true"}
	}
	return left
}

// trapped is what a trap has to say to a signal that came meanwhile.
func (p *process) trapped() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.pending) == 0 {
		return ""
	}
	signal := p.pending[0]
	p.pending = p.pending[1:]
	if text := p.traps[signal]; text != "" {
		return text
	}
	return ":"
}

func (p *process) onExec(ctx context.Context, args []string) error {
	hc := interp.HandlerCtx(ctx)
	c := &tools.Call{Args: slices.Clone(args), Out: hc.Stdout, Err: hc.Stderr, Dir: hc.Dir, In: empty{}}
	if f, ok := hc.Stdin.(*os.File); ok && f != nil {
		c.In = f
	}
	for name, v := range hc.Env.Each {
		// A name comes again when it is changed, or unset.
		c.Environ = slices.DeleteFunc(c.Environ, func(s string) bool { return strings.HasPrefix(s, name+"=") })
		if v.Exported && v.IsSet() && v.Kind == expand.String {
			c.Environ = append(c.Environ, name+"="+v.Str)
		}
	}
	name, was := strings.CutPrefix(args[0], hidden)
	c.Args[0] = name
	var code int
	switch {
	case was && name == "command":
		code = p.commandV(c)
	case was && name == "type":
		code = p.typeOf(c)
	default:
		code = p.exec(ctx, c)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if code != 0 {
		return interp.ExitStatus(code)
	}
	return nil
}

// commandV is command -v and command -V.
func (p *process) commandV(c *tools.Call) int {
	code := 0
	for _, n := range c.Args[1:] {
		if strings.HasPrefix(n, "-") {
			continue
		}
		if interp.IsBuiltin(n) {
			fmt.Fprintln(c.Out, n)
			continue
		}
		c.FS = p.fs
		if found, ok := tools.Find(c, n); ok {
			fmt.Fprintln(c.Out, found)
			continue
		}
		code = 127
	}
	return code
}

func (p *process) typeOf(c *tools.Call) int {
	code := 0
	for _, n := range c.Args[1:] {
		if strings.HasPrefix(n, "-") {
			continue
		}
		c.FS = p.fs
		found, ok := tools.Find(c, n)
		switch {
		case interp.IsBuiltin(n):
			fmt.Fprintf(c.Out, "%s is a shell builtin\n", n)
		case ok:
			fmt.Fprintf(c.Out, "%s is %s\n", n, found)
		default:
			fmt.Fprintf(c.Out, "%s: not found\n", n)
			code = 127
		}
	}
	return code
}

// shellError words a failure of the shell's own as the C library does.
type shellError struct{ err error }

func (e shellError) Error() string { return tools.Reason(e.err) }
func (e shellError) Unwrap() error { return e.err }

func asShell(op, name string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return &os.PathError{Op: "sh: " + op, Path: name, Err: shellError{pe.Err}}
	}
	return &os.PathError{Op: "sh: " + op, Path: name, Err: err}
}

func (p *process) onOpen(ctx context.Context, name string, flag int, perm os.FileMode) (io.ReadWriteCloser, error) {
	hc := interp.HandlerCtx(ctx)
	full := join(hc.Dir, strings.TrimPrefix(name, noDir))
	var in io.Reader = empty{}
	if f, ok := hc.Stdin.(*os.File); ok && f != nil {
		in = f
	}
	write := flag&(os.O_WRONLY|os.O_RDWR|os.O_CREATE) != 0
	if !write {
		if i, err := p.fs.Stat(full); err == nil && i.IsDir() {
			return nil, &os.PathError{Op: "sh: can't open", Path: name, Err: errors.New("Is a directory")} //nolint:staticcheck // the text of the real program
		}
	}
	f, err := p.open(full, flag, perm, in, hc.Stdout, hc.Stderr)
	switch {
	case err != nil && write:
		return nil, asShell("can't create", strings.TrimPrefix(name, noDir), err)
	case err != nil:
		return nil, asShell("can't open", strings.TrimPrefix(name, noDir), err)
	}
	if d, ok := f.(device); ok && !write {
		return piped(d)
	}
	return f, nil
}

// piped gives a device as a pipe, which is what the interpreter makes of it in any case, but one that
// ends when the reader closes it.
func piped(d device) (io.ReadWriteCloser, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	go func() {
		_, _ = io.Copy(w, d.Reader) // it ends when nobody reads any more
		_ = w.Close()
	}()
	return r, nil
}

func (p *process) onStat(ctx context.Context, name string, follow bool) (fs.FileInfo, error) {
	full := join(interp.HandlerCtx(ctx).Dir, name)
	if deviceOf(full, nil, nil, nil) != nil {
		i, err := p.fs.Stat("/")
		return deviceInfo{i}, err
	}
	if follow {
		return p.fs.Stat(full)
	}
	return p.fs.Lstat(full)
}

func (p *process) onReadDir(ctx context.Context, name string) ([]fs.DirEntry, error) {
	list, err := p.fs.ReadDir(join(interp.HandlerCtx(ctx).Dir, name))
	if err != nil {
		return nil, err
	}
	out := make([]fs.DirEntry, len(list))
	for i := range list {
		out[i] = fs.FileInfoToDirEntry(list[i])
	}
	return out, nil
}

func (p *process) onAccess(ctx context.Context, name string, mode interp.AccessMode) error {
	full := join(interp.HandlerCtx(ctx).Dir, name)
	if deviceOf(full, nil, nil, nil) != nil {
		return nil
	}
	return p.fs.Access(full, mode&interp.AccessWrite != 0, mode&interp.AccessExec != 0)
}
