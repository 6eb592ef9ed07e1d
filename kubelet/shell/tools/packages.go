package tools

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kubemint/kubemint/kubelet/image"
)

// packages are those of the well-known packages whose programs every simulated container has.
func packages() map[string]bool {
	return map[string]bool{
		"curl": true, "wget": true, "jq": true, "procps": true, "coreutils": true, "grep": true, "sed": true, "gawk": true, "mawk": true, "findutils": true, "tar": true, "gzip": true, "bash": true, "openssl": true, "ca-certificates": true, "dnsutils": true, "bind9-dnsutils": true, "bind-tools": true, "netcat": true, "netcat-openbsd": true, "netcat-traditional": true, "busybox": true, "kubectl": true, "python3": true,
	}
}

// absent is a command that images of this family do not have.
func (c *Call) absent() int {
	fmt.Fprintf(c.Err, "%s%s: not found\n", c.word("sh: ", "sh: 1: "), c.name())
	return 127
}

// aptGet is apt-get and apt of a container that has no network: nothing can be fetched, and what is asked for
// is there or is not.
func aptGet(_ context.Context, c *Call) int {
	if c.Host.Family() != image.Debian {
		return c.absent()
	}
	words := slices.DeleteFunc(slices.Clone(c.Args[1:]), func(a string) bool { return strings.HasPrefix(a, "-") })
	if len(words) == 0 {
		fmt.Fprintln(c.Out, "apt 3.0.3 (amd64)")
		return 0
	}
	if c.Host.User().UID != 0 {
		what := "/var/lib/dpkg/lock-frontend"
		if words[0] == "update" {
			what = "/var/lib/apt/lists/lock"
		}
		fmt.Fprintf(c.Err, "E: Could not open lock file %s - open (13: Permission denied)\n", what)
		if words[0] != "update" {
			fmt.Fprintln(c.Err, "E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?")
		}
		return 100
	}
	switch words[0] {
	case "update":
		for i, suite := range []string{"trixie", "trixie-updates", "trixie-security"} {
			fmt.Fprintf(c.Out, "Err:%d http://deb.debian.org/debian %s InRelease\n  Temporary failure resolving 'deb.debian.org'\n", i+1, suite)
		}
		fmt.Fprintln(c.Out, "Reading package lists...")
		for _, suite := range []string{"trixie", "trixie-updates", "trixie-security"} {
			fmt.Fprintf(c.Err, "W: Failed to fetch http://deb.debian.org/debian/dists/%s/InRelease  Temporary failure resolving 'deb.debian.org'\n", suite)
		}
		fmt.Fprintln(c.Err, "W: Some index files failed to download. They have been ignored, or old ones used instead.")
		return 0
	case "install":
		fmt.Fprintln(c.Out, "Reading package lists...\nBuilding dependency tree...\nReading state information...")
		code := 0
		for _, name := range words[1:] {
			if packages()[name] {
				fmt.Fprintf(c.Out, "%s is already the newest version.\n", name)
			} else {
				fmt.Fprintf(c.Err, "E: Unable to locate package %s\n", name)
				code = 100
			}
		}
		if code == 0 {
			fmt.Fprintln(c.Out, "0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.")
		}
		return code
	case "clean", "autoclean", "autoremove", "upgrade":
		return 0
	}
	fmt.Fprintf(c.Err, "E: Invalid operation %s\n", words[0])
	return 100
}

// apk is Alpine's, likewise.
func apk(_ context.Context, c *Call) int {
	if c.Host.Family() != image.Alpine {
		return c.absent()
	}
	words := slices.DeleteFunc(slices.Clone(c.Args[1:]), func(a string) bool { return strings.HasPrefix(a, "-") })
	if len(words) == 0 {
		fmt.Fprintln(c.Out, "apk-tools 2.14.9, compiled for x86_64.")
		return 1
	}
	if c.Host.User().UID != 0 && (words[0] == "add" || words[0] == "update" || words[0] == "del") {
		fmt.Fprintln(c.Err, "ERROR: Unable to lock database: Permission denied\nERROR: Failed to open apk database: Permission denied")
		return 99
	}
	fetch := func() {
		for _, part := range []string{"main", "community"} {
			at := "https://dl-cdn.alpinelinux.org/alpine/v3.22/" + part
			fmt.Fprintf(c.Out, "fetch %s/x86_64/APKINDEX.tar.gz\n", at)
			fmt.Fprintf(c.Err, "WARNING: updating and opening %s: temporary error (try again later)\n", at)
		}
	}
	switch words[0] {
	case "update":
		fetch()
		fmt.Fprintln(c.Out, "4 errors; 16 distinct packages available")
		return 4
	case "add":
		fetch()
		var missing []string
		for _, name := range words[1:] {
			if !packages()[name] {
				missing = append(missing, name)
			}
		}
		if len(missing) == 0 {
			fmt.Fprintln(c.Out, "OK: 8 MiB in 16 packages")
			return 0
		}
		fmt.Fprintln(c.Err, "ERROR: unable to select packages:")
		for _, name := range missing {
			fmt.Fprintf(c.Err, "  %s (no such package):\n    required by: world[%s]\n", name, name)
		}
		return len(missing)
	}
	return 0
}
