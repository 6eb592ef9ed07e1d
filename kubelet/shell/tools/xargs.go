package tools

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

func xargs(ctx context.Context, c *Call) int {
	args, each, replace := c.Args[1:], 0, ""
	null := false
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		switch {
		case strings.HasPrefix(args[0], "-n") && len(args[0]) > 2, strings.HasPrefix(args[0], "-I") && len(args[0]) > 2:
			args = append([]string{args[0][:2], args[0][2:]}, args[1:]...)
			continue
		case args[0] == "-n" && len(args) > 1:
			n, err := strconv.Atoi(args[1])
			if err != nil || n < 1 {
				return c.fail("invalid number \"%s\" for -n option", args[1])
			}
			each, args = n, args[1:]
		case args[0] == "-I" && len(args) > 1:
			replace, args = args[1], args[1:]
		case args[0] == "-0":
			null = true
		case args[0] == "-r", args[0] == "-t":
		default:
			return c.fail("invalid option -- '%s'", strings.TrimPrefix(args[0], "-"))
		}
		args = args[1:]
	}
	if len(args) == 0 {
		args = []string{"echo"}
	}
	b, err := all(c.In)
	if err != nil {
		return c.fail("%s", Reason(err))
	}
	var words []string
	switch {
	case null:
		words = strings.FieldsFunc(string(b), func(r rune) bool { return r == 0 })
	case replace != "":
		words, each = strings.FieldsFunc(string(b), func(r rune) bool { return r == '\n' }), 1
	default:
		words = strings.Fields(string(b))
	}
	if each == 0 {
		each = max(len(words), 1)
	}
	code := 0
	for part := range slices.Chunk(words, each) {
		if ctx.Err() != nil {
			return 1
		}
		sub := *c
		sub.In = strings.NewReader("")
		sub.Args = slices.Clone(args)
		if replace != "" {
			for i := range sub.Args {
				sub.Args[i] = strings.ReplaceAll(sub.Args[i], replace, part[0])
			}
		} else {
			sub.Args = append(sub.Args, part...)
		}
		if c.Run(ctx, &sub) != 0 {
			code = 123
		}
	}
	return code
}
