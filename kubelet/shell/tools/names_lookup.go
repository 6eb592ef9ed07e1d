package tools

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
)

// host is host NAME and getent hosts NAME, and getent passwd or group.
func host(ctx context.Context, c *Call) int {
	names := slices.DeleteFunc(slices.Clone(c.Args[1:]), func(a string) bool { return strings.HasPrefix(a, "-") })
	if c.name() == "getent" {
		return c.getent(ctx, names)
	}
	if len(names) == 0 {
		return c.fail("missing name")
	}
	full, found, err := c.Host.Lookup(ctx, names[0])
	switch {
	case errors.Is(err, ErrNoName):
		fmt.Fprintf(c.Out, "Host %s not found: 3(NXDOMAIN)\n", names[0])
		return 1
	case err != nil:
		fmt.Fprintln(c.Out, ";; connection timed out; no servers could be reached")
		return 1
	}
	for _, ip := range found {
		fmt.Fprintf(c.Out, "%s has address %s\n", full, ip)
	}
	return 0
}

func (c *Call) getent(ctx context.Context, args []string) int {
	if len(args) == 0 {
		return c.fail("wrong number of arguments")
	}
	switch args[0] {
	case "hosts", "ahosts", "ahostsv4":
		if len(args) < 2 {
			return 0
		}
		full, found, err := c.Host.Resolve(ctx, args[1])
		if err != nil {
			return 2
		}
		for _, ip := range found {
			fmt.Fprintf(c.Out, "%-15s %s\n", ip, full)
		}
		return 0
	case "passwd", "group":
		code := 2
		if len(args) < 2 {
			code = 0
		}
		for _, f := range c.entries("/etc/" + args[0]) {
			if len(args) < 2 || f[0] == args[1] || f[2] == args[1] {
				fmt.Fprintln(c.Out, strings.Join(f, ":"))
				code = 0
			}
		}
		return code
	}
	fmt.Fprintf(c.Err, "Unknown database: %s\n", args[0])
	return 1
}

// dig asks for addresses: dig [+short] [+search] [@SERVER] NAME [A].
func dig(ctx context.Context, c *Call) int {
	short, search, name, kind := false, false, "", "A"
	for i := 1; i < len(c.Args); i++ {
		switch a := c.Args[i]; {
		case a == "+short":
			short = true
		case a == "+search":
			search = true
		case a == "-t" && i+1 < len(c.Args):
			i++
			kind = strings.ToUpper(c.Args[i])
		case strings.HasPrefix(a, "+"), strings.HasPrefix(a, "@"), strings.HasPrefix(a, "-"):
		case slices.Contains([]string{"A", "AAAA", "ANY", "SRV", "TXT", "NS", "PTR", "CNAME"}, strings.ToUpper(a)):
			kind = strings.ToUpper(a)
		default:
			name = a
		}
	}
	if name == "" {
		return c.fail("missing name")
	}
	asked := strings.TrimSuffix(name, ".") + "."
	var found []string
	err := ErrNoName
	if search || strings.Count(name, ".") >= 2 || strings.HasSuffix(name, ".") { // dig does not try the search list by itself
		var full string
		if !search {
			name = asked
		}
		if full, found, err = c.Host.Lookup(ctx, name); err == nil {
			asked = strings.TrimSuffix(full, ".") + "."
		}
	}
	if kind != "A" && kind != "ANY" {
		found = nil
	}
	if short {
		for _, ip := range found {
			fmt.Fprintln(c.Out, ip)
		}
		return 0
	}
	status := "NOERROR"
	if err != nil {
		status = "NXDOMAIN"
	}
	fmt.Fprintf(c.Out, "\n; <<>> DiG 9.20.11 <<>> %s\n;; global options: +cmd\n;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: %s, id: %d\n;; flags: qr aa rd; QUERY: 1, ANSWER: %d, AUTHORITY: 0, ADDITIONAL: 1\n\n;; QUESTION SECTION:\n;%s\t\tIN\t%s\n\n",
		strings.Join(c.Args[1:], " "), status, len(name), len(found), asked, kind)
	if len(found) > 0 {
		fmt.Fprintln(c.Out, ";; ANSWER SECTION:")
		for _, ip := range found {
			fmt.Fprintf(c.Out, "%s\t30\tIN\tA\t%s\n", asked, ip)
		}
		fmt.Fprintln(c.Out)
	}
	fmt.Fprintf(c.Out, ";; Query time: 0 msec\n;; SERVER: %s#53(%[1]s) (UDP)\n;; WHEN: %s\n\n", net.ParseIP(nameServer), c.Host.Now(ctx).UTC().Format("Mon Jan _2 15:04:05 UTC 2006"))
	return 0
}
