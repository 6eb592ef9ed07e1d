package shell

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

	"github.com/kubemint/kubemint/kubelet/shell/tools"
)

// hidden marks a command as one that only the exec handler knows: no function or builtin has such a name.
const hidden = "\x00"

// onCall sees every command before the interpreter does. Builtins that would look at the host, or that
// a container's shell has and the interpreter has not, become commands of ours.
func (s *script) onCall(ctx context.Context, args []string) ([]string, error) {
	p := s.process
	if err := p.members.pace.step(ctx); err != nil {
		return nil, err
	}
	own := s.own(ctx)
	if own {
		if args, err := s.instead(args); args != nil || err != nil {
			return args, err
		}
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
	case "printf":
		if len(args) < 2 || args[1] != "-v" { // into a variable only the interpreter prints
			return append([]string{hidden + args[0]}, args[1:]...), nil
		}
		return printInto(args)
	case "trap":
		return s.trap(args, own), nil
	case "wait":
		if own {
			return append([]string{hidden + args[0]}, args[1:]...), nil
		}
	case "exec":
		if own && len(args) > 1 {
			s.forget()
		}
	}
	if stripped {
		if interp.IsBuiltin(args[0]) {
			return append([]string{"builtin"}, args...), nil
		}
		return append([]string{hidden + args[0]}, args[1:]...), nil
	}
	return args, nil
}

// printInto is printf -v NAME FORMAT…: what is printed, line ends included, becomes the variable's value.
func printInto(args []string) ([]string, error) {
	if len(args) < 4 || !syntax.ValidName(args[2]) {
		return []string{hidden + "printf"}, nil
	}
	name, text := args[2], "printf"
	for _, a := range args[3:] {
		q, err := syntax.Quote(a, syntax.LangBash)
		if err != nil {
			return nil, err
		}
		text += " " + q
	}
	return []string{"eval", name + "=$(" + text + "; echo x) && " + name + "=${" + name + "%x}"}, nil
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
	return []string{args[0], owned(strings.Join(args[1:], " "))}
}

// owned is a text that the interpreter reads by itself, as own would have it. One that is no script stays: it is complained about there.
func owned(text string) string {
	if !strings.Contains(text, "$$") && !strings.Contains(text, "PPID") && !strings.Contains(text, "~") {
		return text
	}
	file, err := parse(text, "")
	if err != nil {
		return text
	}
	var b strings.Builder
	if syntax.NewPrinter().Print(&b, file) != nil {
		return text
	}
	return b.String()
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

// trap takes signals to itself and leaves EXIT and ERR to the interpreter. A subshell, which is not the script's own, is sent none.
func (s *script) trap(args []string, own bool) []string {
	if len(args) < 3 {
		return args
	}
	text, names := args[1], args[2:]
	if text == "--" && len(args) > 3 {
		text, names = args[2], args[3:]
	}
	left := []string{"trap", text}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range names {
		switch n = strings.TrimPrefix(n, "SIG"); n {
		case "TERM", "INT", "HUP", "QUIT", "USR1", "USR2", "15", "2", "1", "3":
			if name, ok := map[string]string{"15": "TERM", "2": "INT", "1": "HUP", "3": "QUIT"}[n]; ok {
				n = name
			}
			switch {
			case !own:
			case text == "-":
				delete(s.traps, n)
			default:
				s.traps[n] = text
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
	p.inOrder(c.Environ)
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

// inOrder has the variables that the container was started with come first, as they came, and others after
// them by name.
func (p *process) inOrder(environ []string) {
	name := func(v string) string { return v[:strings.IndexByte(v, '=')+1] }
	slices.SortFunc(environ, func(a, b string) int {
		x := slices.IndexFunc(p.job.Env, func(v string) bool { return strings.HasPrefix(v, name(a)) })
		y := slices.IndexFunc(p.job.Env, func(v string) bool { return strings.HasPrefix(v, name(b)) })
		switch {
		case x < 0 && y < 0:
			return strings.Compare(a, b)
		case x < 0:
			return 1
		case y < 0:
			return -1
		}
		return x - y
	})
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
