package awk

import "strconv"

// groupList is several expressions in parentheses: the arguments of print, or an index for "in".
type groupList struct{ list []expr }

func (p *parser) expr() expr {
	defer p.deeper()()
	e := p.ternary()
	switch p.kind() {
	case "=", "+=", "-=", "*=", "/=", "%=", "^=":
		switch e.(type) {
		case name, field, element:
		default:
			p.fail()
		}
		op := p.next().kind
		p.lines()
		return assign{op, e, p.expr()}
	}
	return e
}

func (p *parser) ternary() expr {
	e := p.or()
	if !p.take("?") {
		return e
	}
	p.lines()
	yes := p.expr()
	p.lines()
	p.want(":")
	p.lines()
	return ternary{e, yes, p.expr()}
}

func (p *parser) or() expr {
	e := p.and()
	for p.take("||") {
		p.lines()
		e = binary{"||", e, p.and()}
	}
	return e
}

func (p *parser) and() expr {
	e := p.membership()
	for p.take("&&") {
		p.lines()
		e = binary{"&&", e, p.membership()}
	}
	return e
}

func (p *parser) membership() expr {
	e := p.match()
	for p.take("in") {
		index := []expr{e}
		if g, ok := e.(groupList); ok {
			index = g.list
		}
		e = member{index, p.want("name").text}
	}
	return e
}

func (p *parser) match() expr {
	e := p.compare()
	for p.kind() == "~" || p.kind() == "!~" {
		op := p.next().kind
		e = binary{op, e, p.compare()}
	}
	return e
}

func (p *parser) compare() expr {
	e := p.concat()
	switch p.kind() {
	case "<", "<=", "==", "!=", ">=":
	case ">":
		if p.noGreater {
			return e
		}
	default:
		return e
	}
	op := p.next().kind
	return binary{op, e, p.concat()}
}

func (p *parser) concat() expr {
	e := p.sum()
	for {
		switch p.kind() {
		case "number", "string", "name", "builtin", "$", "(", "!", "-", "+", "++", "--":
			if p.kind() == "!" && p.peek() == "~" {
				return e
			}
			e = binary{"", e, p.sum()}
		default:
			return e
		}
	}
}

func (p *parser) sum() expr {
	e := p.product()
	for p.kind() == "+" || p.kind() == "-" {
		op := p.next().kind
		e = binary{op, e, p.product()}
	}
	return e
}

func (p *parser) product() expr {
	e := p.unary()
	for p.kind() == "*" || p.kind() == "/" || p.kind() == "%" {
		op := p.next().kind
		e = binary{op, e, p.unary()}
	}
	return e
}

func (p *parser) unary() expr {
	defer p.deeper()()
	switch p.kind() {
	case "!", "-", "+":
		op := p.next().kind
		return unary{op, p.unary()}
	}
	return p.power()
}

func (p *parser) power() expr {
	e := p.postfix()
	if p.take("^") {
		return binary{"^", e, p.unary()} // to the right
	}
	return e
}

func (p *parser) postfix() expr {
	if k := p.kind(); k == "++" || k == "--" {
		p.next()
		return step{by: sign(k), to: p.place()}
	}
	e := p.primary()
	switch e.(type) {
	case name, field, element:
		if k := p.kind(); k == "++" || k == "--" {
			p.next()
			return step{by: sign(k), after: true, to: e}
		}
	}
	return e
}

func sign(op string) float64 {
	if op == "--" {
		return -1
	}
	return 1
}

// place is an expression that can be assigned to.
func (p *parser) place() expr {
	e := p.primary()
	switch e.(type) {
	case name, field, element:
		return e
	}
	p.fail()
	return nil
}

func (p *parser) primary() expr {
	defer p.deeper()()
	t := p.next()
	switch t.kind {
	case "number":
		v, _ := strconv.ParseFloat(t.text, 64) // the scanner let nothing else through but what is too large
		return number{v}
	case "string":
		return text{t.text}
	case "regex":
		return regex{t.text}
	case "$":
		if k := p.kind(); k == "++" || k == "--" || k == "-" {
			return field{p.unary()}
		}
		return field{p.primary()}
	case "name":
		if p.take("[") {
			return element{t.text, p.list("]")}
		}
		if t.call {
			panic(syntaxError{errUnknown(t.text)})
		}
		return name{t.text}
	case "builtin":
		if p.take("(") {
			return call{t.text, p.list(")")}
		}
		if t.text != "length" {
			p.fail()
		}
		return call{name: "length"}
	case "(":
		list := p.list(")")
		switch len(list) {
		case 0:
			p.fail()
		case 1:
			return group{list[0]}
		}
		return groupList{list}
	}
	p.at--
	if t.kind == "eof" {
		p.at = len(p.in) - 1
	}
	p.fail()
	return nil
}
