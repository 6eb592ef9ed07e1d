package shell

import (
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// notNumbers are the arguments of printf that its format takes for numbers and that are none. The
// interpreter prints 0 for them, and says nothing.
func notNumbers(args []string) []string {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) < 2 {
		return nil
	}
	verbs := verbsOf(args[0])
	var bad []string
	for i, a := range args[1:] {
		if len(verbs) == 0 {
			return nil
		}
		switch verbs[i%len(verbs)] {
		case 'd', 'i', 'u', 'o', 'x', 'X':
			if _, err := strconv.ParseInt(strings.TrimSpace(a), 0, 64); err != nil && a != "" && a[0] != '\'' && a[0] != '"' {
				bad = append(bad, a)
			}
		}
	}
	return bad
}

// verbsOf are the conversions of a format that take an argument.
func verbsOf(format string) []byte {
	var verbs []byte
	for {
		at := strings.IndexByte(format, '%')
		if at < 0 {
			return verbs
		}
		format = strings.TrimLeft(format[at+1:], "-+ #0123456789.")
		if format == "" {
			return verbs
		}
		if format[0] != '%' {
			verbs = append(verbs, format[0])
		}
		format = format[1:]
	}
}

// complain prints, says what was no number, and fails.
func complain(args, bad []string) ([]string, error) {
	text := "builtin"
	for _, a := range args {
		q, err := syntax.Quote(a, syntax.LangBash)
		if err != nil {
			return nil, err
		}
		text += " " + q
	}
	for _, b := range bad {
		q, err := syntax.Quote("printf: "+b+": invalid number", syntax.LangBash)
		if err != nil {
			return nil, err
		}
		text += "; echo " + q + " >&2"
	}
	return []string{"eval", text + "; false"}, nil
}
