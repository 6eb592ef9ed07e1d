package tools

import (
	"fmt"
	"strings"
)

// option is one option as it was given.
type option struct{ name, value string }

// options reads args as getopt does. short is its string ("n:c:q": n and c take a value); long maps
// long names to short ones, with a colon after those that take a value ("lines": "n:").
func options(args []string, short string, long map[string]string) (opts []option, rest []string, err error) {
	for i := 1; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "--":
			return opts, append(rest, args[i+1:]...), nil
		case strings.HasPrefix(a, "--"):
			name, value, given := strings.Cut(a[2:], "=")
			to, ok := long[name]
			if !ok {
				return nil, nil, fmt.Errorf("unrecognized option '%s'", a)
			}
			if strings.HasSuffix(to, ":") {
				to = strings.TrimSuffix(to, ":")
				if !given {
					if i++; i >= len(args) {
						return nil, nil, fmt.Errorf("option '%s' requires an argument", a)
					}
					value = args[i]
				}
			}
			opts = append(opts, option{to, value})
		case len(a) > 1 && a[0] == '-':
			for j := 1; j < len(a); j++ {
				at := strings.IndexByte(short, a[j])
				if at < 0 || a[j] == ':' {
					return nil, nil, fmt.Errorf("invalid option -- '%c'", a[j])
				}
				o := option{name: a[j : j+1]}
				if at+1 < len(short) && short[at+1] == ':' {
					o.value = a[j+1:]
					if o.value == "" {
						if i++; i >= len(args) {
							return nil, nil, fmt.Errorf("option requires an argument -- '%c'", a[j])
						}
						o.value = args[i]
					}
					j = len(a)
				}
				opts = append(opts, o)
			}
		default:
			rest = append(rest, a)
		}
	}
	return opts, rest, nil
}

// flags are options without values.
type flags map[string]bool

func flagsOf(opts []option) flags {
	f := flags{}
	for _, o := range opts {
		f[o.name] = true
	}
	return f
}
