package tools

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

func env(ctx context.Context, c *Call) int {
	args := c.Args[1:]
	environ := slices.Clone(c.Environ)
	for len(args) > 0 {
		if args[0] == "-i" || args[0] == "-" {
			environ, args = nil, args[1:]
			continue
		}
		if args[0] == "-u" && len(args) > 1 {
			gone := args[1] + "="
			environ, args = slices.DeleteFunc(environ, func(v string) bool { return strings.HasPrefix(v, gone) }), args[2:]
			continue
		}
		if strings.HasPrefix(args[0], "-") {
			c.fail("unrecognized option '%s'", args[0])
			return 125
		}
		name, _, ok := strings.Cut(args[0], "=")
		if !ok {
			break
		}
		environ = append(slices.DeleteFunc(environ, func(v string) bool { return strings.HasPrefix(v, name+"=") }), args[0])
		args = args[1:]
	}
	if len(args) > 0 {
		sub := *c
		sub.Args, sub.Environ = args, environ
		return c.Run(ctx, &sub)
	}
	for _, v := range environ {
		fmt.Fprintln(c.Out, v)
	}
	return 0
}

func printenv(_ context.Context, c *Call) int {
	if len(c.Args) == 1 {
		for _, v := range c.Environ {
			fmt.Fprintln(c.Out, v)
		}
		return 0
	}
	code := 0
	for _, n := range c.Args[1:] {
		at := slices.IndexFunc(c.Environ, func(v string) bool { return strings.HasPrefix(v, n+"=") })
		if at < 0 {
			code = 1
			continue
		}
		fmt.Fprintln(c.Out, c.Getenv(n))
	}
	return code
}
