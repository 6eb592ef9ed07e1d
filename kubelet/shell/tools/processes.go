package tools

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// ran is what a process runs. A shell that is given one plain command becomes that command.
func ran(p Process) string {
	for _, sh := range []string{"sh -c ", "/bin/sh -c ", "bash -c ", "/bin/bash -c "} {
		if text, ok := strings.CutPrefix(p.Command, sh); ok && text != "" && !strings.ContainsAny(text, ";&|<>\n$`\"'(){}*?[]#~=!") {
			return text
		}
	}
	return p.Command
}

func ps(ctx context.Context, c *Call) int {
	user := c.names().user(c.Host.User().UID)
	all := c.Host.Processes()
	if c.busybox() {
		fmt.Fprintln(c.Out, "PID   USER     TIME  COMMAND")
		for _, p := range all {
			fmt.Fprintf(c.Out, "%5d %-8.8s  0:00 %s\n", p.PID, user, ran(p))
		}
		return 0
	}
	how := strings.TrimLeft(strings.Join(c.Args[1:], ""), "-")
	began := c.Host.Now(ctx).UTC().Format("15:04")
	own := c.Host.User().UID
	switch {
	case strings.Contains(how, "u"):
		fmt.Fprintln(c.Out, "USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND")
		for _, p := range all {
			fmt.Fprintf(c.Out, "%-8.8s %7d  0.0  0.0      0     0 ?        S    %s   0:00 %s\n", user, p.PID, began, ran(p))
		}
	case strings.Contains(how, "f"):
		fmt.Fprintln(c.Out, "UID          PID    PPID  C STIME TTY          TIME CMD")
		for _, p := range all {
			fmt.Fprintf(c.Out, "%-8.8s %7d       0  0 %s ?        00:00:00 %s\n", c.names().user(own), p.PID, began, ran(p))
		}
	case strings.ContainsAny(how, "aex"):
		fmt.Fprintln(c.Out, "    PID TTY      STAT   TIME COMMAND")
		for _, p := range all {
			fmt.Fprintf(c.Out, "%7d ?        S      0:00 %s\n", p.PID, ran(p))
		}
	default:
		fmt.Fprintln(c.Out, "    PID TTY          TIME CMD")
		for _, p := range all {
			fmt.Fprintf(c.Out, "%7d ?        00:00:00 %s\n", p.PID, path.Base(strings.Fields(ran(p) + " ?")[0]))
		}
	}
	return 0
}

// top is one look at the processes, without the colours: nobody moves here by more than this.
func top(_ context.Context, c *Call) int {
	user := c.names().user(c.Host.User().UID)
	fmt.Fprintln(c.Out, "Mem: 0K used, 524288K free, 0K shrd, 0K buff, 0K cached\nCPU:   0% usr   0% sys   0% nic 100% idle   0% io   0% irq   0% sirq\nLoad average: 0.00 0.00 0.00\n  PID  PPID USER     STAT   VSZ %VSZ CPU %CPU COMMAND")
	for _, p := range c.Host.Processes() {
		fmt.Fprintf(c.Out, "%5d     0 %-8.8s S        0   0%%   0   0%% %s\n", p.PID, user, ran(p))
	}
	return 0
}

// matching are the processes whose program has a name, or with full whose command has it anywhere; not the one that asks.
func (c *Call) matching(name string, full, exact bool) []int {
	var out []int
	asks := strings.Join(c.Args, " ")
	for _, p := range c.Host.Processes() {
		program := path.Base(strings.Fields(ran(p) + " ?")[0])
		if p.Command != asks && (program == name || !exact && strings.Contains(program, name) || full && strings.Contains(p.Command, name)) {
			out = append(out, p.PID)
		}
	}
	return out
}

// pgrep is pgrep, pidof, pkill and killall.
func pgrep(ctx context.Context, c *Call) int {
	signal, full, exact := "TERM", false, c.name() == "pidof" || c.name() == "killall"
	args := c.Args[1:]
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		switch a := args[0][1:]; a {
		case "f":
			full = true
		case "x":
			exact = true
		case "q", "e", "l", "a", "s", "v", "w":
		default:
			signal = strings.TrimPrefix(a, "SIG")
		}
		args = args[1:]
	}
	if len(args) == 0 {
		return c.fail("no process name given")
	}
	var found []string
	for _, pid := range c.matching(args[0], full, exact) {
		found = append(found, strconv.Itoa(pid))
	}
	if len(found) == 0 {
		if c.name() == "killall" {
			return c.fail(c.word("%s: no process killed", "%s: no process found"), args[0])
		}
		return 1
	}
	switch c.name() {
	case "pgrep":
		fmt.Fprintln(c.Out, strings.Join(found, "\n"))
		return 0
	case "pidof":
		fmt.Fprintln(c.Out, strings.Join(found, " "))
		return 0
	}
	sub := *c
	sub.Args = append([]string{"kill", "-" + signal}, found...)
	return kill(ctx, &sub)
}

func free(_ context.Context, c *Call) int {
	opts, _, err := options(c.Args, "hmkgb", nil)
	if err != nil {
		return c.usage(err)
	}
	f := flagsOf(opts)
	total := int64(containerMemory)
	size := func(n int64) string {
		switch {
		case f["h"]:
			return human(n)
		case f["m"]:
			return strconv.FormatInt(n>>20, 10)
		case f["g"]:
			return strconv.FormatInt(n>>30, 10)
		case f["b"]:
			return strconv.FormatInt(n, 10)
		}
		return strconv.FormatInt(n>>10, 10)
	}
	fmt.Fprintf(c.Out, "%7s %12s %11s %11s %11s %11s %11s\n", "", "total", "used", "free", "shared", "buff/cache", "available")
	fmt.Fprintf(c.Out, "%-7s %12s %11s %11s %11s %11s %11s\n", "Mem:", size(total), size(total/2), size(total/2), size(0), size(0), size(total/2))
	fmt.Fprintf(c.Out, "%-7s %12s %11s %11s\n", "Swap:", size(0), size(0), size(0))
	return 0
}

// containerMemory is what free says that there is: the most that any container may hold.
const containerMemory = 512 << 20

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
	signal = strings.ToUpper(signal)
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
