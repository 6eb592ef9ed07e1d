package shell

import (
	"context"
	"strconv"

	"github.com/kubemint/kubemint/kubelet/image"
	"github.com/kubemint/kubemint/kubelet/shell/tools"
)

// shellKey is that of the shell's name in a context.
type shellKey struct{}

// shellOf is what the shell is called by that runs a command: sh, unless somebody asked for bash.
func shellOf(ctx context.Context) string {
	if name, ok := ctx.Value(shellKey{}).(string); ok {
		return name
	}
	return "sh"
}

// inShell has what runs from here on be of a shell of that name.
func inShell(ctx context.Context, c *tools.Call) context.Context {
	name := "sh"
	if tools.Base(c.Args[0]) == "bash" {
		name = "bash"
	}
	return context.WithValue(ctx, shellKey{}, name)
}

// says is what begins a complaint of the shell's: those of bash and of Debian's sh tell the line, and this one
// does not know more than that most commands are one line.
func (p *process) says(ctx context.Context) string {
	switch {
	case shellOf(ctx) == "bash" && p.tty != nil:
		return "bash: "
	case shellOf(ctx) == "bash":
		return "bash: line 1: "
	case p.job.Family == image.Debian:
		return "sh: 1: "
	}
	return "sh: "
}

// prompt is what a shell asks for commands with in a directory.
func (p *process) prompt(dir string) string {
	u := p.job.User
	if dir == u.Home && dir != "/" {
		dir = "~"
	}
	mark := "# "
	if u.UID != 0 {
		mark = "$ "
	}
	if p.job.Family != image.Debian {
		return dir + " " + mark
	}
	if u.Name == strconv.FormatInt(u.UID, 10) {
		u.Name = "I have no name!"
	}
	return u.Name + "@" + p.job.Hostname + ":" + dir + mark
}

// notOpened begins the shell's complaint about a file that it was to open, or to make.
func (p *process) notOpened(ctx context.Context, write bool) string {
	switch {
	case shellOf(ctx) == "bash":
		return ""
	case p.job.Family == image.Debian && write:
		return "cannot create "
	case p.job.Family == image.Debian:
		return "cannot open "
	case write:
		return "can't create "
	}
	return "can't open "
}
