package tools

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
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
