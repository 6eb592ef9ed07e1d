package shell

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"mvdan.cc/sh/v3/interp"

	"github.com/kubemint/kubemint/kubelet/shell/tools"
)

// shellError words a failure of the shell's own as the C library does.
type shellError struct{ err error }

func (e shellError) Error() string { return tools.Reason(e.err) }
func (e shellError) Unwrap() error { return e.err }

// asShell is a failure to open a file, which the interpreter prints as it is and goes on.
func (p *process) asShell(ctx context.Context, write bool, name string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return &os.PathError{Op: strings.TrimSpace(p.says(ctx) + p.notOpened(ctx, write)), Path: name, Err: shellError{err}}
}

func (p *process) onOpen(ctx context.Context, name string, flag int, perm os.FileMode) (io.ReadWriteCloser, error) {
	hc := interp.HandlerCtx(ctx)
	full := join(hc.Dir, strings.TrimPrefix(name, noDir))
	var in io.Reader = empty{}
	if f, ok := hc.Stdin.(*os.File); ok && f != nil {
		in = f
	}
	write := flag&(os.O_WRONLY|os.O_RDWR|os.O_CREATE) != 0
	if !write {
		if i, err := p.fs.Stat(full); err == nil && i.IsDir() {
			return nil, p.asShell(ctx, false, name, syscall.EISDIR)
		}
	}
	if in, ok := in.(*os.File); ok && !write && isInput(full) {
		return again(in)
	}
	if b, err := p.fs.ReadFile(full, maxScript); err == nil && strings.HasPrefix(name, noDir) { // a script that is sourced
		return device{strings.NewReader(owned(string(b))), io.Discard}, nil
	}
	f, err := p.open(full, flag, perm, in, hc.Stdout, hc.Stderr)
	if err != nil {
		return nil, p.asShell(ctx, write, strings.TrimPrefix(name, noDir), err)
	}
	if d, ok := f.(device); ok && !write {
		return piped(d)
	}
	return f, nil
}

// piped gives a device as a pipe, which is what the interpreter makes of it in any case, but one that
// ends when the reader closes it.
func piped(d device) (io.ReadWriteCloser, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	go func() {
		_, _ = io.Copy(w, d.Reader) // it ends when nobody reads any more
		_ = w.Close()
	}()
	return r, nil
}

func (p *process) onStat(ctx context.Context, name string, follow bool) (fs.FileInfo, error) {
	full := join(interp.HandlerCtx(ctx).Dir, name)
	if deviceOf(full, nil, nil, nil) != nil {
		i, err := p.fs.Stat("/")
		return deviceInfo{i}, err
	}
	if follow {
		return p.fs.Stat(full)
	}
	return p.fs.Lstat(full)
}

func (p *process) onReadDir(ctx context.Context, name string) ([]fs.DirEntry, error) {
	list, err := p.fs.ReadDir(join(interp.HandlerCtx(ctx).Dir, name))
	if err != nil {
		return nil, err
	}
	out := make([]fs.DirEntry, len(list))
	for i := range list {
		out[i] = fs.FileInfoToDirEntry(list[i])
	}
	return out, nil
}

func (p *process) onAccess(ctx context.Context, name string, mode interp.AccessMode) error {
	full := join(interp.HandlerCtx(ctx).Dir, name)
	if deviceOf(full, nil, nil, nil) != nil {
		return nil
	}
	return p.fs.Access(full, mode&interp.AccessRead != 0, mode&interp.AccessWrite != 0, mode&interp.AccessExec != 0)
}
