package tools

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/kubemint/kubemint/kubelet/shell/rootfs"
)

// Mounts is what /proc/mounts has of a container: its root, the system's own and the volumes.
func Mounts(f *rootfs.FS) string {
	var b strings.Builder
	for _, m := range f.Mounts() {
		how := "rw"
		if m.ReadOnly {
			how = "ro"
		}
		switch {
		case m.Path == "/":
			fmt.Fprintf(&b, "overlay / overlay %s,relatime 0 0\nproc /proc proc rw,nosuid,nodev,noexec,relatime 0 0\ntmpfs /dev tmpfs rw,nosuid,size=65536k,mode=755 0 0\n", how)
		case m.Memory:
			fmt.Fprintf(&b, "tmpfs %s tmpfs %s,relatime 0 0\n", m.Path, how)
		default:
			fmt.Fprintf(&b, "/dev/vda1 %s ext4 %s,relatime 0 0\n", m.Path, how)
		}
	}
	return b.String()
}

// mount lists what is mounted. Nobody in a container mounts anything.
func mount(_ context.Context, c *Call) int {
	opts, rest, err := options(c.Args, "t:o:avrwn", nil)
	if err != nil {
		return c.usage(err)
	}
	kind := ""
	for _, o := range opts {
		if o.name == "t" {
			kind = o.value
		}
	}
	if len(rest) > 0 {
		if c.busybox() {
			return c.fail("permission denied (are you root?)")
		}
		c.fail("%s: permission denied.", rest[len(rest)-1])
		return 32
	}
	for line := range strings.Lines(Mounts(c.FS)) {
		if f := strings.Fields(line); kind == "" || f[2] == kind {
			fmt.Fprintf(c.Out, "%s on %s type %s (%s)\n", f[0], f[1], f[2], f[3])
		}
	}
	return 0
}

// df tells what room the container's bounds leave it.
func df(_ context.Context, c *Call) int {
	opts, names, err := options(c.Args, "hkPTHaim", map[string]string{"human-readable": "h"})
	if err != nil {
		return c.usage(err)
	}
	f := flagsOf(opts)
	used, bound := c.FS.Usage()
	size := func(n int64) string {
		if f["h"] || f["H"] {
			return human(n)
		}
		return strconv.FormatInt(n/1024, 10)
	}
	only := map[string]bool{}
	for _, n := range names {
		if _, err := c.FS.Stat(c.Path(n)); err != nil {
			return c.fail(c.word("%s: can't find mount point", "%s: No such file or directory"), n)
		}
		only[c.mountOf(n)] = true
	}
	unit := map[bool]string{true: "Size", false: "1K-blocks"}[f["h"]]
	if c.busybox() {
		available := "Available"
		fmt.Fprintf(c.Out, "%-20s %9s %9s %9s Use%% Mounted on\n", "Filesystem", unit, "Used", available)
	} else {
		fmt.Fprintf(c.Out, "%-14s %9s %9s %9s Use%% Mounted on\n", "Filesystem", unit, "Used", map[bool]string{true: "Avail", false: "Available"}[f["h"]])
	}
	for line := range strings.Lines(Mounts(c.FS)) {
		m := strings.Fields(line)
		if m[2] == "proc" || len(only) > 0 && !only[m[1]] {
			continue
		}
		taken, room := used, bound
		if m[2] == "tmpfs" {
			taken, room = c.usageOf(m[1]), 64<<20
		}
		format := "%-14s %9s %9s %9s %3d%% %s\n"
		if c.busybox() {
			format = "%-20s %9s %9s %9s %3d%% %s\n"
		}
		fmt.Fprintf(c.Out, format, m[0], size(room), size(taken), size(room-taken), (taken*100+room-1)/room, m[1])
	}
	return 0
}

// mountOf is the mount that a path lies in.
func (c *Call) mountOf(name string) string {
	real, err := c.FS.Real(c.Path(name))
	best := "/"
	if err != nil {
		return best
	}
	for _, m := range c.FS.Mounts() {
		if len(m.Path) > len(best) && (real == m.Path || strings.HasPrefix(real, m.Path+"/")) {
			best = m.Path
		}
	}
	return best
}

// sizeBelow is how many kilobytes the files below a directory take, in blocks.
func (c *Call) sizeBelow(full string, depth int, tell func(full string, kilobytes int64, depth int)) int64 {
	i, err := c.FS.Lstat(full)
	if err != nil {
		return 0
	}
	total := c.blocks(entry{path.Base(full), full, i})
	if i.IsDir() {
		list, err := c.FS.ReadDir(full)
		if err != nil {
			c.fail(c.word("can't open '%s': %s", "cannot read directory '%s': %s"), full, Reason(err))
		}
		for _, e := range list {
			total += c.sizeBelow(strings.TrimSuffix(full, "/")+"/"+e.Name(), depth+1, tell)
		}
	}
	if tell != nil && i.Mode()&fs.ModeSymlink == 0 {
		if i.IsDir() || depth == 0 {
			tell(full, total, depth)
		}
	}
	return total
}

func (c *Call) usageOf(full string) int64 { return c.sizeBelow(full, 1, nil) << 10 }

func du(ctx context.Context, c *Call) int {
	opts, names, err := options(c.Args, "shakcd:mx", map[string]string{"summarize": "s", "human-readable": "h", "max-depth": "d:", "all": "a"})
	if err != nil {
		return c.usage(err)
	}
	f, deepest := flagsOf(opts), -1
	for _, o := range opts {
		if o.name == "d" {
			if deepest, err = strconv.Atoi(o.value); err != nil {
				return c.fail("invalid maximum depth '%s'", o.value)
			}
		}
	}
	if f["s"] {
		deepest = 0
	}
	if len(names) == 0 {
		names = []string{"."}
	}
	code := 0
	for _, n := range names {
		if _, err := c.FS.Lstat(c.Path(n)); err != nil {
			code = c.fail(c.word("%s: %s", "cannot access '%s': %s"), n, Reason(err))
			continue
		}
		start := path.Clean(c.Path(n))
		c.sizeBelow(start, 0, func(full string, kilobytes int64, depth int) {
			if ctx.Err() != nil || deepest >= 0 && depth > deepest {
				return
			}
			size := strconv.FormatInt(kilobytes, 10)
			if f["h"] {
				size = human(kilobytes << 10)
			}
			fmt.Fprintf(c.Out, "%s\t%s\n", size, n+strings.TrimPrefix(full, start))
		})
	}
	return code
}
