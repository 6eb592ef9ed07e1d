package tools

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/itchyny/gojq"
)

const jqUsage = "Usage:\tjq [OPTIONS] FILTER [FILES...]\n\tjq -n [OPTIONS] FILTER\n"

func jq(ctx context.Context, c *Call) int {
	args := c.Args
	var names []string
	var values []any
	var kept []string
	for i := 0; i < len(args); i++ { // --arg NAME VALUE takes two
		if (args[i] == "--arg" || args[i] == "--argjson") && i+2 < len(args) {
			var v any = args[i+2]
			if args[i] == "--argjson" && json.Unmarshal([]byte(args[i+2]), &v) != nil {
				return c.usage(fmt.Errorf("invalid JSON text passed to --argjson"))
			}
			names, values = append(names, "$"+args[i+1]), append(values, v)
			i += 2
			continue
		}
		kept = append(kept, args[i])
	}
	opts, rest, err := options(kept, "rcnseRMCjS", map[string]string{"raw-output": "r", "compact-output": "c", "null-input": "n", "slurp": "s", "exit-status": "e", "raw-input": "R", "monochrome-output": "M", "join-output": "j"})
	if err != nil {
		return c.usage(err)
	}
	f := flagsOf(opts)
	filter := "."
	switch t, ok := c.In.(interface{ Terminal() bool }); {
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
	code, err := gojq.Compile(query, gojq.WithVariables(names), gojq.WithEnvironLoader(func() []string { return c.Environ }))
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
				c.fail("error (at <stdin>): %v", err)
				status = 5
				return nil
			}
			last = v
			if err := printJSON(c.Out, v, f); err != nil {
				return err
			}
		}
	}
	exit := 0
	if f["n"] {
		if err := run(nil); err != nil && !errors.Is(err, errStop) {
			return 5
		}
	} else {
		exit = c.inputs(rest, func(_ string, r io.Reader) error { return jqInput(r, f, run) })
	}
	switch {
	case exit != 0:
		return 2
	case status != 0:
		return status
	case f["e"] && (last == nil || last == false):
		return 1
	}
	return 0
}

func jqInput(r io.Reader, f flags, run func(any) error) error {
	if f["R"] {
		if f["s"] {
			b, err := all(r)
			if err != nil {
				return err
			}
			return run(string(b))
		}
		return lines(r, func(s string) error { return run(s) })
	}
	d := json.NewDecoder(io.LimitReader(r, maxRead))
	d.UseNumber()
	slurped := []any{}
	for {
		var v any
		err := d.Decode(&v)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("parse error: %w", err)
		}
		if f["s"] {
			slurped = append(slurped, v)
			continue
		}
		if err := run(v); err != nil {
			if errors.Is(err, errStop) {
				return nil
			}
			return err
		}
	}
	if f["s"] {
		return run(slurped)
	}
	return nil
}

func printJSON(w io.Writer, v any, f flags) error {
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
		if err := json.Indent(&out, b, "", "  "); err != nil {
			return err
		}
		b = out.Bytes()
	}
	_, err = io.WriteString(w, strings.TrimSuffix(string(b), "\n")+end)
	return err
}
