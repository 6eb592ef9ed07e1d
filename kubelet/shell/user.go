package shell

import (
	"slices"
	"strconv"
	"strings"

	"github.com/kubemint/kubemint/kubelet/container"
	"github.com/kubemint/kubemint/kubelet/image"
	"github.com/kubemint/kubemint/kubelet/shell/rootfs"
	"github.com/kubemint/kubemint/kubelet/shell/tools"
)

// userOf is who a container's processes run as: with a name if its image's /etc/passwd has one, with the
// groups that /etc/group puts that name in.
func userOf(spec *container.Spec) tools.User {
	u := spec.User
	out := tools.User{UID: u.UID, GID: u.GID, Name: strconv.FormatInt(u.UID, 10), Home: "/", FSGroup: u.FSGroup, Privileged: u.Privileged}
	passwd, group := accountFiles(image.FamilyOf(spec.Image), image.RunsAs(spec.Image))
	for line := range strings.Lines(passwd) {
		if f := strings.Split(strings.TrimSpace(line), ":"); len(f) == 7 && f[2] == out.Name {
			out.Name, out.Home = f[0], f[5]
			break
		}
	}
	groups := slices.Clone(u.Groups)
	if u.FSGroup != nil {
		groups = append(groups, *u.FSGroup)
	}
	for line := range strings.Lines(group) {
		if f := strings.Split(strings.TrimSpace(line), ":"); len(f) == 4 && slices.Contains(strings.Split(f[3], ","), out.Name) {
			if gid, err := strconv.ParseInt(f[2], 10, 64); err == nil {
				groups = append(groups, gid)
			}
		}
	}
	groups = append(groups, u.GID)
	slices.Sort(groups) // as the kernel keeps them
	out.Groups = slices.Compact(groups)
	return out
}

// ledger is the file of a pod's directory that says whose the files of its containers are.
const ledger = "owners"

// treeOf is the file system of a container without its volumes.
func treeOf(spec *container.Spec, pod, root string) rootfs.Config {
	u := userOf(spec)
	c := rootfs.Config{Pod: pod, Root: root, ReadOnly: spec.ReadOnly, User: rootfs.Owner{UID: u.UID, GID: u.GID}, Groups: u.Groups, Ledger: ledger}
	own := image.RunsAs(spec.Image)
	for _, dir := range homes(spec.Image) {
		if c.Homes == nil {
			c.Homes = map[string]rootfs.Owner{}
		}
		c.Homes[dir] = rootfs.Owner{UID: own.UID, GID: own.GID}
	}
	return c
}

// homes are the directories that an image's account has for itself.
func homes(name string) []string {
	own := image.RunsAs(name)
	known, _ := image.Find(name)
	var out []string
	for _, dir := range []string{own.Home, known.Dir} {
		if own.UID != 0 && dir != "" && dir != "/" && dir != "/home" && dir != "/nonexistent" && !slices.Contains(out, dir) {
			out = append(out, dir)
		}
	}
	return out
}

// environment is a container's, in the order of a real one: what the runtime sets, the pod's, and HOME.
func environment(spec *container.Spec, u tools.User) []string {
	have := map[string]bool{}
	for _, v := range spec.Env {
		have[v.Name] = true
	}
	var env []string
	for _, v := range [][2]string{{"PATH", searchPath}, {"HOSTNAME", spec.Hostname}} {
		if !have[v[0]] {
			env = append(env, v[0]+"="+v[1])
		}
	}
	for _, v := range spec.Env {
		env = append(env, v.Name+"="+v.Value)
	}
	if !have["HOME"] {
		env = append(env, "HOME="+u.Home)
	}
	return env
}

const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
