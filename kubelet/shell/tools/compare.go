package tools

import (
	"bytes"
	"context"
	"fmt"
	"strings"
)

// maxCompared bounds the lines of a diff: its work grows with their square.
const maxCompared = 4000

func diff(ctx context.Context, c *Call) int {
	opts, names, err := options(c.Args, "uqrNabwU:", map[string]string{"unified": "u", "brief": "q"})
	if err != nil {
		return c.usage(err)
	}
	f := flagsOf(opts)
	if len(names) != 2 {
		return c.usage(fmt.Errorf("missing operand"))
	}
	var sides [2][]string
	var raw [2][]byte
	for i, n := range names {
		in := c.In
		if n != "-" {
			r, err := c.open(n)
			if err != nil {
				c.fail(c.word("can't stat '%s': %s", "%s: %s"), n, Reason(err))
				return 2
			}
			defer func() { _ = r.Close() }()
			in = r
		}
		if raw[i], err = all(in); err != nil {
			c.fail("%s: %s", n, Reason(err))
			return 2
		}
		sides[i] = strings.Split(strings.TrimSuffix(string(raw[i]), "\n"), "\n")
		if len(raw[i]) == 0 {
			sides[i] = nil
		}
	}
	if bytes.Equal(raw[0], raw[1]) {
		return 0
	}
	if f["q"] {
		fmt.Fprintf(c.Out, "Files %s and %s differ\n", names[0], names[1])
		return 1
	}
	if len(sides[0]) > maxCompared || len(sides[1]) > maxCompared {
		c.fail("%v", errTooLong)
		return 2
	}
	edits := compare(ctx, sides[0], sides[1])
	if f["u"] || f["U"] || c.busybox() {
		c.unified(names, edits)
	} else {
		c.classic(edits)
	}
	return 1
}

// edit is a line of one side alone, or of both.
type edit struct {
	kind byte // ' ', '-' or '+'
	text string
	a, b int // the lines of each side before it
}

// compare finds the longest common lines.
func compare(ctx context.Context, a, b []string) []edit {
	width := len(b) + 1
	table := make([]int16, (len(a)+1)*width)
	for i := len(a) - 1; i >= 0 && ctx.Err() == nil; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				table[i*width+j] = table[(i+1)*width+j+1] + 1
			} else {
				table[i*width+j] = max(table[(i+1)*width+j], table[i*width+j+1])
			}
		}
	}
	var out []edit
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			out = append(out, edit{' ', a[i], i, j})
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && table[(i+1)*width+j] >= table[i*width+j+1]:
			out = append(out, edit{'-', a[i], i, j})
			i++
		default:
			out = append(out, edit{'+', b[j], i, j})
			j++
		}
	}
	return out
}

// span is FROM,COUNT or FROM of a hunk.
func span(from, count int, unified bool) string {
	switch {
	case unified && count == 1:
		return fmt.Sprint(from + 1)
	case unified && count == 0:
		return fmt.Sprintf("%d,0", from)
	case unified:
		return fmt.Sprintf("%d,%d", from+1, count)
	case count == 0:
		return fmt.Sprint(from)
	case count == 1:
		return fmt.Sprint(from + 1)
	}
	return fmt.Sprintf("%d,%d", from+1, from+count)
}

const context3 = 3 // lines around a change

func (c *Call) unified(names []string, edits []edit) {
	fmt.Fprintf(c.Out, "--- %s\n+++ %s\n", names[0], names[1])
	for i := 0; i < len(edits); i++ {
		if edits[i].kind == ' ' {
			continue
		}
		start, end, quiet := max(i-context3, 0), i, 0
		for end = i; end < len(edits) && quiet <= 2*context3; end++ {
			if quiet++; edits[end].kind != ' ' {
				quiet = 0
			}
		}
		end -= max(quiet-context3, 0)
		var minus, plus int
		for _, e := range edits[start:end] {
			if e.kind != '+' {
				minus++
			}
			if e.kind != '-' {
				plus++
			}
		}
		fmt.Fprintf(c.Out, "@@ -%s +%s @@\n", span(edits[start].a, minus, true), span(edits[start].b, plus, true))
		for _, e := range edits[start:end] {
			fmt.Fprintf(c.Out, "%c%s\n", e.kind, e.text)
		}
		i = end
	}
}

func (c *Call) classic(edits []edit) {
	for i := 0; i < len(edits); i++ {
		if edits[i].kind == ' ' {
			continue
		}
		end := i
		var gone, come []string
		for ; end < len(edits) && edits[end].kind != ' '; end++ {
			if edits[end].kind == '-' {
				gone = append(gone, "< "+edits[end].text)
			} else {
				come = append(come, "> "+edits[end].text)
			}
		}
		kind := "c"
		switch {
		case len(gone) == 0:
			kind = "a"
		case len(come) == 0:
			kind = "d"
		}
		fmt.Fprintf(c.Out, "%s%s%s\n", span(edits[i].a, len(gone), false), kind, span(edits[i].b, len(come), false))
		lines := gone
		if kind == "c" {
			lines = append(lines, "---")
		}
		fmt.Fprintln(c.Out, strings.Join(append(lines, come...), "\n"))
		i = end - 1
	}
}

func cmpTool(_ context.Context, c *Call) int {
	opts, names, err := options(c.Args, "sl", nil)
	if err != nil || len(names) != 2 {
		return c.usage(fmt.Errorf("usage: cmp [-s] FILE1 FILE2"))
	}
	var raw [2][]byte
	for i, n := range names {
		r, err := c.open(n)
		if err == nil {
			raw[i], err = all(r)
			_ = r.Close()
		}
		if err != nil {
			c.fail("%s: %s", n, Reason(err))
			return 2
		}
	}
	if bytes.Equal(raw[0], raw[1]) {
		return 0
	}
	if flagsOf(opts)["s"] {
		return 1
	}
	line := 1
	for i := range raw[0] {
		if i >= len(raw[1]) || raw[0][i] != raw[1][i] {
			if i < len(raw[1]) {
				fmt.Fprintf(c.Out, "%s %s differ: byte %d, line %d\n", names[0], names[1], i+1, line)
				return 1
			}
			break
		}
		if raw[0][i] == '\n' {
			line++
		}
	}
	shorter := names[0]
	if len(raw[1]) < len(raw[0]) {
		shorter = names[1]
	}
	fmt.Fprintf(c.Err, "cmp: EOF on %s\n", shorter)
	return 1
}
