package tools

import (
	"context"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/kubemint/kubemint/kubelet/shell/rootfs"
)

func stat(ctx context.Context, c *Call) int {
	opts, names, err := options(c.Args, "Lc:ft", map[string]string{"format": "c:", "printf": "p:", "dereference": "L"})
	if err != nil {
		return c.usage(err)
	}
	f, format, end := flagsOf(opts), "", "\n"
	for _, o := range opts {
		switch o.name {
		case "c":
			format = o.value
		case "p":
			format, end = strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\\`, `\`).Replace(o.value), ""
		}
	}
	if len(names) == 0 {
		return c.fail("missing operand")
	}
	code, known := 0, c.names()
	for _, n := range names {
		look := c.FS.Lstat
		if f["L"] {
			look = c.FS.Stat
		}
		i, err := look(c.Path(n))
		if err != nil {
			code = c.fail(c.word("can't stat '%s': %s", "cannot statx '%s': %s"), n, Reason(err))
			continue
		}
		kind, size := "regular file", i.Size()
		label := n
		switch {
		case i.IsDir():
			kind = "directory"
		case i.Mode()&fs.ModeSymlink != 0:
			kind = "symbolic link"
			if t, err := c.FS.Readlink(c.Path(n)); err == nil {
				label = c.word(fmt.Sprintf("'%s' -> '%s'", n, t), fmt.Sprintf("%s -> %s", n, t))
				size = int64(len(t))
			}
		case i.Size() == 0:
			kind = "regular empty file"
		}
		e := entry{n, c.Path(n), i}
		blocks := 2 * c.blocks(e)
		octal := fmt.Sprintf("%o", rootfs.Bits(i.Mode()))
		uid, gid := c.owner(i)
		changed := i.ModTime().UTC()
		when := changed.Format("2006-01-02 15:04:05.000000000 -0700")
		number := func(n int64) string { return strconv.FormatInt(n, 10) }
		if format != "" {
			fmt.Fprint(c.Out, strings.NewReplacer("%n", n, "%N", "'"+n+"'", "%a", octal, "%A", modeText(i.Mode()), "%s", number(size), "%F", kind, "%h", strconv.Itoa(c.links(e)),
				"%u", number(uid), "%g", number(gid), "%U", known.user(uid), "%G", known.group(gid), "%b", number(blocks), "%B", "512", "%o", "4096",
				"%x", when, "%y", when, "%z", when, "%X", number(changed.Unix()), "%Y", number(changed.Unix()), "%Z", number(changed.Unix()), "%%", "%").Replace(format)+end)
			continue
		}
		fmt.Fprintf(c.Out, "  File: %s\n  Size: %-10d\tBlocks: %-10d IO Block: 4096   %s\n", label, size, blocks, kind)
		if c.busybox() {
			fmt.Fprintf(c.Out, "Device: 0h/0d\tInode: 0           Links: %d\n", c.links(e))
		} else {
			fmt.Fprintf(c.Out, "Device: 0,0\tInode: 0           Links: %d\n", c.links(e))
		}
		fmt.Fprintf(c.Out, "Access: (%04s/%s)  Uid: (%5d/%8s)   Gid: (%5d/%8s)\nAccess: %s\nModify: %[7]s\nChange: %[7]s\n", octal, modeText(i.Mode()), uid, known.user(uid), gid, known.group(gid), when)
		if !c.busybox() {
			fmt.Fprintln(c.Out, " Birth: -")
		}
	}
	return code
}
