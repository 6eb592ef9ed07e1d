package tools

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
)

// condition is test and [ as a command of its own; the shell's own judges.
func condition(ctx context.Context, c *Call) int {
	sub := *c
	sub.Args = append([]string{"sh", "-c", c.name() + ` "$@"`, c.name()}, c.Args[1:]...)
	return c.Run(ctx, &sub)
}

// expr reckons from left to right.
func expr(_ context.Context, c *Call) int {
	args := c.Args[1:]
	if len(args) == 0 {
		c.fail("missing operand")
		return 2
	}
	for len(args) >= 3 {
		a, op, b := args[0], args[1], args[2]
		x, err1 := strconv.ParseInt(a, 10, 64)
		y, err2 := strconv.ParseInt(b, 10, 64)
		numbers := err1 == nil && err2 == nil
		truth := func(t bool) string { return map[bool]string{true: "1", false: "0"}[t] }
		var out string
		switch op {
		case "+", "-", "*", "/", "%":
			if !numbers {
				c.fail("non-integer argument")
				return 2
			}
			if y == 0 && (op == "/" || op == "%") {
				c.fail("division by zero")
				return 2
			}
			n := map[string]func() int64{"+": func() int64 { return x + y }, "-": func() int64 { return x - y }, "*": func() int64 { return x * y }, "/": func() int64 { return x / y }, "%": func() int64 { return x % y }}[op]()
			out = strconv.FormatInt(n, 10)
		case "=", "==":
			out = truth(a == b)
		case "!=":
			out = truth(a != b)
		case "<", "<=", ">", ">=":
			order := strings.Compare(a, b)
			if numbers {
				order = int(max(min(x-y, 1), -1))
			}
			out = truth(op == "<" && order < 0 || op == "<=" && order <= 0 || op == ">" && order > 0 || op == ">=" && order >= 0)
		default:
			c.fail("syntax error")
			return 2
		}
		args = append([]string{out}, args[3:]...)
	}
	if len(args) == 2 && args[0] == "length" {
		args = []string{strconv.Itoa(len([]rune(args[1])))}
	}
	if len(args) != 1 {
		c.fail("syntax error")
		return 2
	}
	fmt.Fprintln(c.Out, args[0])
	if args[0] == "" || args[0] == "0" {
		return 1
	}
	return 0
}

func tac(_ context.Context, c *Call) int {
	return c.inputs(c.Args[1:], func(_ string, r io.Reader) error {
		b, err := all(r)
		if err != nil {
			return err
		}
		list := strings.SplitAfter(string(b), "\n")
		slices.Reverse(list)
		_, err = io.WriteString(c.Out, strings.Join(list, ""))
		return err
	})
}

func nl(_ context.Context, c *Call) int {
	opts, names, err := options(c.Args, "b:w:s:", nil)
	if err != nil {
		return c.usage(err)
	}
	every, n := false, 0
	for _, o := range opts {
		every = every || o.name == "b" && o.value == "a"
	}
	return c.inputs(names, func(_ string, r io.Reader) error {
		return lines(r, func(s string) error {
			if s == "" && !every {
				_, err := fmt.Fprintln(c.Out, "       ")
				return err
			}
			n++
			_, err := fmt.Fprintf(c.Out, "%6d\t%s\n", n, s)
			return err
		})
	})
}

func mktemp(_ context.Context, c *Call) int {
	opts, names, err := options(c.Args, "dqup:t", nil)
	if err != nil {
		return c.usage(err)
	}
	f, dir, template := flagsOf(opts), "/tmp", "tmp.XXXXXXXXXX"
	for _, o := range opts {
		if o.name == "p" {
			dir = o.value
		}
	}
	full := dir + "/" + template
	if len(names) > 0 {
		full = names[0]
		if f["p"] || f["t"] {
			full = dir + "/" + names[0]
		}
	}
	bare := strings.TrimRight(full, "X")
	if len(full)-len(bare) < 3 {
		return c.fail("too few X's in template '%s'", full)
	}
	var b [8]byte
	_, _ = rand.Read(b[:]) // it never fails
	name := bare + hex.EncodeToString(b[:])[:min(len(full)-len(bare), 16)]
	if f["d"] {
		err = c.FS.Mkdir(c.Path(name), 0o700)
	} else {
		var w io.Closer
		if w, err = c.FS.Create(c.Path(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err == nil {
			err = w.Close()
		}
	}
	if err != nil {
		return c.fail(c.word("(null): %[2]s", "failed to create file via template '%s': %s"), full, Reason(err))
	}
	fmt.Fprintln(c.Out, name)
	return 0
}

// maxBlock bounds what dd takes into memory.
const maxBlock = 8 << 20

func dd(ctx context.Context, c *Call) int {
	in, out, size, count, skip, quiet := "", "", int64(512), int64(-1), int64(0), false
	truncate := os.O_TRUNC
	for _, a := range c.Args[1:] {
		name, value, ok := strings.Cut(a, "=")
		n, err := amount(value)
		switch {
		case !ok:
			return c.fail(c.word("invalid argument '%s'", "unrecognized operand '%s'"), a)
		case name == "if":
			in = value
		case name == "of":
			out = value
		case name == "conv":
			if strings.Contains(value, "notrunc") {
				truncate = 0
			}
		case name == "status":
			quiet = value == "none"
		case name == "oflag", name == "iflag":
		case err != nil:
			return c.fail("invalid number: '%s'", value)
		case name == "bs":
			size = n
		case name == "count":
			count = n
		case name == "skip":
			skip = n
		case name == "seek", name == "ibs", name == "obs":
			return c.fail("of operands %s is not simulated", name)
		default:
			return c.fail(c.word("invalid argument '%s'", "unrecognized operand '%s'"), a)
		}
	}
	if size < 1 || size > maxBlock {
		return c.fail("invalid number: '%d'", size)
	}
	from, to := c.In, c.Out
	if in != "" {
		r, err := c.open(in)
		if err != nil {
			return c.fail(c.word("can't open '%s': %s", "failed to open '%s': %s"), in, Reason(err))
		}
		defer func() { _ = r.Close() }()
		from = r
	}
	if out != "" {
		w, err := c.Open(c.Path(out), os.O_WRONLY|os.O_CREATE|truncate, 0o644)
		if err != nil {
			return c.fail(c.word("can't open '%s': %s", "failed to open '%s': %s"), out, Reason(err))
		}
		defer func() { _ = w.Close() }()
		to = w
	}
	block := make([]byte, size)
	whole, part, total := int64(0), int64(0), int64(0)
	code := 0
	for n := int64(0); (count < 0 || n < count+skip) && ctx.Err() == nil; n++ {
		got, err := io.ReadFull(from, block)
		if n >= skip && got > 0 {
			if _, werr := to.Write(block[:got]); werr != nil {
				code = c.fail("error writing '%s': %s", out, Reason(werr))
				break
			}
			total += int64(got)
			if int64(got) == size {
				whole++
			} else {
				part++
			}
		}
		if err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
				code = c.fail("error reading '%s': %s", in, Reason(err))
			}
			break
		}
	}
	if !quiet {
		fmt.Fprintf(c.Err, "%d+%d records in\n%[1]d+%[2]d records out\n%d bytes (%sB) copied\n", whole, part, total, human(total))
	}
	return code
}

// amount is a number with k, M or G behind it.
func amount(text string) (int64, error) {
	unit := int64(1)
	for suffix, u := range map[string]int64{"k": 1 << 10, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30} {
		if t, ok := strings.CutSuffix(text, suffix); ok {
			text, unit = t, u
		}
	}
	n, err := strconv.ParseInt(text, 10, 40)
	if err == nil && n < 0 {
		err = fs.ErrInvalid
	}
	return n * unit, err
}

// od shows bytes: od -c, -x or -An -tx1, and hexdump -C and xxd by their names.
func od(_ context.Context, c *Call) int {
	opts, names, err := options(c.Args, "cxbCvA:t:n:pN:j:", nil)
	if err != nil {
		return c.usage(err)
	}
	f, form, address, most := flagsOf(opts), "", true, int64(-1)
	for _, o := range opts {
		switch o.name {
		case "t":
			form = o.value
		case "A":
			address = o.value != "n"
		case "n", "N":
			if most, err = amount(o.value); err != nil {
				return c.fail("invalid number '%s'", o.value)
			}
		}
	}
	return c.inputs(names, func(_ string, r io.Reader) error {
		if most >= 0 {
			r = io.LimitReader(r, most)
		}
		in, out := bufio.NewReader(r), bufio.NewWriter(c.Out)
		at := 0
		for {
			b := make([]byte, 16)
			n, err := io.ReadFull(in, b)
			if n == 0 {
				break
			}
			b = b[:n]
			switch {
			case c.name() == "xxd" && f["p"]:
				fmt.Fprintf(out, "%x\n", b)
			case c.name() != "od":
				dumpLine(out, at, b, c.name() == "xxd")
			default:
				if address {
					fmt.Fprintf(out, "%07o", at)
				}
				for i, ch := range b {
					switch {
					case f["c"] || form == "c":
						fmt.Fprintf(out, " %3s", character(ch))
					case form == "x1" || form == "x1z":
						fmt.Fprintf(out, " %02x", ch)
					case i%2 == 0 && f["x"]:
						fmt.Fprintf(out, " %02x%02x", byteAt(b, i+1), ch)
					case i%2 == 0:
						fmt.Fprintf(out, " %06o", uint16(ch)|uint16(byteAt(b, i+1))<<8)
					}
				}
				fmt.Fprintln(out)
			}
			at += n
			if err != nil {
				break
			}
		}
		if c.name() == "od" && address {
			fmt.Fprintf(out, "%07o\n", at)
		}
		if c.name() == "hexdump" {
			fmt.Fprintf(out, "%08x\n", at)
		}
		return out.Flush()
	})
}

func byteAt(b []byte, i int) byte {
	if i < len(b) {
		return b[i]
	}
	return 0
}

func character(ch byte) string {
	if at := strings.IndexByte("\x00\a\b\f\n\r\t\v", ch); at >= 0 {
		return []string{`\0`, `\a`, `\b`, `\f`, `\n`, `\r`, `\t`, `\v`}[at]
	}
	if ch >= ' ' && ch < 0x7f {
		return string(rune(ch))
	}
	return fmt.Sprintf("%03o", ch)
}

// dumpLine is a line of hexdump -C, or of xxd.
func dumpLine(w io.Writer, at int, b []byte, xxd bool) {
	hexes, text := "", ""
	for i := range 16 {
		if i < len(b) {
			hexes += fmt.Sprintf("%02x", b[i])
			if b[i] >= ' ' && b[i] < 0x7f {
				text += string(rune(b[i]))
			} else {
				text += "."
			}
		} else {
			hexes += "  "
		}
		if !xxd || i%2 == 1 {
			hexes += " "
		}
		if !xxd && i == 7 {
			hexes += " "
		}
	}
	if xxd {
		fmt.Fprintf(w, "%08x: %s %s\n", at, hexes, text)
	} else {
		fmt.Fprintf(w, "%08x  %s |%s|\n", at, hexes, text)
	}
}

func uptime(ctx context.Context, c *Call) int {
	up := "0:00"
	if b, err := c.FS.ReadFile("/proc/uptime", 100); err == nil {
		seconds, _, _ := strings.Cut(string(b), ".")
		if n, err := strconv.Atoi(seconds); err == nil {
			up = fmt.Sprintf("%d:%02d", n/3600, n/60%60)
			if n < 3600 {
				up = fmt.Sprintf("%d min", n/60)
			}
		}
	}
	fmt.Fprintf(c.Out, " %s up %s,  0 users,  load average: 0.00, 0.00, 0.00\n", c.Host.Now(ctx).UTC().Format("15:04:05"), up)
	return 0
}

func nproc(_ context.Context, c *Call) int {
	fmt.Fprintln(c.Out, 1)
	return 0
}

func tty(_ context.Context, c *Call) int {
	if t, ok := c.In.(interface{ Terminal() bool }); ok && t.Terminal() {
		fmt.Fprintln(c.Out, "/dev/pts/0")
		return 0
	}
	fmt.Fprintln(c.Out, "not a tty")
	return 1
}

// umask and ulimit tell what the shell's own would.
func umask(_ context.Context, c *Call) int {
	switch {
	case len(c.Args) == 1 && c.name() == "umask":
		fmt.Fprintln(c.Out, "0022")
	case len(c.Args) == 1 || c.Args[1] == "-n" && len(c.Args) == 2:
		fmt.Fprintln(c.Out, "unlimited")
	}
	return 0
}

// ping says that it cannot, if there is anybody to be asked.
func ping(ctx context.Context, c *Call) int {
	names := slices.DeleteFunc(slices.Clone(c.Args[1:]), func(a string) bool {
		_, err := strconv.Atoi(a)
		return strings.HasPrefix(a, "-") || err == nil
	})
	if len(names) == 0 {
		return c.fail("usage: ping HOST")
	}
	if _, _, err := c.Host.Resolve(ctx, names[0]); err != nil {
		return c.fail(c.word("bad address '%s'", "%s: Name or service not known"), names[0])
	}
	return c.fail("ICMP is not carried by the network of simulated pods")
}
