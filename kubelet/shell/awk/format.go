package awk

import (
	"fmt"
	"math"
	"strings"
)

// maxWidth bounds the width and precision of a format.
const maxWidth = 4096

// sprintf is printf's way of writing values.
func sprintf(format string, args []value) string {
	var b strings.Builder
	take := func() value {
		if len(args) == 0 {
			return value{}
		}
		v := args[0]
		args = args[1:]
		return v
	}
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			b.WriteByte(format[i])
			continue
		}
		start := i
		i++
		spec := "%"
		for i < len(format) && strings.IndexByte("-+ #0", format[i]) >= 0 {
			spec += format[i : i+1]
			i++
		}
		size := func() {
			if i < len(format) && format[i] == '*' {
				spec += fmt.Sprint(int(math.Min(math.Max(take().number(), -maxWidth), maxWidth)))
				i++
				return
			}
			n := 0
			for i < len(format) && digit(format[i]) {
				n = min(n*10+int(format[i]-'0'), maxWidth)
				i++
			}
			if n > 0 {
				spec += fmt.Sprint(n)
			}
		}
		size()
		if i < len(format) && format[i] == '.' {
			spec += "."
			i++
			size()
		}
		if i == len(format) {
			b.WriteString(format[start:])
			break
		}
		switch c := format[i]; c {
		case '%':
			b.WriteByte('%')
		case 'd', 'i':
			fmt.Fprintf(&b, spec+"d", whole(take().number()))
		case 'o', 'x', 'X', 'u':
			if c == 'u' {
				c = 'd'
			}
			fmt.Fprintf(&b, spec+string(c), whole(take().number()))
		case 'f', 'F', 'e', 'E', 'g', 'G':
			fmt.Fprintf(&b, spec+string(c), take().number())
		case 's':
			v := take()
			fmt.Fprintf(&b, spec+"s", v.string("%.6g"))
		case 'c':
			v := take()
			s := v.s
			if v.isNum {
				s = string(rune(whole(v.n)))
			} else if r := []rune(s); len(r) > 0 {
				s = string(r[0])
			}
			fmt.Fprintf(&b, spec+"s", s)
		default:
			b.WriteString(format[start : i+1])
		}
	}
	return b.String()
}

// whole is a number without its fraction, within what an integer holds.
func whole(n float64) int64 {
	switch {
	case math.IsNaN(n):
		return 0
	case n >= math.MaxInt64:
		return math.MaxInt64
	case n <= math.MinInt64:
		return math.MinInt64
	}
	return int64(n)
}
