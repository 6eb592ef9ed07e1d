package tools

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
)

// sedCommand is one command of a script: an address or a range, and s, d, p, q, a, i or c.
type sedCommand struct {
	from, to sedAddress
	ranged   bool
	not      bool
	open     bool // inside of the range
	name     byte
	re       *regexp.Regexp
	with     string
	global   bool
	print    bool
	nth      int
	text     string
}

type sedAddress struct {
	line int
	last bool
	re   *regexp.Regexp
}

func (a sedAddress) empty() bool { return a.line == 0 && !a.last && a.re == nil }

func (a sedAddress) matches(n int, last bool, s string) bool {
	return a.line > 0 && a.line == n || a.last && last || a.re != nil && a.re.MatchString(s)
}

func sed(ctx context.Context, c *Call) int {
	opts, rest, err := options(c.Args, "nEre:f:is", map[string]string{"quiet": "n", "silent": "n", "expression": "e:", "regexp-extended": "E", "in-place": "i"})
	if err != nil {
		return c.usage(err)
	}
	f := flagsOf(opts)
	var scripts []string
	for _, o := range opts {
		switch o.name {
		case "e":
			scripts = append(scripts, o.value)
		case "f":
			r, err := c.open(o.value)
			if err != nil {
				return c.fail("couldn't open file %s: %s", o.value, Reason(err))
			}
			b, err := all(r)
			_ = r.Close()
			if err != nil {
				return c.fail("%s: %s", o.value, Reason(err))
			}
			scripts = append(scripts, string(b))
		}
	}
	if len(scripts) == 0 {
		if len(rest) == 0 {
			return c.fail("no script specified")
		}
		scripts, rest = rest[:1], rest[1:]
	}
	p := sedParser{extended: f["E"] || f["r"], rest: strings.Join(scripts, "\n")}
	commands, err := p.parse()
	if err != nil {
		return c.fail("-e expression #1: %v", err)
	}
	if !f["i"] {
		out := bufio.NewWriter(c.Out)
		code := c.inputs(rest, func(_ string, r io.Reader) error { return runSed(ctx, commands, r, out, f["n"]) })
		if out.Flush() != nil {
			return 1
		}
		return code
	}
	code := 0
	for _, n := range rest {
		if err := c.sedInPlace(ctx, n, commands, f["n"]); err != nil {
			code = c.fail("couldn't edit %s: %s", n, Reason(err))
		}
	}
	return code
}

func (c *Call) sedInPlace(ctx context.Context, name string, commands []sedCommand, quiet bool) error {
	b, err := c.FS.ReadFile(c.Path(name), maxRead)
	if err != nil {
		return err
	}
	var out strings.Builder
	if err := runSed(ctx, commands, strings.NewReader(string(b)), &out, quiet); err != nil {
		return err
	}
	file, err := c.FS.Create(c.Path(name), os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteString(out.String())
	return errors.Join(err, file.Close())
}

func runSed(ctx context.Context, commands []sedCommand, r io.Reader, w io.Writer, quiet bool) error {
	n := 0
	var pending *string
	one := func(s string, last bool) (quit bool, err error) {
		n++
		gone := false
		after := ""
		for i := range commands {
			k := &commands[i]
			if k.selects(n, last, s) == k.not {
				continue
			}
			switch k.name {
			case 's':
				var changed bool
				if s, changed = k.substitute(s); changed && k.print {
					if _, err := fmt.Fprintln(w, s); err != nil {
						return true, err
					}
				}
			case 'd':
				gone = true
			case 'p':
				if _, err := fmt.Fprintln(w, s); err != nil {
					return true, err
				}
			case 'q':
				quit = true
			case 'i':
				if _, err := fmt.Fprintln(w, k.text); err != nil {
					return true, err
				}
			case 'a':
				after += k.text + "\n"
			case 'c':
				s = k.text
			case '=':
				if _, err := fmt.Fprintln(w, n); err != nil {
					return true, err
				}
			}
			if gone || quit {
				break
			}
		}
		if !gone && !quiet {
			if _, err := fmt.Fprintln(w, s); err != nil {
				return true, err
			}
		}
		_, err = io.WriteString(w, after)
		return quit, err
	}
	quit := false
	err := lines(r, func(s string) error {
		if ctx.Err() != nil {
			return errStop
		}
		if pending != nil {
			var err error
			if quit, err = one(*pending, false); err != nil || quit {
				pending = nil
				return errors.Join(err, errStop)
			}
		}
		pending = &s
		return nil
	})
	if err == nil && pending != nil && !quit {
		_, err = one(*pending, true)
	}
	return err
}

func (k *sedCommand) selects(n int, last bool, s string) bool {
	switch {
	case k.from.empty():
		return true
	case !k.ranged:
		return k.from.matches(n, last, s)
	case k.open:
		if k.to.matches(n, last, s) || k.to.line > 0 && n >= k.to.line {
			k.open = false
		}
		return k.to.line == 0 || n <= k.to.line
	case k.from.matches(n, last, s):
		k.open = k.to.line == 0 || k.to.line > n
		return true
	}
	return false
}

func (k *sedCommand) substitute(s string) (string, bool) {
	all := k.re.FindAllStringSubmatchIndex(s, -1)
	var b strings.Builder
	at, changed := 0, false
	for i, m := range all {
		if i+1 < k.nth {
			continue
		}
		b.WriteString(s[at:m[0]])
		for j := 0; j < len(k.with); j++ {
			ch := k.with[j]
			switch {
			case ch == '&':
				b.WriteString(s[m[0]:m[1]])
			case ch == '\\' && j+1 < len(k.with):
				j++
				switch d := k.with[j]; {
				case d >= '0' && d <= '9':
					if g := int(d - '0'); 2*g+1 < len(m) && m[2*g] >= 0 {
						b.WriteString(s[m[2*g]:m[2*g+1]])
					}
				case d == 'n':
					b.WriteByte('\n')
				case d == 't':
					b.WriteByte('\t')
				default:
					b.WriteByte(d)
				}
			default:
				b.WriteByte(ch)
			}
		}
		at, changed = m[1], true
		if !k.global {
			break
		}
	}
	b.WriteString(s[at:])
	return b.String(), changed
}
