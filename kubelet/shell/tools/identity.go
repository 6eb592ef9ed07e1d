package tools

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/kubemint/kubemint/kubelet/shell/rootfs"
)

// Kernel is the release that containers believe to run on.
const Kernel = "6.12.0-kubemint"

// entries are the lines of /etc/passwd or /etc/group, as the container has them.
func (c *Call) entries(file string) [][]string {
	b, err := c.FS.ReadFile(file, maxRead)
	if err != nil {
		return nil
	}
	var out [][]string
	for line := range strings.Lines(string(b)) {
		if f := strings.Split(strings.TrimRight(line, "\n"), ":"); len(f) >= 4 {
			out = append(out, f)
		}
	}
	return out
}

// names turns numbers of users or groups into names, and keeps what it has read.
type names struct {
	users  map[string]string
	groups map[string]string
}

func (c *Call) names() *names {
	n := &names{users: map[string]string{}, groups: map[string]string{}}
	for file, to := range map[string]map[string]string{"/etc/passwd": n.users, "/etc/group": n.groups} {
		for _, f := range c.entries(file) {
			if _, known := to[f[2]]; !known {
				to[f[2]] = f[0]
			}
		}
	}
	return n
}

func (n *names) user(id int64) string  { return orNumber(n.users, id) }
func (n *names) group(id int64) string { return orNumber(n.groups, id) }

func orNumber(names map[string]string, id int64) string {
	number := strconv.FormatInt(id, 10)
	if name, ok := names[number]; ok {
		return name
	}
	return number
}

// lookUp is the user of a name or number; ok is false for a name that nobody has.
func (c *Call) lookUp(who string) (u User, ok bool) {
	for _, f := range c.entries("/etc/passwd") {
		if f[0] != who && f[2] != who {
			continue
		}
		uid, err1 := strconv.ParseInt(f[2], 10, 64)
		gid, err2 := strconv.ParseInt(f[3], 10, 64)
		if err1 != nil || err2 != nil {
			continue
		}
		u = User{UID: uid, GID: gid, Name: f[0], Groups: []int64{gid}}
		for _, g := range c.entries("/etc/group") {
			if n, err := strconv.ParseInt(g[2], 10, 64); err == nil && n != gid && slices.Contains(strings.Split(g[3], ","), f[0]) {
				u.Groups = append(u.Groups, n)
			}
		}
		slices.Sort(u.Groups)
		return u, true
	}
	return User{}, false
}

func id(_ context.Context, c *Call) int {
	opts, who, err := options(c.Args, "ugnGr", map[string]string{"user": "u", "group": "g", "name": "n", "groups": "G", "real": "r"})
	if err != nil {
		return c.usage(err)
	}
	f, u := flagsOf(opts), c.Host.User()
	if len(who) > 0 {
		var ok bool
		if u, ok = c.lookUp(who[0]); !ok {
			return c.fail(c.word("unknown user %s", "'%s': no such user"), who[0])
		}
	}
	groups := slices.Clone(u.Groups)
	if at := slices.Index(groups, u.GID); at > 0 && !c.busybox() { // GNU's begins with the own one
		groups = append([]int64{u.GID}, slices.Delete(groups, at, at+1)...)
	}
	known := c.names()
	var numbers, list, both []string
	for _, g := range groups {
		numbers, list, both = append(numbers, strconv.FormatInt(g, 10)), append(list, known.group(g)), append(both, named(g, known.group(g)))
	}
	missing := func(kind string, id int64, name string) int {
		if strconv.FormatInt(id, 10) == name && !c.busybox() {
			return c.fail("cannot find name for %s ID %d", kind, id)
		}
		return 0
	}
	switch {
	case f["u"] && f["n"]:
		fmt.Fprintln(c.Out, known.user(u.UID))
		return missing("user", u.UID, known.user(u.UID))
	case f["u"]:
		fmt.Fprintln(c.Out, u.UID)
	case f["G"] && f["n"]:
		fmt.Fprintln(c.Out, strings.Join(list, " "))
	case f["G"]:
		fmt.Fprintln(c.Out, strings.Join(numbers, " "))
	case f["g"] && f["n"]:
		fmt.Fprintln(c.Out, known.group(u.GID))
		return missing("group", u.GID, known.group(u.GID))
	case f["g"]:
		fmt.Fprintln(c.Out, u.GID)
	default:
		fmt.Fprintf(c.Out, "uid=%s gid=%s groups=%s\n", named(u.UID, known.user(u.UID)), named(u.GID, known.group(u.GID)), strings.Join(both, ","))
	}
	return 0
}

// groupsTool is groups: the names of the user's.
func groupsTool(_ context.Context, c *Call) int {
	known, code := c.names(), 0
	var list []string
	for _, g := range c.Host.User().Groups {
		name := known.group(g)
		if name == strconv.FormatInt(g, 10) && !c.busybox() {
			code = c.fail("cannot find name for group ID %d", g)
		}
		list = append(list, name)
	}
	fmt.Fprintln(c.Out, strings.Join(list, " "))
	return code
}

// named is a number with its name, if it has one.
func named(id int64, name string) string {
	if strconv.FormatInt(id, 10) == name {
		return name
	}
	return fmt.Sprintf("%d(%s)", id, name)
}

// owner is whose a file is.
func (c *Call) owner(i fs.FileInfo) (uid, gid int64) {
	o := rootfs.OwnerOf(i)
	return o.UID, o.GID
}

func whoami(_ context.Context, c *Call) int {
	u := c.Host.User()
	name := c.names().user(u.UID)
	if name == strconv.FormatInt(u.UID, 10) {
		if c.busybox() {
			return c.fail("unknown uid %d", u.UID)
		}
		return c.fail("cannot find name for user ID %d", u.UID)
	}
	fmt.Fprintln(c.Out, name)
	return 0
}

func hostname(ctx context.Context, c *Call) int {
	if len(c.Args) > 1 && !strings.HasPrefix(c.Args[1], "-") {
		return c.fail(c.word("sethostname: Operation not permitted", "you must be root to change the host name"))
	}
	if len(c.Args) > 1 && (c.Args[1] == "-i" || c.Args[1] == "-I") {
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
	opts, _, err := options(c.Args, "asnrvmopi", map[string]string{"all": "a", "nodename": "n", "kernel-release": "r", "machine": "m", "kernel-name": "s", "operating-system": "o"})
	if err != nil {
		return c.usage(err)
	}
	f := flagsOf(opts)
	if len(f) == 0 {
		f["s"] = true
	}
	system := c.word("Linux", "GNU/Linux")
	var out []string
	for _, part := range [][2]string{{"s", "Linux"}, {"n", c.Host.Hostname()}, {"r", Kernel}, {"v", "#1 SMP"}, {"m", "x86_64"}, {"o", system}} {
		if f["a"] || f[part[0]] {
			out = append(out, part[1])
		}
	}
	fmt.Fprintln(c.Out, strings.Join(out, " "))
	return 0
}
