package awk

import (
	"math"
	"strconv"
	"strings"
)

// value is a string, a number, or input that looks like a number and is both.
type value struct {
	s     string
	n     float64
	isNum bool // n counts, s is made from it
	input bool // s came from outside: it is a number if it looks like one
}

func num(n float64) value { return value{n: n, isNum: true} }
func str(s string) value  { return value{s: s} }
func given(s string) value {
	return value{s: s, input: true}
}

func boolean(b bool) value {
	if b {
		return num(1)
	}
	return num(0)
}

// number is the value as one: of a string, what it begins with.
func (v value) number() float64 {
	if v.isNum {
		return v.n
	}
	s := strings.TrimLeft(v.s, " \t\n\r")
	sign := 1.0
	if s != "" && (s[0] == '-' || s[0] == '+') {
		if s[0] == '-' {
			sign = -1
		}
		s = s[1:]
	}
	n, _ := strconv.ParseFloat(s[:numberLen(s)], 64) // nothing at the beginning: 0
	return sign * n
}

// string is the value as text; format is CONVFMT or OFMT.
func (v value) string(format string) string {
	if !v.isNum {
		return v.s
	}
	if v.n == math.Trunc(v.n) && math.Abs(v.n) < 1e16 {
		return strconv.FormatInt(int64(v.n), 10)
	}
	return sprintf(format, []value{v})
}

// numeric says whether the value is compared as a number.
func (v value) numeric() bool {
	if v.isNum {
		return true
	}
	if !v.input {
		return false
	}
	s := strings.Trim(v.s, " \t\n\r")
	s = strings.TrimPrefix(strings.TrimPrefix(s, "-"), "+")
	return s != "" && numberLen(s) == len(s)
}

func (v value) truth() bool {
	if v.isNum || v.numeric() {
		return v.number() != 0
	}
	return v.s != ""
}

// compare orders two values: as numbers if both are, else as text.
func compare(a, b value, format string) int {
	if a.numeric() && b.numeric() || a.isNum && b == (value{}) || b.isNum && a == (value{}) {
		x, y := a.number(), b.number()
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	}
	return strings.Compare(a.string(format), b.string(format))
}
