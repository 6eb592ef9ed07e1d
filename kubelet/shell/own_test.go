package shell

import (
	"os"
	"strings"
	"testing"
)

// What goes into a pipe or the background is no less in the container than the rest: it knows the same users, numbers and input.
func TestShellsInTheBackgroundAreTheContainers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const here = "/home/daemon /home/games/x /root "
	for _, script := range []string{
		"echo ~daemon ~games/x ~root $UID $EUID", "echo ~daemon ~games/x ~root $UID $EUID | cat", "(echo ~daemon ~games/x ~root $UID $EUID) & wait",
		`eval 'echo ~daemon ~games/x ~root $UID $EUID | cat'`, `echo 'echo ~daemon ~games/x ~root $UID $EUID | cat' > /tmp/s; . /tmp/s`,
		"trap 'echo ~daemon ~games/x ~root $UID $EUID | cat' USR1; kill -USR1 $$", "x=~daemon; echo $x ~games/x ~root $UID $EUID",
	} {
		if out, errs, _ := b.run(script); out != here+"0 0\n" {
			t.Errorf("%s: printed %q, %q", script, out, errs)
		}
	}
	for script, want := range map[string]string{
		"[ $$ = $(echo $$ | cat) ] && echo same": "same\n", `echo \~daemon "~daemon" '~daemon' a~daemon x:~daemon`: "~daemon ~daemon ~daemon a~daemon x:~daemon\n",
		"echo 'return 3; echo no' > /tmp/r; f() { . /tmp/r; echo $?; }; f": "3\n", "echo 'echo $1 ~' > /tmp/a; set -- x; . /tmp/a y; echo $1": "y /root\nx\n",
		"printf 'a\\nb\\n' | { read x </dev/stdin; read y </dev/stdin; cat; echo $x $y; }": "a b\n",
	} {
		if out, errs, _ := b.run(script); out != want {
			t.Errorf("%s: printed %q, %q, want %q", script, out, errs, want)
		}
	}
	if passwd, err := os.ReadFile("/etc/passwd"); err == nil {
		user, _, _ := strings.Cut(string(passwd), ":")
		if out, _, _ := b.run("echo ~" + user + " | cat"); user != "root" && out != "/home/"+user+"\n" {
			t.Errorf("the home of %s is %q", user, out)
		}
	}
}
