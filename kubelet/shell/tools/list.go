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
