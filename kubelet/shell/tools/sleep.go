package tools

import (
	"context"
	"strconv"
	"strings"
	"time"
)

// forever is longer than any cluster.
const forever = 250 * 365 * 24 * time.Hour

func sleep(ctx context.Context, c *Call) int {
	if len(c.Args) < 2 {
		return c.fail("missing operand")
	}
	var total time.Duration
	for _, a := range c.Args[1:] {
		if a == "infinity" || a == "inf" {
			total = forever
			break
		}
		unit, text := time.Second, a
		switch {
		case strings.HasSuffix(a, "s"):
			text = strings.TrimSuffix(a, "s")
		case strings.HasSuffix(a, "m"):
			unit, text = time.Minute, strings.TrimSuffix(a, "m")
		case strings.HasSuffix(a, "h"):
			unit, text = time.Hour, strings.TrimSuffix(a, "h")
		case strings.HasSuffix(a, "d"):
			unit, text = 24*time.Hour, strings.TrimSuffix(a, "d")
		}
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || n < 0 || n*float64(unit) > 9e18 {
			return c.fail("invalid time interval '%s'", a)
		}
		total += time.Duration(n * float64(unit))
	}
	if c.Host.Sleep(ctx, total) != nil {
		return 137
	}
	return 0
}

func timeout(ctx context.Context, c *Call) int {
	args := c.Args[1:]
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		args = args[1:]
	}
	if len(args) < 2 {
		return c.fail("missing operand")
	}
	d, err := time.ParseDuration(args[0])
	if n, nerr := strconv.ParseFloat(args[0], 64); nerr == nil {
		d, err = time.Duration(n*float64(time.Second)), nil
	}
	if err != nil {
		return c.fail("invalid time interval '%s'", args[0])
	}
	sub := *c
	sub.Args = args[1:]
	bounded, cancel := context.WithCancel(ctx)
	defer cancel()
	late := make(chan struct{})
	go func() {
		defer close(late)
		if c.Host.Sleep(bounded, d) == nil {
			cancel()
		}
	}()
	code := c.Run(bounded, &sub)
	over := bounded.Err() != nil && ctx.Err() == nil
	cancel()
	<-late
	if over {
		return 124
	}
	return code
}
