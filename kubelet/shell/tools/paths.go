package tools

import (
	"context"
	"fmt"
	"path"
	"strings"
)

func readlink(_ context.Context, c *Call) int {
	opts, names, err := options(c.Args, "fen", map[string]string{"canonicalize": "f"})
	if err != nil {
		return c.usage(err)
	}
	f, code := flagsOf(opts), 0
	if c.name() == "realpath" {
		f["f"] = true
	}
	for _, n := range names {
		look := c.FS.Readlink
		if f["f"] || f["e"] {
			look = c.FS.Real
		}
		t, err := look(c.Path(n))
		if err != nil {
			code = 1
			continue
		}
		if !f["n"] {
			t += "\n"
		}
		fmt.Fprint(c.Out, t)
	}
	return code
}

func basename(_ context.Context, c *Call) int {
	if len(c.Args) < 2 {
		return c.fail("missing operand")
	}
	if c.name() == "dirname" {
		fmt.Fprintln(c.Out, path.Dir(c.Args[1]))
		return 0
	}
	b := path.Base(c.Args[1])
	if len(c.Args) > 2 && b != c.Args[2] {
		b = strings.TrimSuffix(b, c.Args[2])
	}
	fmt.Fprintln(c.Out, b)
	return 0
}
