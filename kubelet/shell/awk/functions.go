package awk

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// call runs one of awk's own functions.
func (m *machine) call(c call) value {
	need := func(least, most int) {
		if len(c.args) < least || len(c.args) > most {
			panic(failure{fmt.Errorf("%s takes another number of arguments", c.name)})
		}
	}
	arg := func(i int) string { return m.textOf(m.eval(c.args[i])) }
	n := func(i int) float64 { return m.eval(c.args[i]).number() }
	switch c.name {
	case "length":
		need(0, 1)
		if len(c.args) == 0 {
			return num(float64(utf8.RuneCountInString(m.field(0).s)))
		}
		if v, ok := c.args[0].(name); ok && m.arrays[v.v] != nil {
			return num(float64(len(m.arrays[v.v])))
		}
		return num(float64(utf8.RuneCountInString(arg(0))))
	case "substr":
		need(2, 3)
		length := math.Inf(1)
		if len(c.args) == 3 {
			length = n(2)
		}
		return str(substr(arg(0), n(1), length))
	case "index":
		need(2, 2)
		s := arg(0)
		at := strings.Index(s, arg(1))
		if at < 0 {
			return num(0)
		}
		return num(float64(utf8.RuneCountInString(s[:at]) + 1))
	case "tolower", "toupper":
		need(1, 1)
		if c.name == "tolower" {
			return str(strings.ToLower(arg(0)))
		}
		return str(strings.ToUpper(arg(0)))
	case "split":
		need(2, 3)
		return m.splitInto(c)
	case "sub", "gsub":
		need(2, 3)
		return m.substitute(c)
	case "match":
		need(2, 2)
		s := arg(0)
		at := m.pattern(c.args[1]).FindStringIndex(s)
		if at == nil {
			m.vars["RSTART"], m.vars["RLENGTH"] = num(0), num(-1)
			return num(0)
		}
		m.vars["RSTART"] = num(float64(utf8.RuneCountInString(s[:at[0]]) + 1))
		m.vars["RLENGTH"] = num(float64(utf8.RuneCountInString(s[at[0]:at[1]])))
		return m.vars["RSTART"]
	case "sprintf":
		need(1, 1000)
		args := make([]value, 0, len(c.args))
		for _, a := range c.args[1:] {
			args = append(args, m.eval(a))
		}
		return str(m.bounded(sprintf(arg(0), args)))
	case "int":
		need(1, 1)
		return num(math.Trunc(n(0)))
	case "atan2":
		need(2, 2)
		return num(math.Atan2(n(0), n(1)))
	case "sqrt", "exp", "log", "sin", "cos":
		need(1, 1)
		f := map[string]func(float64) float64{"sqrt": math.Sqrt, "exp": math.Exp, "log": math.Log, "sin": math.Sin, "cos": math.Cos}
		return num(f[c.name](n(0)))
	case "systime":
		need(0, 0)
		if m.c.Now == nil {
			return num(0)
		}
		return num(float64(m.c.Now()))
	case "srand":
		need(0, 1)
		old := m.random
		m.random = 0
		if len(c.args) == 1 {
			m.random = uint64(whole(n(0)))
		}
		return num(float64(old))
	case "rand":
		need(0, 0)
		m.random = m.random*6364136223846793005 + 1442695040888963407 // the same row each run, as awk's
		return num(float64(m.random>>11) / (1 << 53))
	}
	panic(failure{errUnknown(c.name)})
}

// substr counts characters from 1, as awk rounds.
func substr(s string, from, length float64) string {
	r := []rune(s)
	begin := math.Round(from)
	end := math.Round(begin + length)
	if math.IsNaN(begin) || math.IsNaN(end) {
		return ""
	}
	begin, end = math.Max(begin, 1), math.Min(end, float64(len(r)+1))
	if begin >= end {
		return ""
	}
	return string(r[int(begin)-1 : int(end)-1])
}

func (m *machine) splitInto(c call) value {
	to, ok := c.args[1].(name)
	if !ok {
		panic(failure{fmt.Errorf("split needs an array")})
	}
	by := m.text("FS")
	if len(c.args) == 3 {
		if r, ok := c.args[2].(regex); ok {
			by = r.source
			if utf8.RuneCountInString(by) == 1 && by != " " {
				by = "(" + by + ")" // a regular expression all the same
			}
		} else {
			by = m.textOf(m.eval(c.args[2]))
		}
	}
	parts := m.parts(m.textOf(m.eval(c.args[0])), by)
	m.statement(deleteStmt{array: to.v})
	m.arrays[to.v] = map[string]value{}
	for i, p := range parts {
		m.set(to.v, fmt.Sprint(i+1), given(p))
	}
	return num(float64(len(parts)))
}

// substitute is sub and gsub: & stands for what was found, \& for itself.
func (m *machine) substitute(c call) value {
	var place expr = field{number{0}}
	if len(c.args) == 3 {
		place = c.args[2]
	}
	re, with, in := m.pattern(c.args[0]), m.textOf(m.eval(c.args[1])), m.textOf(m.eval(place))
	most := 1
	if c.name == "gsub" {
		most = -1
	}
	found := re.FindAllStringIndex(in, most)
	if len(found) == 0 {
		return num(0)
	}
	var b strings.Builder
	last := 0
	for _, at := range found {
		b.WriteString(in[last:at[0]])
		for i := 0; i < len(with); i++ {
			switch {
			case with[i] == '\\' && i+1 < len(with) && (with[i+1] == '&' || with[i+1] == '\\'):
				i++
				b.WriteByte(with[i])
			case with[i] == '&':
				b.WriteString(in[at[0]:at[1]])
			default:
				b.WriteByte(with[i])
			}
		}
		if b.Len() > maxLength {
			panic(failure{errLength})
		}
		last = at[1]
	}
	b.WriteString(in[last:])
	switch place.(type) {
	case name, field, element:
		m.assign(place, str(m.bounded(b.String())))
	}
	return num(float64(len(found)))
}
