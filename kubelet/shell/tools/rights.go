package tools

import (
	"context"
	"io/fs"
	"strconv"
	"strings"

	"github.com/kubemint/kubemint/kubelet/shell/rootfs"
)

// each path, and with deep all that lies below it.
func (c *Call) everywhere(ctx context.Context, names []string, deep bool, f func(name, full string) error) error {
	for _, n := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		full := c.Path(n)
		if err := f(n, full); err != nil {
			return err
		}
		if i, err := c.FS.Lstat(full); err != nil || !deep || !i.IsDir() {
			continue
		}
		list, err := c.FS.ReadDir(full)
		if err != nil {
			c.fail("%s: %s", n, Reason(err))
			continue
		}
		var below []string
		for _, e := range list {
			below = append(below, strings.TrimSuffix(n, "/")+"/"+e.Name())
		}
		if err := c.everywhere(ctx, below, deep, f); err != nil {
			return err
		}
	}
	return nil
}

func chmod(ctx context.Context, c *Call) int {
	args, deep := c.Args[1:], false
	for len(args) > 0 && (args[0] == "-R" || args[0] == "-v" || args[0] == "-f" || args[0] == "-c") {
		deep = deep || args[0] == "-R"
		args = args[1:]
	}
	if len(args) < 2 {
		return c.fail("missing operand")
	}
	if _, err := permOf(args[0], 0); err != nil {
		return c.fail("invalid mode: '%s'", args[0])
	}
	code := 0
	err := c.everywhere(ctx, args[1:], deep, func(name, full string) error {
		i, err := c.FS.Lstat(full)
		if err == nil && i.Mode()&fs.ModeSymlink != 0 {
			if deep {
				return nil
			}
			i, err = c.FS.Stat(full)
		}
		if err == nil {
			var perm fs.FileMode
			if perm, err = permOf(args[0], i.Mode()); err == nil {
				err = c.FS.Chmod(full, perm)
			}
		} else if !c.busybox() {
			code = c.fail("cannot access '%s': %s", name, Reason(err))
			return nil
		}
		if err != nil {
			code = c.fail(c.word("%s: %s", "changing permissions of '%s': %s"), name, Reason(err))
		}
		return nil
	})
	if err != nil {
		return 1
	}
	return code
}

// permOf reads 0644, 1777, +x, u+rw, go-w or g+s. X is x for directories and for what anybody may run.
func permOf(text string, old fs.FileMode) (fs.FileMode, error) {
	if n, err := strconv.ParseUint(text, 8, 12); err == nil {
		return specialBits(uint32(n)), nil
	}
	dir := old.IsDir()
	bits := rootfs.Bits(old)
	for part := range strings.SplitSeq(text, ",") {
		at := strings.IndexAny(part, "+-=")
		if at < 0 {
			return 0, strconv.ErrSyntax
		}
		who, plain := uint32(0), at == 0
		for _, w := range part[:at] {
			switch w {
			case 'u':
				who |= 0o4700
			case 'g':
				who |= 0o2070
			case 'o':
				who |= 0o1007
			case 'a':
				who |= 0o7777
			default:
				return 0, strconv.ErrSyntax
			}
		}
		if plain {
			who = 0o7777
		}
		set := uint32(0)
		for _, p := range part[at+1:] {
			switch p {
			case 'r':
				set |= 0o444
			case 'w':
				if plain {
					set |= 0o200 // the umask keeps it from others
				} else {
					set |= 0o222
				}
			case 'x':
				set |= 0o111
			case 'X':
				if dir || bits&0o111 != 0 {
					set |= 0o111
				}
			case 's':
				set |= 0o6000
			case 't':
				set |= 0o1000
				who |= 0o1000
			default:
				return 0, strconv.ErrSyntax
			}
		}
		switch part[at] {
		case '+':
			bits |= set & who
		case '-':
			bits &^= set & who
		default:
			bits = bits&^(who&0o777) | set&who
		}
	}
	return specialBits(bits), nil
}

// specialBits are the twelve bits of chmod as Go has them.
func specialBits(bits uint32) fs.FileMode {
	m := fs.FileMode(bits & 0o777)
	for bit, mode := range map[uint32]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
		if bits&bit != 0 {
			m |= mode
		}
	}
	return m
}

// chown is chown OWNER[:GROUP] and chgrp GROUP.
func chown(ctx context.Context, c *Call) int {
	opts, rest, err := options(c.Args, "Rvhcf", map[string]string{"recursive": "R", "no-dereference": "h"})
	if err != nil {
		return c.usage(err)
	}
	f := flagsOf(opts)
	if len(rest) < 2 {
		return c.fail("missing operand")
	}
	user, group, split := strings.Cut(strings.Replace(rest[0], ".", ":", 1), ":")
	if c.name() == "chgrp" {
		user, group = "", rest[0]
	}
	uid, gid := int64(-1), int64(-1)
	if user != "" {
		who, known := c.lookUp(user)
		uid = who.UID
		switch {
		case known && split && group == "":
			gid = who.GID
		case !known:
			if uid, err = strconv.ParseInt(user, 10, 32); err != nil || uid < 0 {
				return c.fail(c.word("unknown user %s", "invalid user: '%s'"), user)
			}
		}
	}
	if group != "" {
		var ok bool
		if gid, ok = c.groupNumber(group); !ok {
			return c.fail(c.word("unknown group %s", "invalid group: '%s'"), group)
		}
	}
	code := 0
	err = c.everywhere(ctx, rest[1:], f["R"], func(name, full string) error {
		if err := c.FS.Chown(full, uid, gid, !f["h"] && !f["R"]); err != nil {
			what := "changing ownership of"
			if c.name() == "chgrp" {
				what = "changing group of"
			}
			code = c.fail(c.word("%[2]s: %[3]s", "%s '%s': %s"), what, name, Reason(err))
		}
		return nil
	})
	if err != nil {
		return 1
	}
	return code
}

func (c *Call) groupNumber(group string) (int64, bool) {
	for _, f := range c.entries("/etc/group") {
		if f[0] == group {
			group = f[2]
			break
		}
	}
	n, err := strconv.ParseInt(group, 10, 32)
	return n, err == nil && n >= 0
}
