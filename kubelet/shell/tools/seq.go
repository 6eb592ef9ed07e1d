package tools

import (
	"bufio"
	"context"
	"fmt"
	"strconv"
	"strings"
)

// seq counts, with as many places behind the point as its numbers have.
func seq(ctx context.Context, c *Call) int {
	args := c.Args[1:]
	sep, format, wide := "\n", "", false
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' && (args[0][1] < '0' || args[0][1] > '9') && args[0][1] != '.' {
		flag, value := args[0][:2], args[0][2:]
		args = args[1:]
		switch flag {
		case "-w":
			wide = true
			continue
		case "-s", "-f":
			if value == "" && len(args) > 0 {
				value, args = args[0], args[1:]
			}
			if flag == "-s" {
				sep = value
			} else {
				format = value
			}
		default:
			return c.fail("invalid option -- '%s'", strings.TrimLeft(flag, "-"))
		}
	}
	var n []float64
	places, widest := 0, 0
	for _, a := range args {
		v, err := strconv.ParseFloat(a, 64)
		if err != nil {
			return c.fail("invalid floating point argument: '%s'", a)
		}
		n = append(n, v)
		if _, behind, ok := strings.Cut(a, "."); ok {
			places = max(places, len(behind))
		}
	}
	from, step, to := 1.0, 1.0, 0.0
	switch len(n) {
	case 1:
		to = n[0]
	case 2:
		from, to = n[0], n[1]
	case 3:
		from, step, to = n[0], n[1], n[2]
	default:
		return c.fail("missing operand")
	}
	if step == 0 {
		return c.fail("invalid Zero increment value: '0'")
	}
	plain := func(v float64) string { return strconv.FormatFloat(v, 'f', places, 64) }
	if wide {
		widest = max(len(plain(from)), len(plain(to)))
	}
	verb := ""
	if format != "" {
		at := strings.IndexByte(format, '%')
		end := strings.IndexAny(format[at+1:], "eEfFgG")
		if at < 0 || end < 0 || strings.Trim(format[at+1:at+1+end], "-+ #0123456789.") != "" || len(format) > 100 {
			return c.fail("invalid format string: '%s'", format)
		}
		verb = strings.ReplaceAll(format[:at], "%", "%%") + format[at:at+2+end] + strings.ReplaceAll(format[at+2+end:], "%", "%%")
	}
	out := bufio.NewWriter(c.Out)
	wrote := false
	for i := 0; ; i++ {
		v := from + float64(i)*step
		if step > 0 && v > to+1e-9 || step < 0 && v < to-1e-9 || ctx.Err() != nil {
			break
		}
		text := plain(v)
		if verb != "" {
			text = fmt.Sprintf(verb, v)
		} else if len(text) < widest {
			text = fmt.Sprintf("%0*.*f", widest, places, v)
		}
		if wrote {
			text = sep + text
		}
		if wrote = true; write(out, text) != nil {
			return 1
		}
	}
	if wrote && write(out, "\n") != nil || out.Flush() != nil {
		return 1
	}
	return 0
}

func write(w *bufio.Writer, text string) error {
	_, err := w.WriteString(text)
	return err
}
