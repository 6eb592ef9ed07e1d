package tools

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"
)

func mkdir(_ context.Context, c *Call) int {
	opts, names, err := options(c.Args, "pm:v", map[string]string{"parents": "p", "mode": "m:"})
	if err != nil {
		return c.usage(err)
	}
	f, code, asked := flagsOf(opts), 0, ""
	for _, o := range opts {
		if o.name == "m" {
			if _, err := permOf(o.value, fs.ModeDir|0o755); err != nil {
				return c.fail("invalid mode '%s'", o.value)
			}
			asked = o.value
		}
	}
	if len(names) == 0 {
		return c.fail("missing operand")
	}
	for _, n := range names {
		make := c.FS.Mkdir
		if f["p"] {
			make = c.FS.MkdirAll
		}
		err := make(c.Path(n), 0o755)
		if err == nil && asked != "" {
			perm, _ := permOf(asked, fs.ModeDir|0o755) // it was read above
			err = c.FS.Chmod(c.Path(n), perm)
		}
		if err != nil {
			code = c.fail(c.word("can't create directory '%s': %s", "cannot create directory '%s': %s"), n, Reason(err))
		}
	}
	return code
}

func rmdir(_ context.Context, c *Call) int {
	code := 0
	for _, n := range c.Args[1:] {
		i, err := c.FS.Lstat(c.Path(n))
		if err == nil && !i.IsDir() {
			err = syscall.ENOTDIR
		}
		if err == nil {
			err = c.FS.Remove(c.Path(n))
		}
		if err != nil {
			code = c.fail(c.word("'%s': %s", "failed to remove '%s': %s"), n, Reason(err))
		}
	}
	return code
}

func rm(_ context.Context, c *Call) int {
	opts, names, err := options(c.Args, "rRfiv", map[string]string{"recursive": "r", "force": "f", "preserve-root": "p", "no-preserve-root": "P"})
	if err != nil {
		return c.usage(err)
	}
	f, code := flagsOf(opts), 0
	if len(names) == 0 && !f["f"] {
		return c.fail("missing operand")
	}
	for _, n := range names {
		if path.Clean(c.Path(n)) == "/" && (f["r"] || f["R"]) {
			code = max(code, c.rmRoot(f["P"]))
			continue
		}
		if base := path.Base(n); base == "." || base == ".." || path.Clean(c.Path(n)) == "/" {
			code = c.fail("refusing to remove '.' or '..' directory: skipping '%s'", n)
			continue
		}
		i, err := c.FS.Lstat(c.Path(n))
		switch {
		case errors.Is(err, fs.ErrNotExist) && f["f"]:
			continue
		case err != nil:
		case i.IsDir() && !f["r"] && !f["R"]:
			err = syscall.EISDIR
		case i.IsDir():
			err = c.FS.RemoveAll(c.Path(n))
		default:
			err = c.FS.Remove(c.Path(n))
		}
		if err != nil {
			code = c.fail(c.word("can't remove '%s': %s", "cannot remove '%s': %s"), n, Reason(err))
		}
	}
	return code
}

// rmRoot empties the root, if the image's rm lets that happen. The root itself stays: it is mounted.
func (c *Call) rmRoot(meant bool) int {
	if !meant && !c.busybox() {
		c.fail("it is dangerous to operate recursively on '/'")
		return c.fail("use --no-preserve-root to override this failsafe")
	}
	all, err := c.FS.ReadDir("/")
	for _, e := range all {
		if err := c.FS.RemoveAll("/" + e.Name()); err != nil {
			c.fail(c.word("can't remove '%s': %s", "cannot remove '%s': %s"), "/"+e.Name(), Reason(err))
		}
	}
	if err == nil {
		err = syscall.EBUSY
	}
	return c.fail(c.word("can't remove '%s': %s", "cannot remove '%s': %s"), "/", Reason(err))
}

func touch(ctx context.Context, c *Call) int {
	opts, names, err := options(c.Args, "acm", map[string]string{"no-create": "c"})
	if err != nil {
		return c.usage(err)
	}
	if len(names) == 0 {
		return c.fail("missing file operand")
	}
	code := 0
	for _, n := range names {
		full := c.Path(n)
		if _, err := c.FS.Stat(full); errors.Is(err, fs.ErrNotExist) {
			if flagsOf(opts)["c"] {
				continue
			}
			file, err := c.FS.Create(full, os.O_WRONLY|os.O_CREATE, 0o644)
			if err == nil {
				err = file.Close()
			}
			if err != nil {
				code = c.fail(c.word("%s: %s", "cannot touch '%s': %s"), n, Reason(err))
			}
			continue
		}
		if err := c.FS.Chtimes(full, c.Host.Now(ctx)); err != nil {
			code = c.fail(c.word("%s: %s", "setting times of '%s': %s"), n, Reason(err))
		}
	}
	return code
}

func cp(ctx context.Context, c *Call) int {
	opts, names, err := options(c.Args, "rRafpLPv", map[string]string{"recursive": "r", "archive": "a", "dereference": "L"})
	if err != nil {
		return c.usage(err)
	}
	f := flagsOf(opts)
	return c.each(names, func(from, to string) error {
		i, err := c.FS.Stat(from)
		if err != nil {
			return err
		}
		if i.IsDir() && !f["r"] && !f["R"] && !f["a"] {
			return errors.New("-r not specified; omitting directory")
		}
		if inside, err := c.within(from, to); err != nil || inside {
			return errors.Join(err, errors.New("cannot copy a directory into itself"))
		}
		return c.copyTree(ctx, from, to, f["a"] || f["P"])
	})
}

// within says whether to lies inside of the directory from, or is it.
func (c *Call) within(from, to string) (bool, error) {
	a, err := c.FS.Real(from)
	if err != nil {
		return false, err
	}
	b, err := c.FS.Real(path.Dir(path.Clean(to)))
	if err != nil {
		return false, err
	}
	b = path.Join(b, path.Base(to))
	return b == a || strings.HasPrefix(b, a+"/"), nil
}

func mv(ctx context.Context, c *Call) int {
	_, names, err := options(c.Args, "fnv", nil)
	if err != nil {
		return c.usage(err)
	}
	return c.each(names, func(from, to string) error {
		err := c.FS.Rename(from, to)
		if !errors.Is(err, syscall.EXDEV) {
			return err
		}
		if err := c.copyTree(ctx, from, to, true); err != nil {
			return err
		}
		return c.FS.RemoveAll(from)
	})
}

// each calls f for SOURCE DEST or SOURCE… DIRECTORY.
func (c *Call) each(names []string, f func(from, to string) error) int {
	if len(names) < 2 {
		return c.fail("missing file operand")
	}
	last := names[len(names)-1]
	i, err := c.FS.Stat(c.Path(last))
	dir := err == nil && i.IsDir()
	if len(names) > 2 && !dir {
		return c.fail("target '%s': No such file or directory", last)
	}
	code := 0
	for _, n := range names[:len(names)-1] {
		to := c.Path(last)
		if dir {
			to = strings.TrimSuffix(to, "/") + "/" + path.Base(n)
		}
		if _, err := c.FS.Lstat(c.Path(n)); err != nil {
			code = c.fail(c.word(map[string]string{"cp": "can't stat '%s': %s", "mv": "can't rename '%s': %s"}[c.name()], "cannot stat '%s': %s"), n, Reason(err))
			continue
		}
		if err := f(c.Path(n), to); err != nil {
			code = c.notDone(n, to, err)
		}
	}
	return code
}

// notDone words why a copy or a move failed: what it was about is the target, unless the source was at fault.
func (c *Call) notDone(from, to string, err error) int {
	var pe *fs.PathError
	source := errors.As(err, &pe) && pe.Path != to && !strings.HasPrefix(pe.Path, to+"/")
	switch {
	case c.busybox() && c.name() == "mv":
		return c.fail("can't rename '%s': %s", from, Reason(err))
	case c.busybox() && source:
		return c.fail("can't open '%s': %s", from, Reason(err))
	case c.busybox():
		return c.fail("can't create '%s': %s", to, Reason(err))
	case c.name() == "mv":
		return c.fail("cannot move '%s' to '%s': %s", from, to, Reason(err))
	case pe == nil:
		return c.fail("cannot copy '%s': %s", from, Reason(err))
	case source:
		return c.fail("cannot open '%s' for reading: %s", from, Reason(err))
	}
	return c.fail("cannot create regular file '%s': %s", to, Reason(err))
}

func (c *Call) copyTree(ctx context.Context, from, to string, links bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	look := c.FS.Stat
	if links {
		look = c.FS.Lstat
	}
	i, err := look(from)
	if err != nil {
		return err
	}
	switch {
	case i.Mode()&fs.ModeSymlink != 0:
		target, err := c.FS.Readlink(from)
		if err != nil {
			return err
		}
		return c.FS.Symlink(target, to)
	case i.IsDir():
		if err := c.FS.Mkdir(to, i.Mode()); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		list, err := c.FS.ReadDir(from)
		if err != nil {
			return err
		}
		for _, e := range list {
			if err := c.copyTree(ctx, from+"/"+e.Name(), to+"/"+e.Name(), links); err != nil {
				return err
			}
		}
		return nil
	}
	in, err := c.FS.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := c.FS.Create(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, i.Mode())
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

func ln(_ context.Context, c *Call) int {
	opts, names, err := options(c.Args, "sfnr", map[string]string{"symbolic": "s", "force": "f"})
	if err != nil {
		return c.usage(err)
	}
	f := flagsOf(opts)
	if len(names) == 0 {
		return c.fail("missing file operand")
	}
	if !f["s"] {
		return c.fail("hard links are not supported")
	}
	if len(names) == 1 {
		names = append(names, path.Base(names[0]))
	}
	if len(names) != 2 {
		return c.fail("missing file operand")
	}
	to := c.Path(names[1])
	if i, err := c.FS.Stat(to); err == nil && i.IsDir() && !f["n"] {
		to = strings.TrimSuffix(to, "/") + "/" + path.Base(names[0])
	}
	if f["f"] {
		if err := c.FS.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return c.fail("cannot remove '%s': %s", names[1], Reason(err))
		}
	}
	if err := c.FS.Symlink(names[0], to); err != nil {
		return c.fail(c.word("%s: %s", "failed to create symbolic link '%s': %s"), names[1], Reason(err))
	}
	return 0
}
