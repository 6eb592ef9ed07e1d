package tools

import (
	"context"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

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
