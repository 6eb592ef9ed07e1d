package tools

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/kubemint/kubemint/kubelet/shell/rootfs"
)

// tarTool packs, unpacks and lists; kubectl cp runs it at both ends.
func tarTool(ctx context.Context, c *Call) int {
	args := append([]string(nil), c.Args...)
	if len(args) > 1 && !strings.HasPrefix(args[1], "-") {
		args[1] = "-" + args[1]
	}
	opts, names, err := options(args, "cxtvzf:C:mpoPhk", map[string]string{"create": "c", "extract": "x", "list": "t", "file": "f:", "directory": "C:", "gzip": "z", "no-same-permissions": "o", "no-same-owner": "o", "touch": "m"})
	if err != nil {
		return c.usage(err)
	}
	f, file, dir := flagsOf(opts), "-", c.Dir
	for _, o := range opts {
		switch o.name {
		case "f":
			file = o.value
		case "C":
			dir = c.Path(o.value)
		}
	}
	at := *c
	at.Dir = dir
	switch {
	case f["c"]:
		err = c.pack(ctx, &at, f, file, names)
	case f["x"], f["t"]:
		err = c.unpack(ctx, &at, f, file, names)
	default:
		err = errors.New("You must specify one of the '-Acdtrux' options") //nolint:staticcheck // the text of the real program
	}
	if err != nil {
		c.fail("%s", Reason(err))
		return 2
	}
	return 0
}

// noArchive is about an archive, in the words of the real program.
func noArchive(archive string, err error) error {
	return fmt.Errorf("%s: Cannot open: %s\ntar: Error is not recoverable: exiting now", archive, Reason(err))
}

func (c *Call) pack(ctx context.Context, at *Call, f flags, file string, names []string) error {
	var w io.Writer = c.Out
	if file != "-" {
		out, err := c.Open(c.Path(file), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
		if err != nil {
			return noArchive(file, err)
		}
		defer func() { _ = out.Close() }()
		w = out
	}
	closers := []io.Closer{}
	if f["z"] {
		z := gzip.NewWriter(w)
		closers = append(closers, z)
		w = z
	}
	t := tar.NewWriter(w)
	closers = append([]io.Closer{t}, closers...)
	var failed error
	for _, n := range names {
		if err := packTree(ctx, at, t, f, n); err != nil {
			failed = fmt.Errorf("%s: Cannot stat: %s", n, Reason(err))
		}
	}
	for _, c := range closers {
		failed = errors.Join(failed, c.Close())
	}
	return failed
}

func packTree(ctx context.Context, at *Call, t *tar.Writer, f flags, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	full := at.Path(name)
	look := at.FS.Lstat
	if f["h"] {
		look = at.FS.Stat
	}
	i, err := look(full)
	if err != nil {
		return err
	}
	link := ""
	if i.Mode()&fs.ModeSymlink != 0 {
		if link, err = at.FS.Readlink(full); err != nil {
			return err
		}
	}
	h := &tar.Header{Name: strings.TrimPrefix(name, "/"), Mode: int64(rootfs.Bits(i.Mode())), ModTime: i.ModTime(), Linkname: link}
	uid, gid := at.owner(i)
	h.Uid, h.Gid = int(uid), int(gid)
	switch {
	case link != "":
		h.Typeflag = tar.TypeSymlink
	case i.IsDir():
		h.Typeflag = tar.TypeDir
		h.Name += "/"
	default:
		h.Typeflag, h.Size = tar.TypeReg, i.Size()
	}
	if err := t.WriteHeader(h); err != nil {
		return err
	}
	switch h.Typeflag {
	case tar.TypeReg:
		r, err := at.FS.Open(full)
		if err != nil {
			return err
		}
		_, err = io.CopyN(t, r, h.Size)
		return errors.Join(err, r.Close())
	case tar.TypeDir:
		list, err := at.FS.ReadDir(full)
		if err != nil {
			return err
		}
		for _, e := range list {
			if err := packTree(ctx, at, t, f, strings.TrimSuffix(name, "/")+"/"+e.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *Call) unpack(ctx context.Context, at *Call, f flags, file string, names []string) error {
	var r io.Reader = c.In
	if file != "-" {
		in, err := c.open(file)
		if err != nil {
			return noArchive(file, err)
		}
		defer func() { _ = in.Close() }()
		r = in
	}
	if f["z"] {
		z, err := gzip.NewReader(r)
		if err != nil {
			return err
		}
		r = z
	}
	t := tar.NewReader(r)
	for ctx.Err() == nil {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			// The rest of the last block: who writes into the pipe must not find it closed.
			_, err = io.Copy(io.Discard, r)
			return err
		}
		if err != nil {
			return err
		}
		if len(names) > 0 && !wanted(names, h.Name) {
			continue
		}
		if f["t"] || f["v"] {
			fmt.Fprintln(c.Out, h.Name)
		}
		if f["t"] {
			continue
		}
		if err := unpackOne(at, t, h); err != nil {
			return fmt.Errorf("%s: Cannot open: %s", h.Name, Reason(err))
		}
	}
	return ctx.Err()
}

func wanted(names []string, name string) bool {
	for _, n := range names {
		n = strings.Trim(n, "/")
		if name == n || strings.HasPrefix(name, n+"/") {
			return true
		}
	}
	return false
}

func unpackOne(at *Call, t *tar.Reader, h *tar.Header) error {
	full := at.Path(strings.TrimPrefix(path.Clean("/"+h.Name), "/"))
	if full == "" {
		return nil
	}
	switch h.Typeflag {
	case tar.TypeDir:
		return at.FS.MkdirAll(full, fs.FileMode(h.Mode)&0o777|0o700)
	case tar.TypeSymlink:
		if err := at.FS.Remove(full); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return at.FS.Symlink(h.Linkname, full)
	case tar.TypeReg:
		if err := at.FS.MkdirAll(path.Dir(full), 0o755); err != nil {
			return err
		}
		w, err := at.FS.Create(full, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fs.FileMode(h.Mode)&0o777)
		if err != nil {
			return err
		}
		_, err = io.Copy(w, t)
		return errors.Join(err, w.Close())
	}
	return nil
}
