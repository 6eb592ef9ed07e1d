package footprint

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"strconv"
	"syscall"
)

// forgetProgram takes what this process only reads of its own program, code and constants, out of its memory; the next use maps it from
// the file again. Whatever goes wrong, nothing is given up.
func forgetProgram() {
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	smaps, err := os.Open("/proc/self/smaps")
	if err != nil {
		return
	}
	defer smaps.Close()
	for _, m := range unchanged(smaps, program) {
		_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, m.from, m.to-m.from, syscall.MADV_DONTNEED)
	}
}

// mappedFiles is how many bytes of files this process has mapped in memory, or 0 where the kernel does not say.
func mappedFiles() uint64 {
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	parts := bytes.Fields(data)
	if len(parts) < 3 {
		return 0
	}
	pages, err := strconv.ParseUint(string(parts[2]), 10, 64)
	if err != nil {
		return 0
	}
	return pages * uint64(os.Getpagesize())
}

// unchanged lists the mappings of the program's file that cannot be written and have no page of the process's own, in memory or swapped
// out: there the file is what the memory holds. A program's file stays where it is mapped for as long as the process lives, so that what
// was read here is true when it is used.
func unchanged(smaps io.Reader, program string) []mapping {
	var all []mapping
	var at mapping
	own := true
	for lines := bufio.NewScanner(smaps); lines.Scan(); {
		line := lines.Bytes()
		if next, ok := parseMapping(line); ok {
			at, own = next, false
			continue
		}
		name, size, _ := bytes.Cut(line, []byte(":"))
		switch string(name) {
		case "Anonymous", "Swap":
			own = own || string(bytes.TrimSpace(size)) != "0 kB"
		case "VmFlags": // the end of an entry
			if at.path == program && !at.writable && !own {
				all = append(all, at)
			}
		}
	}
	return all
}

// mapping is a part of the address space, as the first line of its entry in smaps says.
type mapping struct {
	from, to uintptr
	writable bool
	path     string
}

// parseMapping reads a line such as "00400000-0089e000 r-xp 00000000 fd:00 1234   /path/of/the file".
func parseMapping(line []byte) (m mapping, ok bool) {
	parts := bytes.SplitN(line, []byte(" "), 6)
	if len(parts) < 6 || len(parts[1]) != 4 {
		return m, false
	}
	low, high, ok := bytes.Cut(parts[0], []byte("-"))
	if !ok {
		return m, false
	}
	from, err1 := strconv.ParseUint(string(low), 16, strconv.IntSize)
	to, err2 := strconv.ParseUint(string(high), 16, strconv.IntSize)
	if err1 != nil || err2 != nil || to <= from {
		return m, false
	}
	return mapping{
		from: uintptr(from), to: uintptr(to), writable: parts[1][1] == 'w',
		path: string(bytes.TrimLeft(parts[5], " ")),
	}, true
}
