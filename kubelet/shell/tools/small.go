package tools

import (
	"context"
	"fmt"
	"io"
	"strings"
)

// silent is a command that has nothing to do here and does it well.
func silent(context.Context, *Call) int { return 0 }

func falseTool(context.Context, *Call) int { return 1 }

func echo(_ context.Context, c *Call) int {
	args, end := c.Args[1:], "\n"
	if len(args) > 0 && args[0] == "-n" {
		args, end = args[1:], ""
	}
	if _, err := io.WriteString(c.Out, strings.Join(args, " ")+end); err != nil {
		return 1
	}
	return 0
}

func pwd(_ context.Context, c *Call) int {
	dir := c.Dir
	if len(c.Args) > 1 && c.Args[1] == "-P" {
		real, err := c.FS.Real(dir)
		if err != nil {
			return c.fail("%s", Reason(err))
		}
		dir = real
	}
	fmt.Fprintln(c.Out, dir)
	return 0
}
