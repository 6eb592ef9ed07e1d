package tools

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// printf prints by a format, which is used again for as long as there are arguments.
func printf(ctx context.Context, c *Call) int {
	args := c.Args[1:]
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		if c.busybox() {
			fmt.Fprintln(c.Err, "printf: usage: printf FORMAT [ARG]...")
			return 1
		}
		fmt.Fprintln(c.Err, "printf: usage: printf [-v var] format [arguments]")
		return 2
	}
	p := printer{call: c, args: args[1:]}
	for {
		before := len(p.args)
		stop := p.once(args[0])
		if p.b.Len() > maxRead {
			return c.fail("%v", errTooLong)
		}
		if stop || len(p.args) == 0 || len(p.args) == before || ctx.Err() != nil {
			break
		}
	}
	if _, err := io.WriteString(c.Out, p.b.String()); err != nil {
		return 1
	}
	return p.code
}

// printer is one run of printf.
type printer struct {
	call *Call
	args []string
	b    strings.Builder
	code int
}

// next is the next argument, or nothing.
func (p *printer) next() string {
	if len(p.args) == 0 {
		return ""
	}
	a := p.args[0]
	p.args = p.args[1:]
	return a
}

// once goes through the format, and says whether it ended all.
func (p *printer) once(format string) (stop bool) {
	for i := 0; i < len(format) && p.b.Len() <= maxRead; {
		switch ch := format[i]; {
		case ch == '\\':
			text, n, end := escaped(format[i:], false)
			p.b.WriteString(text)
			if end {
				return true
			}
			i += n
		case ch == '%' && i+1 < len(format) && format[i+1] == '%':
			p.b.WriteByte('%')
			i += 2
		case ch == '%':
			n, end := p.conversion(format[i:])
			if end {
				return true
			}
			i += n
		default:
			p.b.WriteByte(ch)
			i++
		}
	}
	return false
}

// maxWidth bounds what a format may have filled with blanks.
const maxWidth = 1 << 16

// conversion prints one %… and says how long it is.
func (p *printer) conversion(text string) (length int, stop bool) {
	i := 1
	flags := ""
	for i < len(text) && strings.IndexByte("-+ #0'", text[i]) >= 0 {
		flags += text[i : i+1]
		i++
	}
	number := func() (int, bool) {
		if i < len(text) && text[i] == '*' {
			i++
			return int(p.integer(p.next())), true
		}
		start := i
		for i < len(text) && text[i] >= '0' && text[i] <= '9' {
			i++
		}
		n, err := strconv.Atoi(text[start:i])
		return n, err == nil
	}
	width, wide := number()
	if width < 0 {
		flags, width = flags+"-", -width
	}
	precision, precise := 0, false
	if i < len(text) && text[i] == '.' {
		i++
		precision, _ = number()
		precise = precision >= 0
	}
	for i < len(text) && strings.IndexByte("hlLqjzt", text[i]) >= 0 && text[i] != 'q' {
		i++
	}
	if i >= len(text) {
		p.complain("%s: invalid format", text)
		return len(text), true
	}
	width, precision = min(width, maxWidth), min(precision, maxWidth)
	flags = strings.ReplaceAll(flags, "'", "")
	spec := "%" + flags
	if wide {
		spec += strconv.Itoa(width)
	}
	if precise {
		spec += "." + strconv.Itoa(precision)
	}
	switch verb := text[i]; verb {
	case 'd', 'i':
		fmt.Fprintf(&p.b, spec+"d", p.integer(p.next()))
	case 'u':
		fmt.Fprintf(&p.b, spec+"d", uint64(p.integer(p.next())))
	case 'o', 'x', 'X':
		fmt.Fprintf(&p.b, spec+string(verb), uint64(p.integer(p.next())))
	case 'f', 'F', 'e', 'E', 'g', 'G':
		if !precise && (verb == 'g' || verb == 'G') {
			spec += ".6"
		}
		fmt.Fprintf(&p.b, spec+string(verb), p.float(p.next()))
	case 'c':
		a := p.next()
		_, n := utf8.DecodeRuneInString(a)
		fmt.Fprintf(&p.b, strings.Split(spec, ".")[0]+"s", a[:n])
	case 's':
		fmt.Fprintf(&p.b, strings.ReplaceAll(spec, "0", map[bool]string{true: "0", false: ""}[!strings.Contains(flags, "0")])+"s", p.next())
	case 'q':
		fmt.Fprintf(&p.b, "%s", quoted(p.next()))
	case 'b':
		a, out := p.next(), ""
		for len(a) > 0 {
			if a[0] != '\\' {
				out, a = out+a[:1], a[1:]
				continue
			}
			t, n, end := escaped(a, true)
			if out += t; end {
				fmt.Fprintf(&p.b, spec+"s", out)
				return i + 1, true
			}
			a = a[n:]
		}
		fmt.Fprintf(&p.b, spec+"s", out)
	default:
		p.complain("%s: invalid format", text[:i+1])
		return i + 1, true
	}
	return i + 1, false
}

func (p *printer) complain(format string, args ...any) {
	p.code = p.call.fail(format, args...)
}

// invalid says that an argument is no number, after printing what it begins with.
func (p *printer) invalid(a string) {
	if p.call.busybox() {
		p.complain("invalid number '%s'", a)
	} else {
		p.complain("%s: invalid number", a)
	}
}

func (p *printer) integer(a string) int64 {
	a = strings.TrimLeft(a, " \t\n")
	if a == "" {
		return 0
	}
	if a[0] == '\'' || a[0] == '"' {
		r, _ := utf8.DecodeRuneInString(a[1:])
		return int64(r)
	}
	if n, err := strconv.ParseInt(a, 0, 64); err == nil {
		return n
	}
	if n, err := strconv.ParseUint(a, 0, 64); err == nil {
		return int64(n)
	}
	p.invalid(a)
	end := 0
	for end < len(a) && (a[end] >= '0' && a[end] <= '9' || end == 0 && (a[end] == '-' || a[end] == '+')) {
		end++
	}
	n, _ := strconv.ParseInt(a[:end], 10, 64) // 0 if there is none
	return n
}

func (p *printer) float(a string) float64 {
	a = strings.TrimLeft(a, " \t\n")
	if a == "" {
		return 0
	}
	if n, err := strconv.ParseFloat(a, 64); err == nil {
		return n
	}
	if n, err := strconv.ParseInt(a, 0, 64); err == nil {
		return float64(n)
	}
	p.invalid(a)
	return number(a)
}

// escaped reads a backslash and what follows. end is \c, which ends all output.
func escaped(s string, inArgument bool) (text string, length int, end bool) {
	if len(s) < 2 {
		return `\`, 1, false
	}
	if plain := strings.IndexByte(`abfnrtv\"'e`, s[1]); plain >= 0 {
		return string("\a\b\f\n\r\t\v\\\"'\x1b"[plain]), 2, false
	}
	digits := func(from, most, base int) (string, int, bool) {
		at := from
		for at < len(s) && at < from+most {
			if _, err := strconv.ParseUint(s[at:at+1], base, 8); err != nil {
				break
			}
			at++
		}
		n, err := strconv.ParseUint(s[from:at], base, 32)
		if err != nil {
			return "", 0, false
		}
		if s[1] == 'u' || s[1] == 'U' {
			return string(rune(n)), at, true
		}
		return string([]byte{byte(n)}), at, true
	}
	switch s[1] {
	case 'c':
		return "", 2, true
	case 'x':
		if t, n, ok := digits(2, 2, 16); ok {
			return t, n, false
		}
	case 'u':
		if t, n, ok := digits(2, 4, 16); ok {
			return t, n, false
		}
	case 'U':
		if t, n, ok := digits(2, 8, 16); ok {
			return t, n, false
		}
	case '0', '1', '2', '3', '4', '5', '6', '7':
		from := 1
		if inArgument && s[1] == '0' {
			from = 2
		}
		if t, n, ok := digits(from, 3, 8); ok {
			return t, n, false
		}
		return "\x00", 2, false
	}
	return s[:2], 2, false
}

// quoted is a word that a shell reads as the text.
func quoted(s string) string {
	if s == "" {
		return "''"
	}
	var b strings.Builder
	for _, r := range s {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=@%+,-", r) && r < utf8.RuneSelf {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
