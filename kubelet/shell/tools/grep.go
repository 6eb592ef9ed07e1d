package tools

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// basic turns a basic regular expression into Go's syntax: there \( \) \{ \} \+ \? \| are special and
// their bare forms are not.
func basic(re string) string {
	var b strings.Builder
	for i := 0; i < len(re); i++ {
		switch ch := re[i]; {
		case ch == '\\' && i+1 < len(re):
			i++
			if strings.IndexByte("(){}+?|", re[i]) >= 0 {
				b.WriteByte(re[i])
			} else {
				b.WriteByte('\\')
				b.WriteByte(re[i])
			}
		case strings.IndexByte("(){}+?|", ch) >= 0:
			b.WriteByte('\\')
			b.WriteByte(ch)
		case ch == '[': // copied whole
			end := i + 1
			if end < len(re) && re[end] == '^' {
				end++
			}
			if end < len(re) && re[end] == ']' {
				end++
			}
			for end < len(re) && re[end] != ']' {
				if re[end] == '[' && end+1 < len(re) && re[end+1] == ':' {
					if stop := strings.Index(re[end:], ":]"); stop > 0 {
						end += stop + 1
					}
				}
				end++
			}
			if end >= len(re) {
				b.WriteString(re[i:])
				return b.String()
			}
			b.WriteString(re[i : end+1])
			i = end
		case ch == '*' && b.Len() == 0:
			b.WriteString(`\*`)
		default:
			b.WriteByte(ch)
		}
	}
	return b.String()
}

func grep(ctx context.Context, c *Call) int {
	opts, rest, err := options(c.Args, "ivnclqoEFPwxrRhHsLe:m:A:B:C:", map[string]string{
		"ignore-case": "i", "invert-match": "v", "line-number": "n", "count": "c", "quiet": "q", "only-matching": "o", "color": "Z", "line-buffered": "Z",
		"extended-regexp": "E", "fixed-strings": "F", "recursive": "r", "word-regexp": "w", "files-with-matches": "l", "no-filename": "h", "regexp": "e:", "max-count": "m:",
	})
	if err != nil {
		return c.usage(err)
	}
	f := flagsOf(opts)
	switch c.name() {
	case "egrep":
		f["E"] = true
	case "fgrep":
		f["F"] = true
	}
	var patterns []string
	most, before, after := -1, 0, 0
	for _, o := range opts {
		n, nerr := strconv.Atoi(o.value)
		switch o.name {
		case "e":
			patterns = append(patterns, o.value)
			continue
		case "m":
			most = n
		case "A":
			after = n
		case "B":
			before = n
		case "C":
			before, after = n, n
		default:
			continue
		}
		if nerr != nil {
			return c.usage(fmt.Errorf("%s: invalid context length argument", o.value))
		}
	}
	if len(patterns) == 0 {
		if len(rest) == 0 {
			fmt.Fprintln(c.Err, "Usage: grep [OPTION]... PATTERNS [FILE]...")
			return 2
		}
		patterns, rest = rest[:1], rest[1:]
	}
	var alts []string
	for _, p := range patterns {
		for line := range strings.SplitSeq(p, "\n") {
			switch {
			case f["F"]:
				line = regexp.QuoteMeta(line)
			case !f["E"] && !f["P"]:
				line = basic(line)
			}
			alts = append(alts, "(?:"+line+")")
		}
	}
	expr := strings.Join(alts, "|")
	if f["w"] {
		expr = `\b(?:` + expr + `)\b`
	}
	if f["x"] {
		expr = `^(?:` + expr + `)$`
	}
	if f["i"] {
		expr = "(?i)" + expr
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		return c.usage(fmt.Errorf("invalid regular expression"))
	}
	names := rest
	if f["r"] || f["R"] {
		if len(names) == 0 {
			names = []string{"."}
		}
		names = c.filesBelow(ctx, names)
	}
	prefix := (len(names) > 1 || f["r"] || f["R"] || f["H"]) && !f["h"]
	found := false
	code := c.inputs(names, func(name string, r io.Reader) error {
		label := ""
		if prefix {
			label = name + ":"
		}
		n, hits, open, printed := 0, 0, 0, 0
		var past []string
		err := lines(r, func(s string) error {
			n++
			if ctx.Err() != nil {
				return errStop
			}
			if re.MatchString(s) == f["v"] {
				if open > 0 {
					open--
					printed = n
					c.hit(f, strings.TrimSuffix(label, ":"), "-", n, s)
				} else if before > 0 {
					if past = append(past, s); len(past) > before {
						past = past[1:]
					}
				}
				return nil
			}
			found = true
			hits++
			switch {
			case f["q"], f["l"]:
				return errStop
			case f["c"], f["L"]:
			case f["o"]:
				for _, m := range re.FindAllString(s, -1) {
					if m == "" {
						continue
					}
					c.hit(f, strings.TrimSuffix(label, ":"), ":", n, m)
				}
			default:
				if (before > 0 || after > 0) && printed > 0 && n-len(past) > printed+1 {
					fmt.Fprintln(c.Out, "--")
				}
				for i, p := range past {
					c.hit(f, strings.TrimSuffix(label, ":"), "-", n-len(past)+i, p)
				}
				past = nil
				printed = n
				c.hit(f, strings.TrimSuffix(label, ":"), ":", n, s)
				open = after
			}
			if hits == most {
				return errStop
			}
			return nil
		})
		switch {
		case f["c"]:
			fmt.Fprintf(c.Out, "%s%d\n", label, hits)
		case f["l"] && hits > 0, f["L"] && hits == 0:
			fmt.Fprintln(c.Out, name)
		}
		return err
	})
	switch {
	case code != 0 && (!found || !f["q"]):
		return 2
	case found:
		return 0
	}
	return 1
}

func (c *Call) hit(f flags, label, sep string, n int, text string) {
	if label != "" {
		fmt.Fprint(c.Out, label, sep)
	}
	if f["n"] {
		fmt.Fprint(c.Out, n, sep)
	}
	fmt.Fprintln(c.Out, text)
}

// filesBelow lists the regular files of trees.
func (c *Call) filesBelow(ctx context.Context, names []string) []string {
	var out []string
	var visit func(name string)
	visit = func(name string) {
		if ctx.Err() != nil {
			return
		}
		i, err := c.FS.Stat(c.Path(name))
		if err != nil {
			c.fail("%s: %s", name, Reason(err))
			return
		}
		if !i.IsDir() {
			out = append(out, name)
			return
		}
		list, err := c.FS.ReadDir(c.Path(name))
		if err != nil {
			c.fail("%s: %s", name, Reason(err))
		}
		for _, e := range list {
			if e.IsDir() || e.Mode().IsRegular() {
				visit(strings.TrimSuffix(name, "/") + "/" + e.Name())
			}
		}
	}
	for _, n := range names {
		visit(n)
	}
	return out
}
