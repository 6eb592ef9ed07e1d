package tools

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

func env(ctx context.Context, c *Call) int {
	args := c.Args[1:]
	environ := slices.Clone(c.Environ)
	for len(args) > 0 {
		if args[0] == "-i" || args[0] == "-" {
			environ, args = nil, args[1:]
			continue
		}
		name, _, ok := strings.Cut(args[0], "=")
		if !ok {
			break
		}
		environ = append(slices.DeleteFunc(environ, func(v string) bool { return strings.HasPrefix(v, name+"=") }), args[0])
		args = args[1:]
	}
	if len(args) > 0 {
		sub := *c
		sub.Args, sub.Environ = args, environ
		return c.Run(ctx, &sub)
	}
	for _, v := range environ {
		fmt.Fprintln(c.Out, v)
	}
	return 0
}

func printenv(_ context.Context, c *Call) int {
	if len(c.Args) == 1 {
		for _, v := range c.Environ {
			fmt.Fprintln(c.Out, v)
		}
		return 0
	}
	code := 0
	for _, n := range c.Args[1:] {
		at := slices.IndexFunc(c.Environ, func(v string) bool { return strings.HasPrefix(v, n+"=") })
		if at < 0 {
			code = 1
			continue
		}
		fmt.Fprintln(c.Out, c.Getenv(n))
	}
	return code
}

func sleep(ctx context.Context, c *Call) int {
	if len(c.Args) < 2 {
		return c.fail("missing operand")
	}
	var total time.Duration
	for _, a := range c.Args[1:] {
		if a == "infinity" || a == "inf" {
			<-ctx.Done()
			return 137
		}
		unit, text := time.Second, a
		switch {
		case strings.HasSuffix(a, "s"):
			text = strings.TrimSuffix(a, "s")
		case strings.HasSuffix(a, "m"):
			unit, text = time.Minute, strings.TrimSuffix(a, "m")
		case strings.HasSuffix(a, "h"):
			unit, text = time.Hour, strings.TrimSuffix(a, "h")
		case strings.HasSuffix(a, "d"):
			unit, text = 24*time.Hour, strings.TrimSuffix(a, "d")
		}
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || n < 0 || n*float64(unit) > 9e18 {
			return c.fail("invalid time interval '%s'", a)
		}
		total += time.Duration(n * float64(unit))
	}
	if c.Host.Sleep(ctx, total) != nil {
		return 137
	}
	return 0
}

func date(ctx context.Context, c *Call) int {
	opts, rest, err := options(c.Args, "uRId:", map[string]string{"utc": "u", "iso-8601": "I", "rfc-3339": "I", "date": "d:"})
	if err != nil {
		return c.usage(err)
	}
	f, now := flagsOf(opts), c.Host.Now(ctx).UTC()
	for _, o := range opts {
		if o.name == "d" {
			if now, err = whenOf(o.value, now); err != nil {
				return c.fail("invalid date '%s'", o.value)
			}
		}
	}
	format := "%a %b %e %H:%M:%S %Z %Y"
	switch {
	case f["I"]:
		format = "%Y-%m-%d"
	case f["R"]:
		format = "%a, %d %b %Y %H:%M:%S +0000"
	}
	if len(rest) > 0 {
		var ok bool
		if format, ok = strings.CutPrefix(rest[0], "+"); !ok {
			return c.fail("cannot set date: Operation not permitted")
		}
	}
	fmt.Fprintln(c.Out, strftime(format, now))
	return 0
}

// whenOf reads @SECONDS, a date, or "now".
func whenOf(text string, now time.Time) (time.Time, error) {
	if s, ok := strings.CutPrefix(text, "@"); ok {
		n, err := strconv.ParseInt(s, 10, 64)
		return time.Unix(n, 0).UTC(), err
	}
	if text == "now" {
		return now, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return now, errors.New("unknown form")
}

func strftime(format string, t time.Time) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		switch format[i] {
		case 'Y':
			b.WriteString(t.Format("2006"))
		case 'm':
			b.WriteString(t.Format("01"))
		case 'd':
			b.WriteString(t.Format("02"))
		case 'e':
			b.WriteString(t.Format("_2"))
		case 'H':
			b.WriteString(t.Format("15"))
		case 'M':
			b.WriteString(t.Format("04"))
		case 'S':
			b.WriteString(t.Format("05"))
		case 'N':
			fmt.Fprintf(&b, "%09d", t.Nanosecond())
		case 'a':
			b.WriteString(t.Format("Mon"))
		case 'A':
			b.WriteString(t.Format("Monday"))
		case 'b':
			b.WriteString(t.Format("Jan"))
		case 'B':
			b.WriteString(t.Format("January"))
		case 'Z':
			b.WriteString("UTC")
		case 'z':
			b.WriteString("+0000")
		case 's':
			b.WriteString(strconv.FormatInt(t.Unix(), 10))
		case 'T':
			b.WriteString(t.Format("15:04:05"))
		case 'F':
			b.WriteString(t.Format("2006-01-02"))
		case 'D':
			b.WriteString(t.Format("01/02/06"))
		case 'y':
			b.WriteString(t.Format("06"))
		case 'j':
			fmt.Fprintf(&b, "%03d", t.YearDay())
		case 'n':
			b.WriteByte('\n')
		case '%':
			b.WriteByte('%')
		default:
			b.WriteString(format[i-1 : i+1])
		}
	}
	return b.String()
}

func id(_ context.Context, c *Call) int {
	opts, _, err := options(c.Args, "ugnG", nil)
	if err != nil {
		return c.usage(err)
	}
	f, u := flagsOf(opts), c.Host.User()
	group := strconv.FormatInt(u.GID, 10)
	if u.GID == 0 {
		group = "root"
	}
	switch {
	case f["u"] && f["n"]:
		fmt.Fprintln(c.Out, u.Name)
	case f["u"]:
		fmt.Fprintln(c.Out, u.UID)
	case (f["g"] || f["G"]) && f["n"]:
		fmt.Fprintln(c.Out, group)
	case f["g"], f["G"]:
		fmt.Fprintln(c.Out, u.GID)
	default:
		named := func(id int64, name string) string {
			if strconv.FormatInt(id, 10) == name {
				return name
			}
			return fmt.Sprintf("%d(%s)", id, name)
		}
		fmt.Fprintf(c.Out, "uid=%s gid=%s groups=%s\n", named(u.UID, u.Name), named(u.GID, group), named(u.GID, group))
	}
	return 0
}

func whoami(_ context.Context, c *Call) int {
	u := c.Host.User()
	if u.Name == strconv.FormatInt(u.UID, 10) {
		return c.fail("cannot find name for user ID %d", u.UID)
	}
	fmt.Fprintln(c.Out, u.Name)
	return 0
}

func hostname(ctx context.Context, c *Call) int {
	if len(c.Args) > 1 && c.Args[1] == "-i" {
		if _, a, err := c.Host.Resolve(ctx, c.Host.Hostname()); err == nil {
			fmt.Fprintln(c.Out, strings.Join(a, " "))
			return 0
		}
		return c.fail("Name or service not known")
	}
	fmt.Fprintln(c.Out, c.Host.Hostname())
	return 0
}

func uname(_ context.Context, c *Call) int {
	if len(c.Args) > 1 && c.Args[1] == "-a" {
		fmt.Fprintf(c.Out, "Linux %s 6.12.0-kubemint #1 SMP x86_64 GNU/Linux\n", c.Host.Hostname())
		return 0
	}
	parts := map[string]string{"-n": c.Host.Hostname(), "-r": "6.12.0-kubemint", "-m": "x86_64", "-s": "Linux"}
	if len(c.Args) > 1 {
		if p, ok := parts[c.Args[1]]; ok {
			fmt.Fprintln(c.Out, p)
			return 0
		}
	}
	fmt.Fprintln(c.Out, "Linux")
	return 0
}

func ps(_ context.Context, c *Call) int {
	fmt.Fprintln(c.Out, "PID   USER     TIME  COMMAND")
	for _, p := range c.Host.Processes() {
		fmt.Fprintf(c.Out, "%5d %-8s  0:00 %s\n", p.PID, c.Host.User().Name, p.Command)
	}
	return 0
}

func kill(ctx context.Context, c *Call) int {
	args := c.Args[1:]
	signal := "TERM"
	if len(args) > 0 && args[0] == "-l" {
		fmt.Fprintln(c.Out, "HUP INT QUIT KILL USR1 USR2 TERM")
		return 0
	}
	if len(args) > 0 && strings.HasPrefix(args[0], "-") && args[0] != "--" {
		signal = strings.TrimPrefix(args[0][1:], "SIG")
		args = args[1:]
		if signal == "s" && len(args) > 0 {
			signal, args = strings.TrimPrefix(args[0], "SIG"), args[1:]
		}
	}
	numbers := map[string]string{"0": "0", "1": "HUP", "2": "INT", "3": "QUIT", "9": "KILL", "10": "USR1", "12": "USR2", "15": "TERM"}
	if s, ok := numbers[signal]; ok {
		signal = s
	} else if !slices.Contains([]string{"HUP", "INT", "QUIT", "KILL", "USR1", "USR2", "TERM"}, signal) {
		return c.fail("%s: invalid signal specification", signal)
	}
	if len(args) == 0 {
		return c.fail("usage: kill [-s sigspec | -n signum | -sigspec] pid ...")
	}
	code := 0
	for _, a := range args {
		pid, err := strconv.Atoi(a)
		if err != nil {
			code = c.fail("%s: arguments must be process or job IDs", a)
			continue
		}
		if err := c.Host.Signal(ctx, pid, signal); err != nil {
			code = c.fail("(%d) - %s", pid, err)
		}
	}
	return code
}

func which(_ context.Context, c *Call) int {
	code := 0
	for _, n := range c.Args[1:] {
		if strings.HasPrefix(n, "-") {
			continue
		}
		if found, ok := Find(c, n); ok {
			fmt.Fprintln(c.Out, found)
			continue
		}
		code = 1
	}
	return code
}

// Find is the path of a command: of a tool, or of a file that may be run.
func Find(c *Call, name string) (string, bool) {
	base := Base(name)
	if Lookup(base) != nil || IsShell(base) {
		if base != name {
			return name, true
		}
		return "/bin/" + base, true
	}
	if strings.Contains(name, "/") {
		i, err := c.FS.Stat(c.Path(name))
		return name, err == nil && i.Mode().IsRegular() && c.FS.Access(c.Path(name), false, true) == nil
	}
	for dir := range strings.SplitSeq(c.Getenv("PATH"), ":") {
		full := strings.TrimSuffix(dir, "/") + "/" + name
		if i, err := c.FS.Stat(full); err == nil && i.Mode().IsRegular() && c.FS.Access(full, false, true) == nil {
			return full, true
		}
	}
	return "", false
}

// IsShell says whether a name is that of the shell.
func IsShell(name string) bool {
	switch name {
	case "sh", "bash", "ash", "dash":
		return true
	}
	return false
}

// silent is a command that has nothing to do here and does it well.
func silent(context.Context, *Call) int { return 0 }

func falseTool(context.Context, *Call) int { return 1 }

func echo(_ context.Context, c *Call) int {
	args, end := c.Args[1:], "\n"
	if len(args) > 0 && args[0] == "-n" {
		args, end = args[1:], ""
	}
	if _, err := io.WriteString(c.Out, strings.Join(args, " ")+end); err != nil {
		return 1
	}
	return 0
}

func pwd(_ context.Context, c *Call) int {
	dir := c.Dir
	if len(c.Args) > 1 && c.Args[1] == "-P" {
		real, err := c.FS.Real(dir)
		if err != nil {
			return c.fail("%s", Reason(err))
		}
		dir = real
	}
	fmt.Fprintln(c.Out, dir)
	return 0
}

func timeout(ctx context.Context, c *Call) int {
	args := c.Args[1:]
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		args = args[1:]
	}
	if len(args) < 2 {
		return c.fail("missing operand")
	}
	d, err := time.ParseDuration(args[0])
	if n, nerr := strconv.ParseFloat(args[0], 64); nerr == nil {
		d, err = time.Duration(n*float64(time.Second)), nil
	}
	if err != nil {
		return c.fail("invalid time interval '%s'", args[0])
	}
	sub := *c
	sub.Args = args[1:]
	bounded, cancel := context.WithCancel(ctx)
	defer cancel()
	late := make(chan struct{})
	go func() {
		defer close(late)
		if c.Host.Sleep(bounded, d) == nil {
			cancel()
		}
	}()
	code := c.Run(bounded, &sub)
	over := bounded.Err() != nil && ctx.Err() == nil
	cancel()
	<-late
	if over {
		return 124
	}
	return code
}

func xargs(ctx context.Context, c *Call) int {
	args, each, replace := c.Args[1:], 0, ""
	null := false
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		switch {
		case strings.HasPrefix(args[0], "-n") && len(args[0]) > 2, strings.HasPrefix(args[0], "-I") && len(args[0]) > 2:
			args = append([]string{args[0][:2], args[0][2:]}, args[1:]...)
			continue
		case args[0] == "-n" && len(args) > 1:
			n, err := strconv.Atoi(args[1])
			if err != nil || n < 1 {
				return c.fail("invalid number \"%s\" for -n option", args[1])
			}
			each, args = n, args[1:]
		case args[0] == "-I" && len(args) > 1:
			replace, args = args[1], args[1:]
		case args[0] == "-0":
			null = true
		case args[0] == "-r", args[0] == "-t":
		default:
			return c.fail("invalid option -- '%s'", strings.TrimPrefix(args[0], "-"))
		}
		args = args[1:]
	}
	if len(args) == 0 {
		args = []string{"echo"}
	}
	b, err := all(c.In)
	if err != nil {
		return c.fail("%s", Reason(err))
	}
	var words []string
	switch {
	case null:
		words = strings.FieldsFunc(string(b), func(r rune) bool { return r == 0 })
	case replace != "":
		words, each = strings.FieldsFunc(string(b), func(r rune) bool { return r == '\n' }), 1
	default:
		words = strings.Fields(string(b))
	}
	if each == 0 {
		each = max(len(words), 1)
	}
	code := 0
	for part := range slices.Chunk(words, each) {
		if ctx.Err() != nil {
			return 1
		}
		sub := *c
		sub.In = strings.NewReader("")
		sub.Args = slices.Clone(args)
		if replace != "" {
			for i := range sub.Args {
				sub.Args[i] = strings.ReplaceAll(sub.Args[i], replace, part[0])
			}
		} else {
			sub.Args = append(sub.Args, part...)
		}
		if c.Run(ctx, &sub) != 0 {
			code = 123
		}
	}
	return code
}
