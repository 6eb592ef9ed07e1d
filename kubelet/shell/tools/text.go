package tools

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

func cat(_ context.Context, c *Call) int {
	opts, names, err := options(c.Args, "nuveAEtT", map[string]string{"number": "n", "show-all": "A"})
	if err != nil {
		return c.usage(err)
	}
	f, line := flagsOf(opts), 0
	return c.inputs(names, func(_ string, r io.Reader) error {
		if !f["n"] {
			_, err := io.Copy(c.Out, r)
			return err
		}
		return lines(r, func(s string) error {
			line++
			_, err := fmt.Fprintf(c.Out, "%6d\t%s\n", line, s)
			return err
		})
	})
}

var errStop = errors.New("stop")

// lines calls f with each line, without its end, until f fails.
func lines(r io.Reader, f func(string) error) error {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 0, 64<<10), maxRead)
	for s.Scan() {
		if err := f(s.Text()); err != nil {
			if errors.Is(err, errStop) {
				return nil
			}
			return err
		}
	}
	return s.Err()
}

func head(_ context.Context, c *Call) int {
	args := slices.Clone(c.Args)
	if len(args) > 1 && len(args[1]) > 1 && args[1][0] == '-' && args[1][1] >= '0' && args[1][1] <= '9' {
		args[1] = "-n" + args[1][1:]
	}
	opts, names, err := options(args, "n:c:q", map[string]string{"lines": "n:", "bytes": "c:"})
	if err != nil {
		return c.usage(err)
	}
	count, bytes := 10, int64(-1)
	for _, o := range opts {
		n, err := strconv.ParseInt(o.value, 10, 64)
		if err != nil && o.name != "q" {
			return c.fail("invalid number: '%s'", o.value)
		}
		switch o.name {
		case "n":
			count = int(n)
		case "c":
			bytes = n
		}
	}
	return c.inputs(names, func(name string, r io.Reader) error {
		if len(names) > 1 {
			fmt.Fprintf(c.Out, "==> %s <==\n", name)
		}
		if bytes >= 0 {
			_, err := io.CopyN(c.Out, r, bytes)
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return err
		}
		left := count
		if left == 0 {
			return nil
		}
		return lines(r, func(s string) error {
			if _, err := io.WriteString(c.Out, s+"\n"); err != nil {
				return err
			}
			if left--; left == 0 {
				return errStop
			}
			return nil
		})
	})
}

// followPoll is how often tail -f looks again; wall time, since a file is written by processes.
const followPoll = 200 * time.Millisecond

func tail(ctx context.Context, c *Call) int {
	args := slices.Clone(c.Args)
	if len(args) > 1 && len(args[1]) > 1 && args[1][0] == '-' && args[1][1] >= '0' && args[1][1] <= '9' {
		args[1] = "-n" + args[1][1:]
	}
	opts, names, err := options(args, "n:c:fFq", map[string]string{"lines": "n:", "follow": "f"})
	if err != nil {
		return c.usage(err)
	}
	f, count, from := flagsOf(opts), 10, false
	for _, o := range opts {
		if o.name == "n" {
			value, plus := strings.CutPrefix(o.value, "+")
			if count, err = strconv.Atoi(value); err != nil {
				return c.fail("invalid number of lines: '%s'", o.value)
			}
			from = plus
			count = max(count, -count)
		}
	}
	follow := f["f"] || f["F"]
	code := c.inputs(names, func(name string, r io.Reader) error {
		if len(names) > 1 {
			fmt.Fprintf(c.Out, "==> %s <==\n", name)
		}
		if name == "/dev/null" {
			return nil
		}
		var kept []string
		n := 0
		err := lines(r, func(s string) error {
			n++
			if from {
				if n >= count {
					_, err := io.WriteString(c.Out, s+"\n")
					return err
				}
				return nil
			}
			if kept = append(kept, s); len(kept) > count {
				kept = kept[1:]
			}
			return nil
		})
		for _, s := range kept {
			if _, err := io.WriteString(c.Out, s+"\n"); err != nil {
				return err
			}
		}
		if err != nil || !follow {
			return err
		}
		return c.follow(ctx, r)
	})
	if follow && ctx.Err() == nil && code == 0 {
		<-ctx.Done()
	}
	return code
}

// follow copies what is appended until ctx ends.
func (c *Call) follow(ctx context.Context, r io.Reader) error {
	tick := time.NewTicker(followPoll)
	defer tick.Stop()
	for {
		if _, err := io.Copy(c.Out, r); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func wc(_ context.Context, c *Call) int {
	opts, names, err := options(c.Args, "lwcm", nil)
	if err != nil {
		return c.usage(err)
	}
	f := flagsOf(opts)
	if len(f) == 0 {
		f = flags{"l": true, "w": true, "c": true}
	}
	var total [4]int
	line := func(n [4]int, name string) {
		var out []string
		for i, k := range []string{"l", "w", "m", "c"} {
			if f[k] {
				if len(f) == 1 {
					out = append(out, strconv.Itoa(n[i]))
				} else {
					out = append(out, fmt.Sprintf("%7d", n[i]))
				}
			}
		}
		if name != "-" {
			out = append(out, name)
		}
		fmt.Fprintln(c.Out, strings.Join(out, " "))
	}
	code := c.inputs(names, func(name string, r io.Reader) error {
		var n [4]int
		in := bufio.NewReader(r)
		word := false
		for {
			b, size, err := in.ReadRune()
			if err != nil {
				if errors.Is(err, io.EOF) {
					break
				}
				return err
			}
			n[3] += size
			n[2]++
			if b == '\n' {
				n[0]++
			}
			space := strings.ContainsRune(" \t\n\r\v\f", b)
			if !space && !word {
				n[1]++
			}
			word = !space
		}
		for i := range total {
			total[i] += n[i]
		}
		line(n, name)
		return nil
	})
	if len(names) > 1 {
		line(total, "total")
	}
	return code
}

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
