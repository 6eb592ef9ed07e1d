package tools

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
)

// paste puts the lines of files side by side, or with -s those of each file in one.
func paste(ctx context.Context, c *Call) int {
	opts, names, err := options(c.Args, "d:s", map[string]string{"delimiters": "d:", "serial": "s"})
	if err != nil {
		return c.usage(err)
	}
	between := []rune("\t")
	for _, o := range opts {
		if o.name == "d" {
			between = []rune(strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\\`, `\`).Replace(o.value))
		}
	}
	sep := func(n int) string {
		if len(between) == 0 {
			return ""
		}
		return string(between[n%len(between)])
	}
	if len(names) == 0 {
		names = []string{"-"}
	}
	out := bufio.NewWriter(c.Out)
	if flagsOf(opts)["s"] {
		code := c.inputs(names, func(_ string, r io.Reader) error {
			n := 0
			err := lines(r, func(s string) error {
				if n > 0 {
					s = sep(n-1) + s
				}
				n++
				return write(out, s)
			})
			return errors.Join(err, write(out, "\n"))
		})
		if out.Flush() != nil {
			return 1
		}
		return code
	}
	var sides []*bufio.Reader
	in := bufio.NewReader(c.In) // shared by each -
	for _, n := range names {
		if n == "-" {
			sides = append(sides, in)
			continue
		}
		r, err := c.open(n)
		if err != nil {
			return c.fail("%s: %s", n, Reason(err))
		}
		defer func() { _ = r.Close() }()
		sides = append(sides, bufio.NewReader(r))
	}
	for ctx.Err() == nil {
		var line strings.Builder
		any := false
		for i, r := range sides {
			s, err := r.ReadString('\n')
			any = any || err == nil || s != ""
			if i > 0 {
				line.WriteString(sep(i - 1))
			}
			line.WriteString(strings.TrimSuffix(s, "\n"))
			if line.Len() > maxRead {
				return c.fail("%v", errTooLong)
			}
		}
		if !any {
			break
		}
		if write(out, line.String()+"\n") != nil {
			return 1
		}
	}
	if out.Flush() != nil {
		return 1
	}
	return 0
}
