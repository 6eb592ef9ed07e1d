package shell

import "testing"

// What is missing or wrong is complained of in the words of the usual programs.
func TestComplaints(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, tc := range []struct {
		script, out, errs string
		code              int32
	}{
		{`printf '%d\n' abc`, "0\n", "printf: abc: invalid number\n", 1},
		{`printf '%s=%d\n' a 1 b x1`, "a=1\nb=0\n", "printf: x1: invalid number\n", 1},
		{`printf '%s %d %% %5s|\n' abc 0x10 xyz`, "abc 16 %   xyz|\n", "", 0},
		{`printf '%x %s\n' 255 -- && printf 'plain\n' abc`, "ff --\nplain\n", "", 0},
		{"cp /nosuch /tmp/x", "", "cp: cannot stat '/nosuch': No such file or directory\n", 1},
		{"mv nosuch other", "", "mv: cannot stat 'nosuch': No such file or directory\n", 1},
		{"tar xf /tmp/nosuch.tar", "", "tar: /tmp/nosuch.tar: Cannot open: No such file or directory\ntar: Error is not recoverable: exiting now\n", 2},
		{"tar cf /nosuch/a.tar /etc/hostname", "", "tar: /nosuch/a.tar: Cannot open: No such file or directory\ntar: Error is not recoverable: exiting now\n", 2},
		{`echo '{"a":1}' | jq -c`, "{\"a\":1}\n", "", 0},
	} {
		if out, errs, code := b.run(tc.script); out != tc.out || errs != tc.errs || code != tc.code {
			t.Errorf("%s: code %d, printed %q, %q; want %d, %q, %q", tc.script, code, out, errs, tc.code, tc.out, tc.errs)
		}
	}
	term := b.terminal("sh")
	term.sees("# ")
	term.types("jq\r")
	term.sees("Usage:\tjq [OPTIONS] FILTER [FILES...]\r\n")
	term.types("exit\r")
	term.ends(2)
}
