package tools

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"
)

func ls(ctx context.Context, c *Call) int {
	opts, names, err := options(c.Args, "la1hdRtrASiFnLpgoGZcuXCxkq", map[string]string{"all": "a", "almost-all": "A", "human-readable": "h", "directory": "d", "recursive": "R", "color": "Z", "reverse": "r", "numeric-uid-gid": "n", "inode": "i", "full-time": "Z", "size": "s"})
	if err != nil {
		return c.usage(err)
	}
	f, code := flagsOf(opts), 0
	if f["n"] || f["g"] || f["o"] {
		f["l"] = true
	}
	if len(names) == 0 {
		names = []string{"."}
	}
	var files []entry
	var dirs []string
	for _, n := range names {
		stat := c.FS.Stat
		if (f["l"] || f["d"]) && !f["L"] {
			stat = c.FS.Lstat
		}
		i, err := stat(c.Path(n))
		if err == nil && i.Mode()&fs.ModeSymlink != 0 && !f["d"] && !f["l"] || err != nil && !f["l"] {
			i, err = c.FS.Stat(c.Path(n))
		}
		switch {
		case err != nil:
			c.fail(c.word("%s: %s", "cannot access '%s': %s"), n, Reason(err))
			code = c.failed()
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
			c.fail(c.word("can't open '%s': %s", "cannot open directory '%s': %s"), d, Reason(err))
			code = c.failed()
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

// failed is the exit code of an ls that could not do all.
func (c *Call) failed() int {
	if c.busybox() {
		return 1
	}
	return 2
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
		if f["L"] && i.Mode()&fs.ModeSymlink != 0 {
			if to, err := c.FS.Stat(full + "/" + i.Name()); err == nil {
				entries = append(entries, entry{i.Name(), full + "/" + i.Name(), to})
				continue
			}
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
		total := int64(0)
		for _, e := range entries {
			total += c.blocks(e)
		}
		fmt.Fprintf(c.Out, "total %d\n", total)
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

// blocks are the kilobytes that a file takes on its disk. Links are kept beside their names, and a directory
// in memory takes none.
func (c *Call) blocks(e entry) int64 {
	switch m := e.info.Mode(); {
	case m.IsRegular():
		return (e.info.Size() + 4095) / 4096 * 4
	case m.IsDir() && !c.FS.InMemory(e.full):
		return 4
	}
	return 0
}

// row is an entry of a long listing, in columns.
type row struct {
	mode, links, user, group, size, date, name string
}

func (c *Call) printEntries(f flags, entries []entry, now time.Time) {
	if !f["l"] {
		var names []string
		for _, e := range entries {
			names = append(names, e.name+mark(f, e.info))
		}
		if t, ok := c.In.(interface{ Terminal() bool }); ok && t.Terminal() && !f["1"] {
			c.columns(names)
			return
		}
		for _, n := range names {
			fmt.Fprintln(c.Out, n)
		}
		return
	}
	known := c.names()
	var rows []row
	for _, e := range entries {
		size, target := e.info.Size(), ""
		if e.info.Mode()&fs.ModeSymlink != 0 {
			if t, err := c.FS.Readlink(e.full); err == nil {
				size, target = int64(len(t)), " -> "+t
			}
		}
		uid, gid := c.owner(e.info)
		r := row{mode: modeText(e.info.Mode()), links: strconv.Itoa(c.links(e)), user: known.user(uid), group: known.group(gid), size: strconv.FormatInt(size, 10),
			date: dateOf(e.info.ModTime(), now), name: e.name + target + mark(f, e.info)}
		if f["n"] {
			r.user, r.group = strconv.FormatInt(uid, 10), strconv.FormatInt(gid, 10)
		}
		if f["h"] {
			r.size = human(size)
		}
		rows = append(rows, r)
	}
	if c.busybox() {
		for _, r := range rows {
			fmt.Fprintf(c.Out, "%s %4s %-8.8s %-8.8s %9s %s %s\n", r.mode, r.links, r.user, r.group, r.size, r.date, r.name)
		}
		return
	}
	var links, user, group, size int
	for _, r := range rows {
		links, user, group, size = max(links, len(r.links)), max(user, len(r.user)), max(group, len(r.group)), max(size, len(r.size))
	}
	if f["g"] {
		user = -1
	}
	for _, r := range rows {
		who := fmt.Sprintf("%-*s %-*s", user, r.user, group, r.group)
		switch {
		case f["g"] && f["o"]:
			who = ""
		case f["g"]:
			who = fmt.Sprintf("%-*s", group, r.group)
		case f["o"]:
			who = fmt.Sprintf("%-*s", user, r.user)
		}
		fmt.Fprintf(c.Out, "%s %*s %s %*s %s %s\n", r.mode, links, r.links, who, size, r.size, r.date, r.name)
	}
}

// links is how many names a file has: a directory is known by its own, its dot and those of the directories in it.
func (c *Call) links(e entry) int {
	if !e.info.IsDir() {
		return 1
	}
	n := 2
	if list, err := c.FS.ReadDir(e.full); err == nil {
		for _, s := range list {
			if s.IsDir() {
				n++
			}
		}
	}
	return n
}

// terminalWidth is what columns are made for; nobody asks how wide the terminal really is.
const terminalWidth = 80

// columns prints names side by side, downwards first.
func (c *Call) columns(names []string) {
	if len(names) == 0 {
		return
	}
	widest := 0
	for _, n := range names {
		widest = max(widest, len([]rune(n))+2)
	}
	per := max(terminalWidth/widest, 1)
	lines := (len(names) + per - 1) / per
	for l := range lines {
		var b strings.Builder
		for i := l; i < len(names); i += lines {
			if i+lines < len(names) {
				fmt.Fprintf(&b, "%-*s", widest, names[i])
			} else {
				b.WriteString(names[i])
			}
		}
		fmt.Fprintln(c.Out, b.String())
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
