package tools

import (
	"context"
	"fmt"
	"strings"
)

func which(_ context.Context, c *Call) int {
	code := 0
	for _, n := range c.Args[1:] {
		if strings.HasPrefix(n, "-") {
			continue
		}
		if found, ok := Find(c, n); ok {
			fmt.Fprintln(c.Out, found)
			continue
		}
		code = 1
	}
	return code
}

// Find is the path of a command: of a tool, or of a file that may be run.
func Find(c *Call, name string) (string, bool) {
	base := Base(name)
	if Lookup(base) != nil || IsShell(base) {
		if base != name {
			return name, true
		}
		return "/bin/" + base, true
	}
	if strings.Contains(name, "/") {
		i, err := c.FS.Stat(c.Path(name))
		return name, err == nil && i.Mode().IsRegular() && c.FS.Access(c.Path(name), false, false, true) == nil
	}
	for dir := range strings.SplitSeq(c.Getenv("PATH"), ":") {
		full := strings.TrimSuffix(dir, "/") + "/" + name
		if i, err := c.FS.Stat(full); err == nil && i.Mode().IsRegular() && c.FS.Access(full, false, false, true) == nil {
			return full, true
		}
	}
	return "", false
}

// IsShell says whether a name is that of the shell.
func IsShell(name string) bool {
	switch name {
	case "sh", "bash", "ash", "dash":
		return true
	}
	return false
}
