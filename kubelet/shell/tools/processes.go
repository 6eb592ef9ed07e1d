package tools

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

func ps(_ context.Context, c *Call) int {
	fmt.Fprintln(c.Out, "PID   USER     TIME  COMMAND")
	for _, p := range c.Host.Processes() {
		fmt.Fprintf(c.Out, "%5d %-8s  0:00 %s\n", p.PID, c.Host.User().Name, p.Command)
	}
	return 0
}

func kill(ctx context.Context, c *Call) int {
	args := c.Args[1:]
	signal := "TERM"
	if len(args) > 0 && args[0] == "-l" {
		fmt.Fprintln(c.Out, "HUP INT QUIT KILL USR1 USR2 TERM")
		return 0
	}
	if len(args) > 0 && strings.HasPrefix(args[0], "-") && args[0] != "--" {
		signal = strings.TrimPrefix(args[0][1:], "SIG")
		args = args[1:]
		if signal == "s" && len(args) > 0 {
			signal, args = strings.TrimPrefix(args[0], "SIG"), args[1:]
		}
	}
	numbers := map[string]string{"0": "0", "1": "HUP", "2": "INT", "3": "QUIT", "9": "KILL", "10": "USR1", "12": "USR2", "15": "TERM"}
	if s, ok := numbers[signal]; ok {
		signal = s
	} else if !slices.Contains([]string{"HUP", "INT", "QUIT", "KILL", "USR1", "USR2", "TERM"}, signal) {
		return c.fail("%s: invalid signal specification", signal)
	}
	if len(args) == 0 {
		return c.fail("usage: kill [-s sigspec | -n signum | -sigspec] pid ...")
	}
	code := 0
	for _, a := range args {
		pid, err := strconv.Atoi(a)
		if err != nil {
			code = c.fail("%s: arguments must be process or job IDs", a)
			continue
		}
		if err := c.Host.Signal(ctx, pid, signal); err != nil {
			code = c.fail("(%d) - %s", pid, err)
		}
	}
	return code
}
