package tools

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

func ls(ctx context.Context, c *Call) int {
	opts, names, err := options(c.Args, "la1hdRtrASiFnLp", map[string]string{"all": "a", "almost-all": "A", "human-readable": "h", "directory": "d", "recursive": "R", "color": "Z", "reverse": "r"})
	if err != nil {
		return c.usage(err)
	}
	f, code := flagsOf(opts), 0
	if len(names) == 0 {
		names = []string{"."}
	}
	var files []entry
	var dirs []string
	for _, n := range names {
		stat := c.FS.Stat
		if f["l"] || f["d"] {
			stat = c.FS.Lstat
		}
		i, err := stat(c.Path(n))
		if err == nil && i.Mode()&fs.ModeSymlink != 0 && !f["d"] && !f["l"] || err != nil && !f["l"] {
			i, err = c.FS.Stat(c.Path(n))
		}
		switch {
		case err != nil:
			c.fail("cannot access '%s': %s", n, Reason(err))
			code = 2
		case i.IsDir() && !f["d"]:
			dirs = append(dirs, n)
		case i.Mode()&fs.ModeSymlink != 0 && strings.HasSuffix(n, "/"):
			dirs = append(dirs, n)
		default:
			files = append(files, entry{n, c.Path(n), i})
		}
	}
	now := c.Host.Now(ctx)
	c.printEntries(f, files, now)
	for i, d := range dirs {
		if ctx.Err() != nil {
			return 1
		}
		list, err := c.FS.ReadDir(c.Path(d))
		if err != nil {
			c.fail("cannot open directory '%s': %s", d, Reason(err))
			code = 2
			continue
		}
		if len(dirs)+len(files) > 1 || f["R"] {
			if i > 0 || len(files) > 0 {
				fmt.Fprintln(c.Out)
			}
			fmt.Fprintf(c.Out, "%s:\n", d)
		}
		code = max(code, c.listDir(ctx, f, d, list, now))
	}
	return code
}

// entry is one line of a listing.
type entry struct {
	name, full string
	info       fs.FileInfo
}

func (c *Call) listDir(ctx context.Context, f flags, dir string, list []fs.FileInfo, now time.Time) int {
	full := strings.TrimSuffix(c.Path(dir), "/")
	var entries []entry
	if f["a"] {
		for _, n := range []string{".", ".."} {
			if i, err := c.FS.Stat(full + "/" + n); err == nil {
				entries = append(entries, entry{n, full + "/" + n, i})
			}
		}
	}
	for _, i := range list {
		if strings.HasPrefix(i.Name(), ".") && !f["a"] && !f["A"] {
			continue
		}
		entries = append(entries, entry{i.Name(), full + "/" + i.Name(), i})
	}
	if f["t"] {
		slices.SortStableFunc(entries, func(a, b entry) int { return b.info.ModTime().Compare(a.info.ModTime()) })
	}
	if f["S"] {
		slices.SortStableFunc(entries, func(a, b entry) int { return int(b.info.Size() - a.info.Size()) })
	}
	if f["r"] {
		slices.Reverse(entries)
	}
	if f["l"] {
		blocks := int64(0)
		for _, e := range entries {
			if e.info.Mode().IsRegular() {
				blocks += (e.info.Size() + 4095) / 4096 * 4
			}
		}
		fmt.Fprintf(c.Out, "total %d\n", blocks)
	}
	c.printEntries(f, entries, now)
	if f["R"] {
		for _, e := range entries {
			if e.info.IsDir() && e.name != "." && e.name != ".." && ctx.Err() == nil {
				below, err := c.FS.ReadDir(e.full)
				if err != nil {
					c.fail("cannot open directory '%s': %s", e.name, Reason(err))
					return 1
				}
				sub := strings.TrimSuffix(dir, "/") + "/" + e.name
				fmt.Fprintf(c.Out, "\n%s:\n", sub)
				c.listDir(ctx, f, sub, below, now)
			}
		}
	}
	return 0
}

func (c *Call) printEntries(f flags, entries []entry, now time.Time) {
	if !f["l"] {
		for _, e := range entries {
			fmt.Fprintln(c.Out, e.name+mark(f, e.info))
		}
		return
	}
	width := 1
	sizes := make([]string, len(entries))
	for i, e := range entries {
		size := e.info.Size()
		if e.info.Mode()&fs.ModeSymlink != 0 {
			if t, err := c.FS.Readlink(e.full); err == nil {
				size = int64(len(t))
			}
		}
		sizes[i] = strconv.FormatInt(size, 10)
		if f["h"] {
			sizes[i] = human(size)
		}
		width = max(width, len(sizes[i]))
	}
	for i, e := range entries {
		links, target := 1, ""
		if e.info.IsDir() {
			links = 2
			if list, err := c.FS.ReadDir(e.full); err == nil {
				for _, s := range list {
					if s.IsDir() {
						links++
					}
				}
			}
		}
		if e.info.Mode()&fs.ModeSymlink != 0 {
			if t, err := c.FS.Readlink(e.full); err == nil {
				target = " -> " + t
			}
		}
		u, g := c.owner(e.full, e.info)
		uid, gid := userName(u), groupName(g)
		if f["n"] {
			uid, gid = strconv.FormatInt(u, 10), strconv.FormatInt(g, 10)
		}
		fmt.Fprintf(c.Out, "%s %4d %-8s %-8s %*s %s %s%s%s\n", modeText(e.info.Mode()), links, uid, gid, width, sizes[i],
			dateOf(e.info.ModTime().Add(c.Host.Skew()), now), e.name, target, mark(f, e.info))
	}
}

func mark(f flags, i fs.FileInfo) string {
	switch {
	case i.IsDir() && (f["F"] || f["p"]):
		return "/"
	case f["F"] && !f["l"] && i.Mode()&fs.ModeSymlink != 0:
		return "@"
	case f["F"] && i.Mode().IsRegular() && i.Mode()&0o111 != 0:
		return "*"
	}
	return ""
}

// dateOf is a time as ls -l shows it: with the time of day if it is of the last half year.
func dateOf(t, now time.Time) string {
	t = t.UTC()
	if d := now.Sub(t); d < -time.Hour || d > 182*24*time.Hour {
		return t.Format("Jan _2  2006")
	}
	return t.Format("Jan _2 15:04")
}

func human(n int64) string {
	if n < 1024 {
		return strconv.FormatInt(n, 10)
	}
	f := float64(n)
	for _, u := range "KMGT" {
		if f /= 1024; f < 1024 {
			if f < 10 {
				return fmt.Sprintf("%.1f%c", f, u)
			}
			return fmt.Sprintf("%.0f%c", f, u)
		}
	}
	return fmt.Sprintf("%.0fP", f/1024)
}

// modeText is drwxr-xr-x.
func modeText(m fs.FileMode) string {
	kind := byte('-')
	switch {
	case m.IsDir():
		kind = 'd'
	case m&fs.ModeSymlink != 0:
		return "lrwxrwxrwx"
	case m&fs.ModeCharDevice != 0:
		kind = 'c'
	}
	b := []byte{kind}
	for i, r := range "rwxrwxrwx" {
		if m.Perm()&(1<<(8-i)) != 0 {
			b = append(b, byte(r))
		} else {
			b = append(b, '-')
		}
	}
	special := func(at int, set bool, on, off byte) {
		if !set {
			return
		}
		if b[at] == 'x' {
			b[at] = on
		} else {
			b[at] = off
		}
	}
	special(3, m&fs.ModeSetuid != 0, 's', 'S')
	special(6, m&fs.ModeSetgid != 0, 's', 'S')
	special(9, m&fs.ModeSticky != 0, 't', 'T')
	return string(b)
}

func stat(ctx context.Context, c *Call) int {
	opts, names, err := options(c.Args, "Lc:", map[string]string{"format": "c:", "dereference": "L"})
	if err != nil {
		return c.usage(err)
	}
	f, format := flagsOf(opts), ""
	for _, o := range opts {
		if o.name == "c" {
			format = o.value
		}
	}
	if len(names) == 0 {
		return c.fail("missing operand")
	}
	code := 0
	for _, n := range names {
		look := c.FS.Lstat
		if f["L"] {
			look = c.FS.Stat
		}
		i, err := look(c.Path(n))
		if err != nil {
			code = c.fail("cannot statx '%s': %s", n, Reason(err))
			continue
		}
		kind := "regular file"
		switch {
		case i.IsDir():
			kind = "directory"
		case i.Mode()&fs.ModeSymlink != 0:
			kind = "symbolic link"
		case i.Size() == 0:
			kind = "regular empty file"
		}
		octal := fmt.Sprintf("%o", octalMode(i.Mode()))
		uid, gid := c.owner(c.Path(n), i)
		changed := i.ModTime().Add(c.Host.Skew()).UTC()
		when := changed.Format("2006-01-02 15:04:05.000000000 -0700")
		if format != "" {
			fmt.Fprintln(c.Out, strings.NewReplacer("%n", n, "%a", octal, "%A", modeText(i.Mode()), "%s", strconv.FormatInt(i.Size(), 10), "%F", kind,
				"%u", strconv.FormatInt(uid, 10), "%g", strconv.FormatInt(gid, 10), "%U", userName(uid), "%G", groupName(gid), "%y", when, "%Y", strconv.FormatInt(changed.Unix(), 10), "%%", "%").Replace(format))
			continue
		}
		label := n
		if t, err := c.FS.Readlink(c.Path(n)); err == nil && !f["L"] {
			label += " -> " + t
		}
		fmt.Fprintf(c.Out, "  File: %s\n  Size: %-10d\t%s\nAccess: (%04s/%s)  Uid: (%5d/%8s)   Gid: (%5d/%8s)\nModify: %s\n", label, i.Size(), kind, octal, modeText(i.Mode()), uid, userName(uid), gid, groupName(gid), when)
	}
	return code
}

func octalMode(m fs.FileMode) uint32 {
	o := uint32(m.Perm())
	if m&fs.ModeSetuid != 0 {
		o |= 0o4000
	}
	if m&fs.ModeSetgid != 0 {
		o |= 0o2000
	}
	if m&fs.ModeSticky != 0 {
		o |= 0o1000
	}
	return o
}

func readlink(_ context.Context, c *Call) int {
	opts, names, err := options(c.Args, "fen", map[string]string{"canonicalize": "f"})
	if err != nil {
		return c.usage(err)
	}
	f, code := flagsOf(opts), 0
	if c.name() == "realpath" {
		f["f"] = true
	}
	for _, n := range names {
		look := c.FS.Readlink
		if f["f"] || f["e"] {
			look = c.FS.Real
		}
		t, err := look(c.Path(n))
		if err != nil {
			code = 1
			continue
		}
		if !f["n"] {
			t += "\n"
		}
		fmt.Fprint(c.Out, t)
	}
	return code
}

func basename(_ context.Context, c *Call) int {
	if len(c.Args) < 2 {
		return c.fail("missing operand")
	}
	if c.name() == "dirname" {
		fmt.Fprintln(c.Out, path.Dir(c.Args[1]))
		return 0
	}
	b := path.Base(c.Args[1])
	if len(c.Args) > 2 && b != c.Args[2] {
		b = strings.TrimSuffix(b, c.Args[2])
	}
	fmt.Fprintln(c.Out, b)
	return 0
}

func find(ctx context.Context, c *Call) int {
	args := c.Args[1:]
	var starts []string
	for len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		starts, args = append(starts, args[0]), args[1:]
	}
	if len(starts) == 0 {
		starts = []string{"."}
	}
	var tests []func(name, full string, i fs.FileInfo) bool
	deepest, code, acts := -1, 0, false
	for len(args) > 0 {
		word := args[0]
		args = args[1:]
		value := ""
		switch word {
		case "-name", "-iname", "-type", "-maxdepth", "-path":
			if len(args) == 0 {
				return c.fail("missing argument to `%s'", word)
			}
			value, args = args[0], args[1:]
		}
		switch word {
		case "-name", "-iname":
			tests = append(tests, func(name, _ string, _ fs.FileInfo) bool {
				b := path.Base(name)
				if word == "-iname" {
					b, value = strings.ToLower(b), strings.ToLower(value)
				}
				ok, err := path.Match(value, b)
				return ok && err == nil
			})
		case "-path":
			tests = append(tests, func(name, _ string, _ fs.FileInfo) bool {
				ok, err := path.Match(strings.ReplaceAll(value, "/", "\x00"), strings.ReplaceAll(name, "/", "\x00"))
				return ok && err == nil
			})
		case "-type":
			tests = append(tests, func(_, _ string, i fs.FileInfo) bool {
				return value == "d" && i.IsDir() || value == "f" && i.Mode().IsRegular() || value == "l" && i.Mode()&fs.ModeSymlink != 0
			})
		case "-maxdepth":
			n, err := strconv.Atoi(value)
			if err != nil {
				return c.fail("Expected a positive decimal integer argument to -maxdepth, but got '%s'", value)
			}
			deepest = n
		case "-print":
			acts = true
			tests = append(tests, func(name, _ string, _ fs.FileInfo) bool { fmt.Fprintln(c.Out, name); return true })
		case "-delete":
			acts = true
			tests = append(tests, func(name, full string, _ fs.FileInfo) bool {
				if err := c.FS.Remove(full); err != nil {
					code = c.fail("cannot delete '%s': %s", name, Reason(err))
					return false
				}
				return true
			})
		case "-exec":
			end := slices.IndexFunc(args, func(a string) bool { return a == ";" || a == "+" })
			if end <= 0 {
				return c.fail("missing argument to `-exec'")
			}
			command := slices.Clone(args[:end])
			args = args[end+1:]
			acts = true
			tests = append(tests, func(name, _ string, _ fs.FileInfo) bool {
				sub := *c
				sub.Args = slices.Clone(command)
				for i := range sub.Args {
					sub.Args[i] = strings.ReplaceAll(sub.Args[i], "{}", name)
				}
				return c.Run(ctx, &sub) == 0
			})
		default:
			return c.fail("unknown predicate `%s'", word)
		}
	}
	var visit func(name string, depth int)
	visit = func(name string, depth int) {
		full := c.Path(name)
		i, err := c.FS.Lstat(full)
		if err != nil {
			code = c.fail("'%s': %s", name, Reason(err))
			return
		}
		var below []fs.FileInfo
		if i.IsDir() && (deepest < 0 || depth < deepest) {
			if below, err = c.FS.ReadDir(full); err != nil {
				code = c.fail("'%s': %s", name, Reason(err))
			}
		}
		ok := true
		for _, t := range tests {
			if ok = t(name, full, i); !ok {
				break
			}
		}
		if ok && !acts {
			fmt.Fprintln(c.Out, name)
		}
		for _, b := range below {
			if ctx.Err() != nil {
				return
			}
			visit(strings.TrimSuffix(name, "/")+"/"+b.Name(), depth+1)
		}
	}
	for _, s := range starts {
		visit(s, 0)
	}
	return code
}
