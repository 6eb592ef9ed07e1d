package awk

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"unicode/utf8"
)

// records reads all input and runs the rules for each record.
func (m *machine) records() {
	any := false
	for _, a := range m.files {
		if n, v, ok := strings.Cut(a, "="); ok && n != "" && letter(n[0]) && strings.IndexFunc(n, func(r rune) bool { return r > 127 || !letter(byte(r)) && !digit(byte(r)) }) < 0 {
			m.assign(name{n}, given(unescape(v)))
			continue
		}
		any = true
		if m.file(a) == "exit" {
			return
		}
	}
	if !any {
		m.file("-")
	}
}

func (m *machine) file(file string) jump {
	in := m.c.In
	if file != "-" {
		f, err := m.c.Open(file)
		if err != nil {
			panic(failure{err})
		}
		defer func() { _ = f.Close() }()
		in = f
	}
	m.vars["FILENAME"], m.vars["FNR"] = str(file), num(0)
	scan := bufio.NewScanner(in)
	scan.Buffer(make([]byte, 0, 4096), maxLength)
	scan.Split(m.separate)
	for scan.Scan() {
		m.tick()
		m.vars["NR"] = num(m.vars["NR"].number() + 1)
		m.vars["FNR"] = num(m.vars["FNR"].number() + 1)
		m.setRecord(scan.Text())
		if m.process() == "exit" {
			return "exit"
		}
		if m.ctx.Err() != nil {
			panic(failure{m.ctx.Err()})
		}
	}
	if err := scan.Err(); err != nil {
		panic(failure{err})
	}
	return ""
}

// separate finds the end of a record: RS, or an empty line if that is empty.
func (m *machine) separate(data []byte, atEnd bool) (advance int, record []byte, err error) {
	if atEnd && len(data) == 0 {
		return 0, nil, nil
	}
	rs := m.text("RS")
	skip := 0
	if rs == "" {
		for skip < len(data) && data[skip] == '\n' {
			skip++
		}
		rs = "\n\n"
		if skip == len(data) {
			return skip, nil, nil
		}
	}
	if i := bytes.Index(data[skip:], []byte(rs)); i >= 0 {
		return skip + i + len(rs), data[skip : skip+i], nil
	}
	if atEnd {
		return len(data), bytes.TrimSuffix(data[skip:], []byte("\n")), nil
	}
	return 0, nil, nil
}

func (m *machine) setRecord(s string) {
	m.record, m.split, m.fields = given(s), false, nil
}

// splitRecord makes the fields.
func (m *machine) splitRecord() {
	if m.split {
		return
	}
	m.split = true
	fs := m.text("FS")
	if m.text("RS") == "" && fs != " " {
		fs = "\n|" + fs
	}
	parts := m.parts(m.record.s, fs)
	m.fields = make([]value, len(parts))
	for i, p := range parts {
		m.fields[i] = given(p)
	}
	m.vars["NF"] = num(float64(len(parts)))
}

// parts splits a text: at blanks, at a character, or at a regular expression.
func (m *machine) parts(s, by string) []string {
	var out []string
	switch {
	case by == " ":
		out = strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' })
	case s == "":
	case by == "":
		out = strings.Split(s, "")
	case utf8.RuneCountInString(by) == 1 && by != `\`:
		out = strings.Split(s, by)
	default:
		out = m.regexp(by).Split(s, -1)
	}
	if len(out) > maxFields {
		panic(failure{errFields})
	}
	return out
}

// field is $i.
func (m *machine) field(i int) value {
	if i == 0 {
		return m.record
	}
	m.splitRecord()
	if i < 0 {
		panic(failure{errFieldNumber})
	}
	if i > len(m.fields) {
		return value{}
	}
	return m.fields[i-1]
}

func (m *machine) setField(i int, v value) {
	if i == 0 {
		m.setRecord(v.string(m.text("CONVFMT")))
		return
	}
	m.splitRecord()
	m.resize(max(i, len(m.fields)))
	m.fields[i-1] = given(v.string(m.text("CONVFMT")))
	m.rebuild()
}

// resize is an assignment to NF.
func (m *machine) resize(n int) {
	if n < 0 || n > maxFields {
		panic(failure{errFields})
	}
	for len(m.fields) < n {
		m.fields = append(m.fields, value{input: true})
	}
	m.fields = m.fields[:n]
	m.vars["NF"] = num(float64(n))
}

// rebuild makes the record anew of its fields.
func (m *machine) rebuild() {
	list := make([]string, len(m.fields))
	for i, f := range m.fields {
		list[i] = f.s
	}
	m.record = given(m.bounded(strings.Join(list, m.text("OFS"))))
}

// output is where print > file goes.
func (m *machine) output(file string, append bool) io.Writer {
	switch file {
	case "/dev/stdout", "-":
		return m.out
	case "/dev/stderr":
		return m.c.Err
	}
	if o := m.outputs[file]; o != nil {
		return o
	}
	if len(m.outputs) >= maxOutputs || m.c.Create == nil {
		panic(failure{errOutputs})
	}
	f, err := m.c.Create(file, append)
	if err != nil {
		panic(failure{err})
	}
	o := &output{bufio.NewWriter(f), f}
	m.outputs[file] = o
	return o
}
