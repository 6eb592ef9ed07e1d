package tools

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"os"
	"strconv"
	"strings"
)

func tee(_ context.Context, c *Call) int {
	opts, names, err := options(c.Args, "ai", map[string]string{"append": "a"})
	if err != nil {
		return c.usage(err)
	}
	flag := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if flagsOf(opts)["a"] {
		flag = os.O_WRONLY | os.O_CREATE | os.O_APPEND
	}
	code := 0
	to := []io.Writer{c.Out}
	for _, n := range names {
		w, err := c.Open(c.Path(n), flag, 0o644)
		if err != nil {
			code = c.fail("%s: %s", n, Reason(err))
			continue
		}
		defer func() { _ = w.Close() }()
		to = append(to, w)
	}
	if _, err := io.Copy(io.MultiWriter(to...), c.In); err != nil {
		return c.fail("%s", Reason(err))
	}
	return code
}

func base64Tool(_ context.Context, c *Call) int {
	opts, names, err := options(c.Args, "dDiw:", map[string]string{"decode": "d", "ignore-garbage": "i", "wrap": "w:"})
	if err != nil {
		return c.usage(err)
	}
	f, wrap := flagsOf(opts), 76
	for _, o := range opts {
		if o.name == "w" {
			if wrap, err = strconv.Atoi(o.value); err != nil || wrap < 0 {
				return c.fail("invalid wrap size: '%s'", o.value)
			}
		}
	}
	bad := false
	code := c.inputs(names, func(_ string, r io.Reader) error {
		b, err := all(r)
		if err != nil {
			return err
		}
		if f["d"] || f["D"] {
			out, ok := decode(b)
			bad = bad || !ok
			_, err := c.Out.Write(out)
			return err
		}
		text := base64.StdEncoding.EncodeToString(b)
		for wrap > 0 && len(text) > wrap {
			if _, err := io.WriteString(c.Out, text[:wrap]+"\n"); err != nil {
				return err
			}
			text = text[wrap:]
		}
		if wrap > 0 && text != "" {
			text += "\n"
		}
		_, err = io.WriteString(c.Out, text)
		return err
	})
	if bad {
		return c.fail("invalid input")
	}
	return code
}

// decode decodes as far as it goes: the payload of a token has no padding, and the real program prints
// what it could read before it complains.
func decode(b []byte) (out []byte, ok bool) {
	b = bytes.Map(func(r rune) rune {
		if r == '\n' || r == '\r' {
			return -1
		}
		return r
	}, b)
	text := bytes.TrimRight(b, "=")
	ok = len(b)%4 == 0
	end := bytes.IndexFunc(text, func(r rune) bool {
		return !(r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '+' || r == '/')
	})
	if end >= 0 {
		text, ok = text[:end], false
	}
	if len(text)%4 == 1 {
		text, ok = text[:len(text)-1], false
	}
	out, err := base64.RawStdEncoding.DecodeString(string(text))
	return out, ok && err == nil
}

func seq(ctx context.Context, c *Call) int {
	args := c.Args[1:]
	sep := "\n"
	if len(args) > 1 && args[0] == "-s" {
		sep, args = args[1], args[2:]
	}
	var n []float64
	for _, a := range args {
		v, err := strconv.ParseFloat(a, 64)
		if err != nil {
			return c.fail("invalid floating point argument: '%s'", a)
		}
		n = append(n, v)
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
	out := bufio.NewWriter(c.Out)
	for i := 0; ; i++ {
		v := from + float64(i)*step
		if step > 0 && v > to || step < 0 && v < to || ctx.Err() != nil {
			break
		}
		if i > 0 {
			_, _ = out.WriteString(sep) // Flush reports it
		}
		if _, err := out.WriteString(strconv.FormatFloat(v, 'f', -1, 64)); err != nil {
			return 1
		}
	}
	_, _ = out.WriteString("\n")
	if out.Flush() != nil {
		return 1
	}
	return 0
}

func yes(ctx context.Context, c *Call) int {
	text := "y"
	if len(c.Args) > 1 {
		text = strings.Join(c.Args[1:], " ")
	}
	for ctx.Err() == nil {
		if _, err := io.WriteString(c.Out, text+"\n"); err != nil {
			return 1
		}
	}
	return 0
}
