package tools

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

func find(ctx context.Context, c *Call) int {
	args := c.Args[1:]
	var starts []string
	for len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		starts, args = append(starts, args[0]), args[1:]
	}
	if len(starts) == 0 {
		starts = []string{"."}
	}
	var tests []func(name, full string, i fs.FileInfo) bool
	deepest, code, acts := -1, 0, false
	for len(args) > 0 {
		word := args[0]
		args = args[1:]
		value := ""
		switch word {
		case "-name", "-iname", "-type", "-maxdepth", "-path":
			if len(args) == 0 {
				return c.fail("missing argument to `%s'", word)
			}
			value, args = args[0], args[1:]
		}
		switch word {
		case "-name", "-iname":
			tests = append(tests, func(name, _ string, _ fs.FileInfo) bool {
				b := path.Base(name)
				if word == "-iname" {
					b, value = strings.ToLower(b), strings.ToLower(value)
				}
				ok, err := path.Match(value, b)
				return ok && err == nil
			})
		case "-path":
			tests = append(tests, func(name, _ string, _ fs.FileInfo) bool {
				ok, err := path.Match(strings.ReplaceAll(value, "/", "\x00"), strings.ReplaceAll(name, "/", "\x00"))
				return ok && err == nil
			})
		case "-type":
			tests = append(tests, func(_, _ string, i fs.FileInfo) bool {
				return value == "d" && i.IsDir() || value == "f" && i.Mode().IsRegular() || value == "l" && i.Mode()&fs.ModeSymlink != 0
			})
		case "-maxdepth":
			n, err := strconv.Atoi(value)
			if err != nil {
				return c.fail("Expected a positive decimal integer argument to -maxdepth, but got '%s'", value)
			}
			deepest = n
		case "-print":
			acts = true
			tests = append(tests, func(name, _ string, _ fs.FileInfo) bool { fmt.Fprintln(c.Out, name); return true })
		case "-delete":
			acts = true
			tests = append(tests, func(name, full string, _ fs.FileInfo) bool {
				if err := c.FS.Remove(full); err != nil {
					code = c.fail("cannot delete '%s': %s", name, Reason(err))
					return false
				}
				return true
			})
		case "-exec":
			end := slices.IndexFunc(args, func(a string) bool { return a == ";" || a == "+" })
			if end <= 0 {
				return c.fail("missing argument to `-exec'")
			}
			command := slices.Clone(args[:end])
			args = args[end+1:]
			acts = true
			tests = append(tests, func(name, _ string, _ fs.FileInfo) bool {
				sub := *c
				sub.Args = slices.Clone(command)
				for i := range sub.Args {
					sub.Args[i] = strings.ReplaceAll(sub.Args[i], "{}", name)
				}
				return c.Run(ctx, &sub) == 0
			})
		default:
			return c.fail("unknown predicate `%s'", word)
		}
	}
	var visit func(name string, depth int)
	visit = func(name string, depth int) {
		full := c.Path(name)
		i, err := c.FS.Lstat(full)
		if err != nil {
			code = c.fail("'%s': %s", name, Reason(err))
			return
		}
		var below []fs.FileInfo
		if i.IsDir() && (deepest < 0 || depth < deepest) {
			if below, err = c.FS.ReadDir(full); err != nil {
				code = c.fail("'%s': %s", name, Reason(err))
			}
		}
		ok := true
		for _, t := range tests {
			if ok = t(name, full, i); !ok {
				break
			}
		}
		if ok && !acts {
			fmt.Fprintln(c.Out, name)
		}
		for _, b := range below {
			if ctx.Err() != nil {
				return
			}
			visit(strings.TrimSuffix(name, "/")+"/"+b.Name(), depth+1)
		}
	}
	for _, s := range starts {
		visit(s, 0)
	}
	return code
}
