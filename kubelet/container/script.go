package container

import (
	"strconv"
	"strings"
	"time"
)

// step is one played command.
type step struct {
	sleep    time.Duration
	forever  bool
	print    string
	toStderr bool
	ends     bool // the script ends here
	code     int32
}

// parse turns a command into steps, or nil if it is none that can be played: then the container
// idles. A script is sh -c TEXT whose TEXT consists of such commands between ; && and line ends.
func parse(command, args []string) []step {
	words := append(append([]string(nil), command...), args...)
	if len(words) == 0 {
		return nil
	}
	switch base(words[0]) {
	case "sh", "bash", "ash":
		if len(words) == 1 { // without a terminal it reads the end of its input at once
			return []step{{ends: true}}
		}
		if len(words) < 3 || words[1] != "-c" && words[1] != "-ec" {
			return nil
		}
		var out []step
		for _, line := range strings.FieldsFunc(strings.ReplaceAll(words[2], "&&", ";"), func(r rune) bool { return r == ';' || r == '\n' }) {
			line = strings.TrimSpace(line)
			if line == "" {
				continue
			}
			s, ok := one(fields(line))
			if !ok {
				return nil
			}
			out = append(out, s)
			if s.forever || s.ends {
				break
			}
		}
		return out
	}
	s, ok := one(words)
	if !ok {
		return nil
	}
	return []step{s}
}

// one plays a single command.
func one(words []string) (step, bool) {
	rest := words[1:]
	for _, w := range rest {
		if strings.ContainsAny(w, "|<>`$&*?[]{}~#\\!()") {
			return step{}, false
		}
	}
	switch base(words[0]) {
	case "true", ":":
		return step{}, true
	case "false":
		return step{ends: true, code: 1}, true
	case "exit":
		code := 0
		if len(rest) > 0 {
			n, err := strconv.Atoi(rest[0])
			if err != nil {
				return step{}, false
			}
			code = n & 0xff
		}
		return step{ends: true, code: int32(code)}, true
	case "echo":
		if len(rest) > 0 && strings.HasPrefix(rest[0], "-") {
			return step{}, false
		}
		return step{print: strings.Join(rest, " ") + "\n"}, true
	case "sleep":
		var total time.Duration
		for _, w := range rest {
			if w == "infinity" || w == "inf" {
				return step{forever: true}, true
			}
			d, ok := span(w)
			if !ok {
				return step{}, false
			}
			total += d
		}
		return step{sleep: total}, len(rest) > 0
	case "tail":
		if len(rest) == 2 && rest[0] == "-f" && rest[1] == "/dev/null" {
			return step{forever: true}, true
		}
	}
	return step{}, false
}

// span reads a duration as sleep does: seconds, or a number with s, m, h or d.
func span(w string) (time.Duration, bool) {
	unit := time.Second
	if n := len(w); n > 1 {
		if u, ok := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}[w[n-1]]; ok {
			unit, w = u, w[:n-1]
		}
	}
	f, err := strconv.ParseFloat(w, 64)
	if err != nil || f < 0 || f > 1e9 {
		return 0, false
	}
	return time.Duration(f * float64(unit)), true
}

// fields splits a line at blanks, keeping what stands in quotes together.
func fields(line string) []string {
	var out []string
	var word strings.Builder
	var quote rune
	open := false
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			quote, open = r, true
		case quote == 0 && (r == ' ' || r == '\t'):
			if open {
				out = append(out, word.String())
				word.Reset()
				open = false
			}
		default:
			word.WriteRune(r)
			open = true
		}
	}
	if open {
		out = append(out, word.String())
	}
	if len(out) == 0 {
		out = []string{line}
	}
	return out
}

func base(w string) string { return w[strings.LastIndexByte(w, '/')+1:] }
