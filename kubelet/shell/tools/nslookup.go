package tools

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
)

// nameServer is the address of the cluster's DNS.
const nameServer = "10.96.0.10"

// nslookup asks the cluster's DNS for addresses, in the format of the program of that name.
func nslookup(ctx context.Context, c *Call) int {
	names := slices.DeleteFunc(slices.Clone(c.Args[1:]), func(a string) bool { return strings.HasPrefix(a, "-") })
	if len(names) == 0 {
		return c.fail("missing name")
	}
	name := names[0]
	full, found, err := name, []string{name}, error(nil)
	if net.ParseIP(name) == nil {
		full, found, err = c.Host.Lookup(ctx, name)
	}
	if err != nil && !errors.Is(err, ErrNoName) {
		fmt.Fprintf(c.Err, ";; connection timed out; no servers could be reached\n\n")
		return 1
	}
	fmt.Fprintf(c.Out, "Server:\t\t%s\nAddress:\t%s#53\n\n", nameServer, nameServer)
	if err != nil {
		fmt.Fprintf(c.Out, "** server can't find %s: NXDOMAIN\n\n", name)
		return 1
	}
	for _, ip := range found {
		fmt.Fprintf(c.Out, "Name:\t%s\nAddress: %s\n", full, ip)
	}
	fmt.Fprintln(c.Out)
	return 0
}
