package shell

import (
	"slices"
	"strconv"

	"github.com/kubemint/kubemint/kubelet/container"
	"github.com/kubemint/kubemint/kubelet/shell/tools"
)

// userOf is who processes run as, with a name if /etc/passwd has one.
func userOf(u container.User) tools.User {
	out := tools.User{UID: u.UID, GID: u.GID, Name: strconv.FormatInt(u.UID, 10), FSGroup: u.FSGroup}
	switch u.UID {
	case 0:
		out.Name = "root"
	case 65534:
		out.Name = "nobody"
	}
	out.Groups = []int64{u.GID}
	further := slices.Clone(u.Groups)
	if u.FSGroup != nil {
		further = append(further, *u.FSGroup)
	}
	for _, g := range further {
		if !slices.Contains(out.Groups, g) {
			out.Groups = append(out.Groups, g)
		}
	}
	return out
}

// home is what HOME is for a user without an entry of its own.
func home(uid int64) string {
	if uid == 0 {
		return "/root"
	}
	return "/"
}
