package say

import (
	"strings"

	"golang.org/x/text/width"
)

// Columns is the width that kubemint writes for.
const Columns = 80

// Width returns how many terminal columns a text takes: Hangul and other wide
// characters take two.
func Width(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

func runeWidth(r rune) int {
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// Wrap breaks each line of a text at spaces so that it fits into the given
// columns, and puts indent before every line. Lines that begin with a space are
// commands or tables and stay as they are.
func Wrap(s string, columns int, indent string) string {
	var out []string
	room := columns - Width(indent)
	for _, line := range strings.Split(s, "\n") {
		if Width(line) <= room || strings.HasPrefix(line, " ") {
			out = append(out, strings.TrimRight(indent+line, " "))
			continue
		}
		current := ""
		for _, word := range strings.Fields(line) {
			switch {
			case current == "":
				current = word
			case Width(current)+1+Width(word) <= room:
				current += " " + word
			default:
				out = append(out, indent+current)
				current = word
			}
		}
		out = append(out, indent+current)
	}
	return strings.Join(out, "\n")
}

// Pad fills a text up with spaces to the given columns.
func Pad(s string, columns int) string {
	if n := columns - Width(s); n > 0 {
		return s + strings.Repeat(" ", n)
	}
	return s
}
