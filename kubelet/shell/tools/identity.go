package tools

import (
	"context"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

func id(_ context.Context, c *Call) int {
	opts, who, err := options(c.Args, "ugnG", map[string]string{"user": "u", "group": "g", "name": "n", "groups": "G"})
	if err != nil {
		return c.usage(err)
	}
	f, u := flagsOf(opts), c.Host.User()
	if len(who) > 0 {
		switch who[0] {
		case "root", "0":
			u = User{Name: "root"}
		case "nobody", "65534":
			u = User{UID: 65534, GID: 65534, Name: "nobody"}
		default:
			return c.fail("'%s': no such user", who[0])
		}
	}
	groups := u.Groups
	if len(groups) == 0 {
		groups = []int64{u.GID}
	}
	var numbers, names, both []string
	for _, g := range groups {
		numbers, names, both = append(numbers, strconv.FormatInt(g, 10)), append(names, groupName(g)), append(both, named(g, groupName(g)))
	}
	switch {
	case f["u"] && f["n"]:
		fmt.Fprintln(c.Out, u.Name)
	case f["u"]:
		fmt.Fprintln(c.Out, u.UID)
	case f["G"] && f["n"]:
		fmt.Fprintln(c.Out, strings.Join(names, " "))
	case f["G"]:
		fmt.Fprintln(c.Out, strings.Join(numbers, " "))
	case f["g"] && f["n"]:
		fmt.Fprintln(c.Out, groupName(u.GID))
	case f["g"]:
		fmt.Fprintln(c.Out, u.GID)
	default:
		fmt.Fprintf(c.Out, "uid=%s gid=%s groups=%s\n", named(u.UID, u.Name), named(u.GID, groupName(u.GID)), strings.Join(both, ","))
	}
	return 0
}

// named is a number with its name, if it has one.
func named(id int64, name string) string {
	if strconv.FormatInt(id, 10) == name {
		return name
	}
	return fmt.Sprintf("%d(%s)", id, name)
}

// userName and groupName are what /etc/passwd and /etc/group make of a number.
func userName(id int64) string {
	switch id {
	case 0:
		return "root"
	case 65534:
		return "nobody"
	}
	return strconv.FormatInt(id, 10)
}

func groupName(id int64) string {
	if id == 0 {
		return "root"
	}
	return strconv.FormatInt(id, 10)
}

// owner is whose a file is: what the container's user has made is theirs, all else in the root is root's.
// Volumes belong to root and the pod's fsGroup; a file of one that nobody else may read is the user's.
func (c *Call) owner(full string, i fs.FileInfo) (uid, gid int64) {
	u := c.Host.User()
	switch {
	case !c.FS.Mounted(full):
		if c.FS.Own(full) {
			return u.UID, u.GID
		}
		return 0, 0
	case u.FSGroup != nil:
		return 0, *u.FSGroup
	case i.Mode().IsRegular() && i.Mode().Perm()&0o044 == 0:
		return u.UID, 0
	}
	return 0, 0
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
