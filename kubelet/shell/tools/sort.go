package tools

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

func sortTool(_ context.Context, c *Call) int {
	opts, names, err := options(c.Args, "rnufk:t:bV", map[string]string{"reverse": "r", "numeric-sort": "n", "unique": "u", "key": "k:", "field-separator": "t:"})
	if err != nil {
		return c.usage(err)
	}
	f, key, sep := flagsOf(opts), 0, ""
	for _, o := range opts {
		switch o.name {
		case "k":
			digits := o.value[:len(o.value)-len(strings.TrimLeft(o.value, "0123456789"))]
			if key, err = strconv.Atoi(digits); err != nil {
				return c.fail("invalid number at field start: invalid count at start of '%s'", o.value)
			}
			if strings.Contains(o.value, "n") {
				f["n"] = true
			}
			if strings.Contains(o.value, "r") {
				f["r"] = true
			}
		case "t":
			sep = o.value
		}
	}
	var list []string
	size := 0
	code := c.inputs(names, func(_ string, r io.Reader) error {
		return lines(r, func(s string) error {
			if size += len(s) + 16; size > maxRead {
				return errTooLong
			}
			list = append(list, s)
			return nil
		})
	})
	part := func(s string) string {
		if key == 0 {
			return s
		}
		fields := strings.Fields(s)
		if sep != "" {
			fields = strings.Split(s, sep)
		}
		if key > len(fields) {
			return ""
		}
		return strings.Join(fields[key-1:], " ")
	}
	compare := func(a, b string) int {
		x, y := part(a), part(b)
		if f["n"] {
			if n := cmp.Compare(number(x), number(y)); n != 0 {
				return n
			}
			return 0
		}
		if f["f"] {
			x, y = strings.ToLower(x), strings.ToLower(y)
		}
		return cmp.Compare(x, y)
	}
	slices.SortStableFunc(list, func(a, b string) int {
		n := cmp.Or(compare(a, b), cmp.Compare(a, b))
		if f["r"] {
			return -n
		}
		return n
	})
	if f["u"] {
		list = slices.CompactFunc(list, func(a, b string) bool { return compare(a, b) == 0 })
	}
	for _, s := range list {
		if _, err := io.WriteString(c.Out, s+"\n"); err != nil {
			return 1
		}
	}
	return code
}

// number is the number that a text begins with.
func number(s string) float64 {
	s = strings.TrimSpace(s)
	end := 0
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || s[end] == '.' || end == 0 && s[end] == '-') {
		end++
	}
	n, err := strconv.ParseFloat(s[:end], 64)
	if err != nil {
		return 0
	}
	return n
}

func uniq(_ context.Context, c *Call) int {
	opts, names, err := options(c.Args, "cdu", nil)
	if err != nil {
		return c.usage(err)
	}
	f, last, n := flagsOf(opts), "", 0
	print := func() error {
		if n == 0 || f["d"] && n == 1 || f["u"] && n > 1 {
			return nil
		}
		if f["c"] {
			_, err := fmt.Fprintf(c.Out, "%7d %s\n", n, last)
			return err
		}
		_, err := fmt.Fprintln(c.Out, last)
		return err
	}
	code := c.inputs(names, func(_ string, r io.Reader) error {
		return lines(r, func(s string) error {
			if n > 0 && s == last {
				n++
				return nil
			}
			if err := print(); err != nil {
				return err
			}
			last, n = s, 1
			return nil
		})
	})
	if print() != nil {
		return 1
	}
	return code
}
