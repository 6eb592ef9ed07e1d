package tools

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

func id(_ context.Context, c *Call) int {
	opts, _, err := options(c.Args, "ugnG", nil)
	if err != nil {
		return c.usage(err)
	}
	f, u := flagsOf(opts), c.Host.User()
	group := strconv.FormatInt(u.GID, 10)
	if u.GID == 0 {
		group = "root"
	}
	switch {
	case f["u"] && f["n"]:
		fmt.Fprintln(c.Out, u.Name)
	case f["u"]:
		fmt.Fprintln(c.Out, u.UID)
	case (f["g"] || f["G"]) && f["n"]:
		fmt.Fprintln(c.Out, group)
	case f["g"], f["G"]:
		fmt.Fprintln(c.Out, u.GID)
	default:
		named := func(id int64, name string) string {
			if strconv.FormatInt(id, 10) == name {
				return name
			}
			return fmt.Sprintf("%d(%s)", id, name)
		}
		fmt.Fprintf(c.Out, "uid=%s gid=%s groups=%s\n", named(u.UID, u.Name), named(u.GID, group), named(u.GID, group))
	}
	return 0
}

func whoami(_ context.Context, c *Call) int {
	u := c.Host.User()
	if u.Name == strconv.FormatInt(u.UID, 10) {
		return c.fail("cannot find name for user ID %d", u.UID)
	}
	fmt.Fprintln(c.Out, u.Name)
	return 0
}

func hostname(ctx context.Context, c *Call) int {
	if len(c.Args) > 1 && c.Args[1] == "-i" {
		if _, a, err := c.Host.Resolve(ctx, c.Host.Hostname()); err == nil {
			fmt.Fprintln(c.Out, strings.Join(a, " "))
			return 0
		}
		return c.fail("Name or service not known")
	}
	fmt.Fprintln(c.Out, c.Host.Hostname())
	return 0
}

func uname(_ context.Context, c *Call) int {
	if len(c.Args) > 1 && c.Args[1] == "-a" {
		fmt.Fprintf(c.Out, "Linux %s 6.12.0-kubemint #1 SMP x86_64 GNU/Linux\n", c.Host.Hostname())
		return 0
	}
	parts := map[string]string{"-n": c.Host.Hostname(), "-r": "6.12.0-kubemint", "-m": "x86_64", "-s": "Linux"}
	if len(c.Args) > 1 {
		if p, ok := parts[c.Args[1]]; ok {
			fmt.Fprintln(c.Out, p)
			return 0
		}
	}
	fmt.Fprintln(c.Out, "Linux")
	return 0
}
