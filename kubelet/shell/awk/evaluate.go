package awk

import (
	"errors"
	"math"
	"regexp"
	"strings"
)

// bounded keeps strings from growing without end.
func (m *machine) bounded(s string) string {
	if len(s) > maxLength {
		panic(failure{errLength})
	}
	return s
}

func (m *machine) textOf(v value) string { return v.string(m.text("CONVFMT")) }

// eval is what an expression comes to.
func (m *machine) eval(e expr) value {
	m.tick()
	switch e := e.(type) {
	case number:
		return num(e.v)
	case text:
		return str(e.v)
	case regex:
		return boolean(m.regexp(e.source).MatchString(m.field(0).s))
	case name:
		if e.v == "NF" {
			m.splitRecord()
		}
		return m.vars[e.v]
	case field:
		return m.field(m.fieldNumber(e))
	case element:
		key := m.key(e.index)
		v, ok := m.arrays[e.array][key]
		if !ok {
			m.set(e.array, key, value{}) // asking makes it
		}
		return v
	case member:
		_, ok := m.arrays[e.array][m.key(e.index)]
		return boolean(ok)
	case group:
		return m.eval(e.of)
	case unary:
		v := m.eval(e.of)
		switch e.op {
		case "!":
			return boolean(!v.truth())
		case "-":
			return num(-v.number())
		}
		return num(v.number())
	case ternary:
		if m.eval(e.cond).truth() {
			return m.eval(e.yes)
		}
		return m.eval(e.no)
	case assign:
		v := m.eval(e.of)
		if e.op != "=" {
			v = m.arithmetic(strings.TrimSuffix(e.op, "="), m.eval(e.to).number(), v.number())
		}
		m.assign(e.to, v)
		return v
	case step:
		old := m.eval(e.to).number()
		m.assign(e.to, num(old+e.by))
		if e.after {
			return num(old)
		}
		return num(old + e.by)
	case call:
		return m.call(e)
	case binary:
		return m.binary(e)
	case groupList:
		panic(failure{errors.New("syntax error: a list where one value is wanted")})
	}
	return value{}
}

func (m *machine) binary(e binary) value {
	switch e.op {
	case "&&":
		return boolean(m.eval(e.a).truth() && m.eval(e.b).truth())
	case "||":
		return boolean(m.eval(e.a).truth() || m.eval(e.b).truth())
	case "~", "!~":
		return boolean(m.pattern(e.b).MatchString(m.textOf(m.eval(e.a))) == (e.op == "~"))
	}
	a, b := m.eval(e.a), m.eval(e.b)
	switch e.op {
	case "":
		return str(m.bounded(m.textOf(a) + m.textOf(b)))
	case "+", "-", "*", "/", "%", "^":
		return m.arithmetic(e.op, a.number(), b.number())
	}
	c := compare(a, b, m.text("CONVFMT"))
	switch e.op {
	case "<":
		return boolean(c < 0)
	case "<=":
		return boolean(c <= 0)
	case "==":
		return boolean(c == 0)
	case "!=":
		return boolean(c != 0)
	case ">":
		return boolean(c > 0)
	}
	return boolean(c >= 0)
}

func (m *machine) arithmetic(op string, a, b float64) value {
	switch op {
	case "+":
		return num(a + b)
	case "-":
		return num(a - b)
	case "*":
		return num(a * b)
	case "^":
		return num(math.Pow(a, b))
	}
	if b == 0 {
		panic(failure{errors.New("division by zero")})
	}
	if op == "/" {
		return num(a / b)
	}
	return num(math.Mod(a, b))
}

// assign gives a variable, field or element a value.
func (m *machine) assign(to expr, v value) {
	switch to := to.(type) {
	case name:
		if to.v == "NF" {
			m.splitRecord()
			m.resize(int(whole(v.number())))
			m.rebuild()
			return
		}
		m.vars[to.v] = v
	case field:
		m.setField(m.fieldNumber(to), v)
	case element:
		m.set(to.array, m.key(to.index), v)
	}
}

func (m *machine) fieldNumber(f field) int {
	n := whole(m.eval(f.of).number())
	if n < 0 {
		panic(failure{errFieldNumber})
	}
	return int(min(n, maxFields+1))
}

// set gives an element a value.
func (m *machine) set(array, key string, v value) {
	if m.arrays[array] == nil {
		m.arrays[array] = map[string]value{}
	}
	if _, ok := m.arrays[array][key]; !ok {
		if m.count++; m.count > maxElements {
			panic(failure{errElements})
		}
	}
	m.arrays[array][key] = v
}

// key is an index as text.
func (m *machine) key(index []expr) string {
	list := make([]string, len(index))
	for i, e := range index {
		list[i] = m.textOf(m.eval(e))
	}
	return strings.Join(list, m.text("SUBSEP"))
}

// pattern is an expression that stands for a regular expression.
func (m *machine) pattern(e expr) *regexp.Regexp {
	if r, ok := e.(regex); ok {
		return m.regexp(r.source)
	}
	return m.regexp(m.textOf(m.eval(e)))
}

const maxRegexes = 500

func (m *machine) regexp(source string) *regexp.Regexp {
	if r := m.regexes[source]; r != nil {
		return r
	}
	r, err := regexp.Compile(source)
	if err != nil {
		panic(failure{err})
	}
	if len(m.regexes) >= maxRegexes {
		clear(m.regexes)
	}
	m.regexes[source] = r
	return r
}
