package awk

import (
	"slices"
	"strings"
)

func (m *machine) statements(list []stmt) jump {
	for _, s := range list {
		if j := m.statement(s); j != "" {
			return j
		}
	}
	return ""
}

func (m *machine) statement(s stmt) jump {
	m.tick()
	switch s := s.(type) {
	case exprStmt:
		m.eval(s.e)
	case printStmt:
		m.print(s)
	case ifStmt:
		if m.eval(s.cond).truth() {
			return m.statements(s.yes)
		}
		return m.statements(s.no)
	case loopStmt:
		return m.loop(s)
	case eachStmt:
		var keys []string
		for k := range m.arrays[s.array] {
			keys = append(keys, k)
		}
		slices.SortFunc(keys, func(a, b string) int { return compare(given(a), given(b), "%.6g") })
		for _, k := range keys {
			m.assign(name{s.key}, given(k))
			switch j := m.statements(s.body); j {
			case "", "continue":
			case "break":
				return ""
			default:
				return j
			}
		}
	case jumpStmt:
		if s.code != nil {
			m.vars[exitCode] = m.eval(s.code)
		}
		return jump(s.what)
	case deleteStmt:
		if len(s.index) == 0 {
			m.count -= len(m.arrays[s.array])
			delete(m.arrays, s.array)
			return ""
		}
		key := m.key(s.index)
		if _, ok := m.arrays[s.array][key]; ok {
			m.count--
			delete(m.arrays[s.array], key)
		}
	}
	return ""
}

func (m *machine) loop(s loopStmt) jump {
	if s.init != nil {
		m.statement(s.init)
	}
	for first := s.first; ; first = false {
		m.tick()
		if !first && s.cond != nil && !m.eval(s.cond).truth() {
			return ""
		}
		switch j := m.statements(s.body); j {
		case "", "continue":
		case "break":
			return ""
		default:
			return j
		}
		if s.next != nil {
			m.statement(s.next)
		}
	}
}

func (m *machine) print(s printStmt) {
	var text string
	if s.format {
		args := make([]value, len(s.args))
		for i, a := range s.args {
			args[i] = m.eval(a)
		}
		text = sprintf(m.textOf(args[0]), args[1:])
	} else {
		parts := make([]string, len(s.args))
		for i, a := range s.args {
			parts[i] = m.eval(a).string(m.text("OFMT"))
		}
		if len(parts) == 0 {
			parts = []string{m.field(0).s}
		}
		text = strings.Join(parts, m.text("OFS")) + m.text("ORS")
	}
	if s.to == nil {
		m.write(m.out, m.bounded(text))
		return
	}
	m.write(m.output(m.textOf(m.eval(s.to)), s.append), m.bounded(text))
}
