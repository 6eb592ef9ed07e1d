package tools

import (
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
