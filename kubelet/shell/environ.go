package shell

import (
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/expand"

	"github.com/kubemint/kubemint/kubelet/shell/tools"
)

// environ is the environment of a shell. It never asks the host.
type environ struct {
	vars     map[string]string
	user     tools.User
	pid      int
	starting bool
}

func (e *environ) fill() {
	for name, value := range map[string]string{
		"HOME": "/root", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "SHLVL": "1",
	} {
		if _, ok := e.vars[name]; !ok {
			e.vars[name] = value
		}
	}
}

// noDir cannot be the path of anything: the interpreter makes the pipes of <(…) in the directory that
// TMPDIR names as it starts, and must not find one on the host.
const noDir = "/\x00"

func (e *environ) Get(name string) expand.Variable {
	text := func(s string) expand.Variable {
		return expand.Variable{Set: true, Kind: expand.String, Str: s}
	}
	switch {
	case e.starting && name == "TMPDIR":
		return text(noDir)
	case name == "UID" || name == "EUID":
		return text(strconv.FormatInt(e.user.UID, 10))
	case name == "GID":
		return text(strconv.FormatInt(e.user.GID, 10))
	case name == ownPID:
		return text(strconv.Itoa(e.pid))
	case name == ownParent:
		return text("0")
	case strings.HasPrefix(name, "HOME "): // ~name: the interpreter would ask the host's users
		return text(homeOf(strings.TrimPrefix(name, "HOME ")))
	}
	if v, ok := e.vars[name]; ok {
		t := text(v)
		t.Exported = true
		return t
	}
	return expand.Variable{}
}

// homeOf is the directory of a user of the container's.
func homeOf(user string) string {
	if user == "root" {
		return "/root"
	}
	return "/home/" + user
}

// Each is also what a shell in the background begins with: it asks for nothing else.
func (e *environ) Each(f func(string, expand.Variable) bool) {
	for _, name := range []string{"UID", "EUID", "GID", ownPID, ownParent} {
		if _, set := e.vars[name]; !set && !f(name, e.Get(name)) {
			return
		}
	}
	for name := range e.vars {
		if !f(name, e.Get(name)) {
			return
		}
	}
}
