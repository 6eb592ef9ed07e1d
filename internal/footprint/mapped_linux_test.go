package footprint

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseMapping(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]mapping{
		"00400000-0089e000 r-xp 00000000 fd:00 1234                       /usr/bin/kubemint": {from: 0x400000, to: 0x89e000, path: "/usr/bin/kubemint"},
		"00400000-0089e000 rw-s 00000000 fd:00 1234 /a file of mine":                         {from: 0x400000, to: 0x89e000, writable: true, path: "/a file of mine"},
		"7ffd0000-7ffe0000 rw-p 00000000 00:00 0 ":                                           {from: 0x7ffd0000, to: 0x7ffe0000, writable: true},
	} {
		got, ok := parseMapping([]byte(line))
		if !ok || got != want {
			t.Errorf("%q: %s", line, cmp.Diff(want, got, cmp.AllowUnexported(mapping{})))
		}
	}
	for _, line := range []string{"", "Rss:                 4 kB", "VmFlags: rd ex mr mw me sd", "x-y r-xp 0 0 0 /a", "2-1 r-xp 0 0 0 /a", "1-2 r 0 0 0 /a"} {
		if m, ok := parseMapping([]byte(line)); ok {
			t.Errorf("%q: %+v", line, m)
		}
	}
}

func TestOnlyUnchangedPartsOfFilesAreForgotten(t *testing.T) {
	t.Parallel()
	entry := func(line, own, swapped string) string {
		return line + "\nSize:  4 kB\nRss:   4 kB\nAnonymous:             " + own + " kB\nSwap:                  " + swapped + " kB\nVmFlags: rd ex\n"
	}
	smaps := entry("1000-2000 r-xp 0 fd:00 7    /bin/km", "0", "0") + entry("2000-3000 r--p 0 fd:00 7    /bin/km", "0", "0") +
		entry("3000-4000 r--p 0 fd:00 7    /bin/km", "4", "0") + // written when it was loaded, protected since
		entry("9000-a000 r--p 0 fd:00 7    /bin/km", "0", "4") + // the same, swapped out
		entry("4000-5000 rw-p 0 fd:00 7    /bin/km", "0", "0") + entry("5000-6000 rw-s 0 fd:00 8    /a/writable file", "0", "0") +
		entry("6000-7000 r--s 0 fd:00 8    /a/data base", "0", "0") + entry("7000-8000 r--p 0 00:00 0 ", "0", "0") + entry("8000-9000 r-xp 0 00:00 0 [vdso]", "0", "0")
	want := []mapping{{from: 0x1000, to: 0x2000, path: "/bin/km"}, {from: 0x2000, to: 0x3000, path: "/bin/km"}}
	if diff := cmp.Diff(want, unchanged(strings.NewReader(smaps), "/bin/km"), cmp.AllowUnexported(mapping{})); diff != "" {
		t.Error(diff)
	}
}

func TestForgottenCodeStillRuns(t *testing.T) {
	t.Parallel()
	smaps, err := os.Open("/proc/self/smaps")
	if err != nil {
		t.Skip(err)
	}
	defer smaps.Close()
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		t.Skip(err)
	}
	if len(unchanged(smaps, program)) == 0 {
		t.Error("nothing of this program could be forgotten")
	}
	for i := range 20 {
		forgetProgram()
		if got, want := strings.Repeat("a", i)+strconv.Itoa(i), len(strconv.Itoa(i))+i; len(got) != want {
			t.Fatalf("%q is not %d long", got, want)
		}
	}
}

func TestTheKernelTellsWhatIsMapped(t *testing.T) {
	t.Parallel()
	if got := mappedFiles(); got == 0 || got > 1<<40 {
		t.Errorf("%d bytes of files are mapped", got)
	}
}
