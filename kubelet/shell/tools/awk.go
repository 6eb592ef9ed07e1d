package tools

import (
	"context"
	"io"
	"os"
	"strings"

	"github.com/kubemint/kubemint/kubelet/shell/awk"
)

// awkTool is awk; the interpreter is package awk's.
func awkTool(ctx context.Context, c *Call) int {
	config := awk.Config{In: c.In, Out: c.Out, Err: c.Err, Environ: c.Environ, Now: func() int64 { return c.Host.Now(ctx).Unix() }}
	args, given := c.Args[1:], false
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		word := args[0]
		args = args[1:]
		if word == "--" {
			break
		}
		value := word[2:]
		if value == "" {
			if len(args) == 0 {
				c.fail("option requires an argument -- '%s'", word[1:])
				return 2
			}
			value, args = args[0], args[1:]
		}
		switch word[1] {
		case 'F':
			if value == "t" {
				value = `\t`
			}
			config.Vars = append(config.Vars, [2]string{"FS", value})
		case 'v':
			name, v, ok := strings.Cut(value, "=")
			if !ok {
				c.fail("'%s' is not NAME=VALUE", value)
				return 2
			}
			config.Vars = append(config.Vars, [2]string{name, v})
		case 'f':
			b, err := c.FS.ReadFile(c.Path(value), maxRead)
			if err != nil {
				c.fail("can't open '%s': %s", value, Reason(err))
				return 2
			}
			config.Program, given = config.Program+string(b)+"\n", true
		default:
			c.fail("invalid option -- '%c'", word[1])
			return 2
		}
	}
	if !given {
		if len(args) == 0 {
			c.fail("usage: awk [-F FS] [-v NAME=VALUE] 'PROGRAM' [FILE...]")
			return 2
		}
		config.Program, args = args[0], args[1:]
	}
	config.Args = args
	config.Open = func(name string) (io.ReadCloser, error) {
		r, err := c.open(name)
		if err != nil {
			return nil, cannotOpen{name, err}
		}
		return r, nil
	}
	config.Create = func(name string, more bool) (io.WriteCloser, error) {
		flag := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
		if more {
			flag = os.O_WRONLY | os.O_CREATE | os.O_APPEND
		}
		w, err := c.Open(c.Path(name), flag, 0o644)
		if err != nil {
			return nil, cannotOpen{name, err}
		}
		return w, nil
	}
	code, err := awk.Run(ctx, config)
	if ctx.Err() != nil {
		return 137
	}
	if err != nil {
		c.fail("%v", err)
	}
	return code
}

// cannotOpen words the failure to open a file.
type cannotOpen struct {
	name string
	err  error
}

func (e cannotOpen) Error() string { return "can't open file " + e.name + ": " + Reason(e.err) }
func (e cannotOpen) Unwrap() error { return e.err }
