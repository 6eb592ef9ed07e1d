package tools

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ranges reads a list such as 1,3-5,7-.
func ranges(list string) (func(int) bool, error) {
	type span struct{ from, to int }
	var spans []span
	for part := range strings.SplitSeq(list, ",") {
		from, to, is := strings.Cut(part, "-")
		s := span{1, int(^uint(0) >> 1)}
		var err error
		if from != "" {
			if s.from, err = strconv.Atoi(from); err != nil || s.from < 1 {
				return nil, fmt.Errorf("invalid field value '%s'", part)
			}
		}
		switch {
		case !is:
			s.to = s.from
		case to != "":
			if s.to, err = strconv.Atoi(to); err != nil {
				return nil, fmt.Errorf("invalid field value '%s'", part)
			}
		}
		spans = append(spans, s)
	}
	return func(n int) bool {
		for _, s := range spans {
			if s.from <= n && n <= s.to {
				return true
			}
		}
		return false
	}, nil
}

func cut(_ context.Context, c *Call) int {
	opts, names, err := options(c.Args, "d:f:c:b:s", map[string]string{"delimiter": "d:", "fields": "f:", "characters": "c:", "bytes": "b:", "only-delimited": "s", "output-delimiter": "o:"})
	if err != nil {
		return c.usage(err)
	}
	delim, out, fields, chars, only := "\t", "", "", "", false
	for _, o := range opts {
		switch o.name {
		case "d":
			delim = o.value
		case "o":
			out = o.value
		case "f":
			fields = o.value
		case "c", "b":
			chars = o.value
		case "s":
			only = true
		}
	}
	if out == "" {
		out = delim
	}
	if (fields == "") == (chars == "") {
		return c.fail("you must specify a list of bytes, characters, or fields")
	}
	has, err := ranges(cmp.Or(fields, chars))
	if err != nil {
		return c.usage(err)
	}
	return c.inputs(names, func(_ string, r io.Reader) error {
		return lines(r, func(s string) error {
			if chars != "" {
				var b strings.Builder
				n := 0
				for _, r := range s {
					if n++; has(n) {
						b.WriteRune(r)
					}
				}
				_, err := fmt.Fprintln(c.Out, b.String())
				return err
			}
			if delim == "" || !strings.Contains(s, delim) {
				if only {
					return nil
				}
				_, err := fmt.Fprintln(c.Out, s)
				return err
			}
			var kept []string
			for i, part := range strings.Split(s, delim) {
				if has(i + 1) {
					kept = append(kept, part)
				}
			}
			_, err := fmt.Fprintln(c.Out, strings.Join(kept, out))
			return err
		})
	})
}

// charset expands a set of tr: ranges, classes and escapes.
func charset(s string) []rune {
	for class, list := range map[string]string{"[:upper:]": "A-Z", "[:lower:]": "a-z", "[:digit:]": "0-9", "[:alpha:]": "A-Za-z", "[:alnum:]": "A-Za-z0-9", "[:space:]": " \t\n\r\v\f", "[:blank:]": " \t"} {
		s = strings.ReplaceAll(s, class, list)
	}
	var in, out []rune
	for i, esc := 0, false; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		if !esc && r == '\\' && i < len(s) {
			esc = true
			continue
		}
		if esc {
			switch r {
			case 'n':
				r = '\n'
			case 't':
				r = '\t'
			case 'r':
				r = '\r'
			case '0':
				r = 0
			}
			esc = false
		}
		in = append(in, r)
	}
	for i := 0; i < len(in); i++ {
		if i+2 < len(in) && in[i+1] == '-' && in[i] <= in[i+2] && in[i+2]-in[i] < 1<<16 {
			for r := in[i]; r <= in[i+2]; r++ {
				out = append(out, r)
			}
			i += 2
			continue
		}
		out = append(out, in[i])
	}
	return out
}

func tr(_ context.Context, c *Call) int {
	opts, sets, err := options(c.Args, "dscC", map[string]string{"delete": "d", "squeeze-repeats": "s", "complement": "c"})
	if err != nil {
		return c.usage(err)
	}
	f := flagsOf(opts)
	want := 2
	if f["d"] || f["s"] {
		want = 1
	}
	if len(sets) < want {
		return c.fail("missing operand")
	}
	from := charset(sets[0])
	var to []rune
	if len(sets) > 1 {
		to = charset(sets[1])
	}
	at := func(r rune) int {
		i := slices.Index(from, r)
		if f["c"] || f["C"] {
			if i >= 0 {
				return -1
			}
			return len(from) // stands for any other
		}
		return i
	}
	in, out := bufio.NewReader(c.In), bufio.NewWriter(c.Out)
	last := rune(-1)
	for {
		r, _, err := in.ReadRune()
		if err != nil {
			break
		}
		i := at(r)
		if i >= 0 && f["d"] {
			continue
		}
		if i >= 0 && len(to) > 0 {
			r = to[min(i, len(to)-1)]
		}
		if f["s"] && r == last && i >= 0 {
			continue
		}
		last = r
		if _, err := out.WriteRune(r); err != nil {
			return 1
		}
	}
	if out.Flush() != nil {
		return 1
	}
	return 0
}

func rev(_ context.Context, c *Call) int {
	return c.inputs(c.Args[1:], func(_ string, r io.Reader) error {
		return lines(r, func(s string) error {
			rs := []rune(s)
			slices.Reverse(rs)
			_, err := fmt.Fprintln(c.Out, string(rs))
			return err
		})
	})
}
