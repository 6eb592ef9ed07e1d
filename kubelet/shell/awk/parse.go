package awk

import (
	"fmt"
)

// maxNesting bounds how deep statements and expressions lie within one another.
const maxNesting = 200

// parser turns the words of a program into rules. It gives up by a panic of type syntaxError.
type parser struct {
	in    []token
	at    int
	depth int
	// noGreater: > is where output goes, noIn: "in" belongs to the loop.
	noGreater bool
}

type syntaxError struct{ error }

func parse(src string) (rules []*rule, err error) {
	in, err := scan(src)
	if err != nil {
		return nil, err
	}
	defer func() {
		if v := recover(); v != nil {
			se, ok := v.(syntaxError)
			if !ok {
				panic(v)
			}
			err = se.error
		}
	}()
	p := &parser{in: in}
	p.blanks()
	for p.kind() != "eof" {
		rules = append(rules, p.rule())
		p.blanks()
	}
	return rules, nil
}

func (p *parser) kind() string { return p.in[p.at].kind }
func (p *parser) peek() string { return p.in[min(p.at+1, len(p.in)-1)].kind }

func (p *parser) fail() {
	t := p.in[p.at]
	what := t.text
	if what == "" {
		what = t.kind
	}
	panic(syntaxError{fmt.Errorf("syntax error at or near %s", what)})
}

func (p *parser) deeper() func() {
	if p.depth++; p.depth > maxNesting {
		panic(syntaxError{fmt.Errorf("more than %d levels of nesting", maxNesting)})
	}
	return func() { p.depth-- }
}

func (p *parser) next() token {
	t := p.in[p.at]
	if p.at < len(p.in)-1 {
		p.at++
	}
	return t
}

func (p *parser) take(kind string) bool {
	if p.kind() != kind {
		return false
	}
	p.next()
	return true
}

func (p *parser) want(kind string) token {
	if p.kind() != kind {
		p.fail()
	}
	return p.next()
}

// blanks skips what may stand between statements, lines what may stand within one.
func (p *parser) blanks() {
	for p.kind() == "newline" || p.kind() == ";" {
		p.next()
	}
}

func (p *parser) lines() {
	for p.kind() == "newline" {
		p.next()
	}
}

func (p *parser) rule() *rule {
	r := &rule{}
	switch p.kind() {
	case "BEGIN":
		p.next()
		r.begin = true
	case "END":
		p.next()
		r.end = true
	case "{":
	default:
		r.from = p.expr()
		if p.take(",") {
			p.lines()
			r.to = p.expr()
		}
	}
	if p.kind() == "{" {
		r.body = p.block()
	} else {
		if r.begin || r.end {
			p.fail()
		}
		r.printAll = true
	}
	return r
}

func (p *parser) block() []stmt {
	defer p.deeper()()
	p.want("{")
	var out []stmt
	p.blanks()
	for p.kind() != "}" {
		out = append(out, p.stmt())
		p.blanks()
	}
	p.next()
	return out
}

// body is the statement or block after if, while and for.
func (p *parser) body() []stmt {
	defer p.deeper()()
	p.lines()
	switch {
	case p.kind() == "{":
		return p.block()
	case p.take(";"):
		return nil
	}
	return []stmt{p.stmt()}
}

func (p *parser) stmt() stmt {
	switch p.kind() {
	case "{":
		return ifStmt{cond: number{1}, yes: p.block()}
	case "if":
		p.next()
		s := ifStmt{cond: p.condition()}
		s.yes = p.body()
		mark := p.at
		p.blanks()
		if p.take("else") {
			s.no = p.body()
		} else {
			p.at = mark
		}
		return s
	case "while":
		p.next()
		s := loopStmt{cond: p.condition()}
		s.body = p.body()
		return s
	case "do":
		p.next()
		s := loopStmt{first: true, body: p.body()}
		p.blanks()
		p.want("while")
		s.cond = p.condition()
		p.end()
		return s
	case "for":
		return p.loop()
	}
	s := p.simple()
	p.end()
	return s
}

// end is what a statement ends with.
func (p *parser) end() {
	switch p.kind() {
	case ";", "newline":
		p.next()
	case "}", "eof":
	default:
		p.fail()
	}
}

func (p *parser) condition() expr {
	p.want("(")
	e := p.expr()
	p.want(")")
	return e
}

func (p *parser) loop() stmt {
	p.next()
	p.want("(")
	if p.kind() == "name" && p.peek() == "in" {
		mark := p.at
		key := p.next().text
		p.next()
		array := p.want("name").text
		if p.take(")") {
			return eachStmt{key, array, p.body()}
		}
		p.at = mark
	}
	var s loopStmt
	if p.kind() != ";" {
		s.init = p.simple()
	}
	p.want(";")
	p.lines()
	if p.kind() != ";" {
		s.cond = p.expr()
	}
	p.want(";")
	p.lines()
	if p.kind() != ")" {
		s.next = p.simple()
	}
	p.want(")")
	s.body = p.body()
	return s
}

// simple is a statement without statements in it.
func (p *parser) simple() stmt {
	switch p.kind() {
	case "print", "printf":
		return p.print()
	case "next", "break", "continue":
		return jumpStmt{what: p.next().kind}
	case "exit":
		p.next()
		s := jumpStmt{what: "exit"}
		switch p.kind() {
		case ";", "newline", "}", "eof":
		default:
			s.code = p.expr()
		}
		return s
	case "delete":
		p.next()
		s := deleteStmt{array: p.want("name").text}
		if p.take("[") {
			s.index = p.list("]")
		}
		return s
	}
	return exprStmt{p.expr()}
}

func (p *parser) print() stmt {
	s := printStmt{format: p.next().kind == "printf"}
	p.noGreater = true
	switch p.kind() {
	case ";", "newline", "}", "eof", ">", ">>", "|":
	default:
		s.args = append(s.args, p.expr())
		for p.take(",") {
			p.lines()
			s.args = append(s.args, p.expr())
		}
		if g, ok := s.args[0].(groupList); ok && len(s.args) == 1 {
			s.args = g.list
		}
	}
	p.noGreater = false
	if s.format && len(s.args) == 0 {
		p.fail()
	}
	switch p.kind() {
	case ">", ">>":
		s.append = p.next().kind == ">>"
		s.to = p.concat()
	case "|":
		panic(syntaxError{fmt.Errorf("pipes of awk are not simulated: pipe its output in the shell")})
	}
	return s
}

// list is expressions up to the closing word.
func (p *parser) list(end string) []expr {
	defer p.open()()
	var out []expr
	p.lines()
	for p.kind() != end {
		out = append(out, p.expr())
		p.lines()
		if !p.take(",") {
			break
		}
		p.lines()
	}
	p.want(end)
	return out
}

// open is for what stands in parentheses: > means greater there.
func (p *parser) open() func() {
	was := p.noGreater
	p.noGreater = false
	return func() { p.noGreater = was }
}
