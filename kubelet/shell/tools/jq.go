package tools

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/itchyny/gojq"
)

const jqUsage = "Usage:\tjq [OPTIONS] FILTER [FILES...]\n\tjq -n [OPTIONS] FILTER\n"

func jq(ctx context.Context, c *Call) int {
	args := c.Args
	var names []string
	var values []any
	var kept []string
	positional, named := []any{}, map[string]any{}
	filterFile, rests := "", 0       // 1: --args, 2: --jsonargs
	for i := 0; i < len(args); i++ { // --arg NAME VALUE takes two
		switch a := args[i]; {
		case (a == "--arg" || a == "--argjson" || a == "--slurpfile" || a == "--rawfile") && i+2 < len(args):
			v, err := c.jqValue(a, args[i+1], args[i+2])
			if err != nil {
				return c.usage(err)
			}
			names, values = append(names, "$"+args[i+1]), append(values, v)
			named[args[i+1]] = v
			i += 2
		case (a == "-f" || a == "--from-file") && i+1 < len(args):
			i++
			filterFile = args[i]
		case a == "--args":
			rests = 1
		case a == "--jsonargs":
			rests = 2
		case rests > 0 && len(kept) > 1 && !strings.HasPrefix(a, "-"):
			var v any = a
			if rests == 2 && json.Unmarshal([]byte(a), &v) != nil {
				return c.usage(fmt.Errorf("invalid JSON text passed to --jsonargs"))
			}
			positional = append(positional, v)
		default:
			kept = append(kept, a)
		}
	}
	names, values = append(names, "$ARGS"), append(values, map[string]any{"positional": positional, "named": named})
	opts, rest, err := options(kept, "rcnseRMCjSa", map[string]string{"tab": "T", "indent": "i:", "sort-keys": "S", "color-output": "C", "ascii-output": "a", "raw-output": "r", "compact-output": "c", "null-input": "n", "slurp": "s", "exit-status": "e", "raw-input": "R", "monochrome-output": "M", "join-output": "j"})
	if err != nil {
		return c.usage(err)
	}
	f := flagsOf(opts)
	filter, indent := ".", "  "
	for _, o := range opts {
		switch o.name {
		case "T":
			indent = "\t"
		case "i":
			n, err := strconv.Atoi(o.value)
			if err != nil || n < 0 || n > 7 {
				return c.usage(fmt.Errorf("Cannot indent more than 7 characters"))
			}
			indent = strings.Repeat(" ", n)
			if n == 0 {
				f["c"] = true
			}
		}
	}
	switch t, ok := c.In.(interface{ Terminal() bool }); {
	case filterFile != "":
		r, err := c.open(filterFile)
		if err != nil {
			c.fail("error: Could not open %s: %s", filterFile, Reason(err))
			return 2
		}
		b, err := all(r)
		_ = r.Close()
		if err != nil {
			return c.fail("%s", Reason(err))
		}
		filter = string(b)
	case len(rest) > 0:
		filter, rest = rest[0], rest[1:]
	case ok && t.Terminal(): // with nothing to read and nobody to read it, as the real one
		fmt.Fprint(c.Err, jqUsage)
		return 2
	}
	query, err := gojq.Parse(filter)
	if err != nil {
		c.fail("error: %v", err)
		return 3
	}
	// Neither modules nor the environment of the process: nothing of the host.
	in := &jqInputs{call: c, names: rest, flags: f}
	defer in.close()
	code, err := gojq.Compile(query, gojq.WithVariables(names), gojq.WithEnvironLoader(func() []string { return c.Environ }), gojq.WithInputIter(in))
	if err != nil {
		c.fail("error: %v", err)
		return 3
	}
	last := any(nil)
	status := 0
	run := func(in any) error {
		it := code.RunWithContext(ctx, in, values...)
		for {
			v, ok := it.Next()
			if !ok {
				return nil
			}
			if err, is := v.(error); is {
				var halt *gojq.HaltError
				if errors.As(err, &halt) && halt.Value() == nil {
					return errStop
				}
				text := err.Error()
				if text == "break" { // of input
					text = "No more inputs"
				}
				c.fail("error (at <stdin>): %s", text)
				status = 5
				return nil
			}
			last = v
			if err := printJSON(c.Out, v, f, indent); err != nil {
				return err
			}
		}
	}
	stopped := false
	switch {
	case f["n"]:
		stopped = run(nil) != nil
	case f["s"] && f["R"]:
		var text strings.Builder
		for v, ok := in.line(); ok; v, ok = in.line() {
			text.WriteString(v)
		}
		stopped = run(text.String()) != nil
	case f["s"]:
		list := []any{}
		for v, ok := in.Next(); ok && in.failed == nil; v, ok = in.Next() {
			list = append(list, v)
		}
		if in.failed == nil {
			stopped = run(list) != nil
		}
	default:
		for !stopped && ctx.Err() == nil {
			v, ok := in.Next()
			if !ok || in.failed != nil {
				break
			}
			stopped = run(v) != nil
		}
	}
	switch {
	case in.failed != nil:
		c.fail("error (at <stdin>): %s", Reason(in.failed))
		return 2
	case in.missing:
		return 2
	case status != 0:
		return status
	case f["e"] && (last == nil || last == false):
		return 1
	}
	return 0
}

// jqValue is what an option gives a variable.
func (c *Call) jqValue(option, name, text string) (any, error) {
	switch option {
	case "--arg":
		return text, nil
	case "--argjson":
		var v any
		if json.Unmarshal([]byte(text), &v) != nil {
			return nil, fmt.Errorf("invalid JSON text passed to --argjson")
		}
		return v, nil
	}
	r, err := c.open(text)
	if err != nil {
		return nil, fmt.Errorf("Bad JSON in --%s %s %s: Could not open %s: %s", strings.TrimPrefix(option, "--"), name, text, text, Reason(err))
	}
	b, err := all(r)
	_ = r.Close()
	if err != nil || option == "--rawfile" {
		return string(b), err
	}
	list := []any{}
	for d := json.NewDecoder(bytes.NewReader(b)); ; {
		var v any
		if err := d.Decode(&v); errors.Is(err, io.EOF) {
			return list, nil
		} else if err != nil {
			return nil, fmt.Errorf("Bad JSON in --slurpfile %s %s: %w", name, text, err)
		}
		list = append(list, v)
	}
}

// jqInputs are the values of all files, one after the other, whoever asks for them: the filter may, by input.
type jqInputs struct {
	call    *Call
	names   []string
	flags   flags
	begun   bool
	open    io.Closer
	decoder *json.Decoder
	lines   *bufio.Reader
	missing bool  // a file could not be read
	failed  error // of what cannot be understood
}

// turn goes to the next file.
func (j *jqInputs) turn() bool {
	j.close()
	c := j.call
	for {
		var r io.Reader
		switch {
		case !j.begun && len(j.names) == 0:
			r = c.In
		case len(j.names) == 0:
			return false
		default:
			name := j.names[0]
			j.names = j.names[1:]
			file, err := c.open(name)
			if err != nil {
				c.fail("error: Could not open %s: %s", name, Reason(err))
				j.missing, j.begun = true, true
				continue
			}
			r, j.open = file, file
		}
		j.begun = true
		r = io.LimitReader(r, maxRead)
		if j.flags["R"] {
			j.lines = bufio.NewReader(r)
		} else {
			j.decoder = json.NewDecoder(r)
			j.decoder.UseNumber()
		}
		return true
	}
}

func (j *jqInputs) close() {
	if j.open != nil {
		_ = j.open.Close() // it was only read
	}
	j.open, j.decoder, j.lines = nil, nil, nil
}

// line is the next line, with its end.
func (j *jqInputs) line() (string, bool) {
	for {
		if j.lines == nil && !j.turn() {
			return "", false
		}
		s, err := j.lines.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			j.failed = err
			return "", false
		}
		if s != "" {
			return s, true
		}
		j.lines = nil
	}
}

// Next is the next value.
func (j *jqInputs) Next() (any, bool) {
	if j.failed != nil {
		return nil, false
	}
	if j.flags["R"] {
		s, ok := j.line()
		return strings.TrimSuffix(s, "\n"), ok
	}
	for {
		if j.decoder == nil && !j.turn() {
			return nil, false
		}
		var v any
		switch err := j.decoder.Decode(&v); {
		case err == nil:
			return v, true
		case !errors.Is(err, io.EOF):
			j.failed = fmt.Errorf("parse error: %w", err)
			return nil, false
		}
		j.decoder = nil
	}
}

func printJSON(w io.Writer, v any, f flags, indent string) error {
	end := "\n"
	if f["j"] {
		end = ""
	}
	if s, ok := v.(string); ok && (f["r"] || f["j"]) {
		_, err := io.WriteString(w, s+end)
		return err
	}
	b, err := gojq.Marshal(v)
	if err != nil {
		return err
	}
	if !f["c"] {
		var out bytes.Buffer
		if err := json.Indent(&out, b, "", indent); err != nil {
			return err
		}
		b = out.Bytes()
	}
	_, err = io.WriteString(w, strings.TrimSuffix(string(b), "\n")+end)
	return err
}
