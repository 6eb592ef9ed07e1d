package tools

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

type sedParser struct {
	extended bool
	rest     string
}

func (p *sedParser) parse() ([]sedCommand, error) {
	var out []sedCommand
	for {
		p.rest = strings.TrimLeft(p.rest, " \t\n;")
		if p.rest == "" {
			return out, nil
		}
		if p.rest[0] == '#' {
			_, p.rest, _ = strings.Cut(p.rest, "\n")
			continue
		}
		k, err := p.command()
		if err != nil {
			return nil, err
		}
		out = append(out, k)
	}
}

func (p *sedParser) command() (k sedCommand, err error) {
	if k.from, err = p.address(); err != nil {
		return k, err
	}
	if strings.HasPrefix(p.rest, ",") {
		p.rest = p.rest[1:]
		k.ranged = true
		if k.to, err = p.address(); err != nil || k.to.empty() {
			return k, errors.New("unexpected `,'")
		}
	}
	p.rest = strings.TrimLeft(p.rest, " ")
	if strings.HasPrefix(p.rest, "!") {
		k.not, p.rest = true, strings.TrimLeft(p.rest[1:], " ")
	}
	if p.rest == "" {
		return k, errors.New("missing command")
	}
	k.name, p.rest = p.rest[0], p.rest[1:]
	switch k.name {
	case 'd', 'p', 'q', '=':
		return k, nil
	case 'a', 'i', 'c':
		text, rest, _ := strings.Cut(p.rest, "\n")
		k.text = strings.TrimLeft(strings.TrimPrefix(strings.TrimLeft(text, " "), "\\"), " ")
		p.rest = rest
		return k, nil
	case 's':
		return k, p.substitution(&k)
	}
	return k, fmt.Errorf("unknown command: `%c'", k.name)
}

func (p *sedParser) substitution(k *sedCommand) error {
	unterminated := errors.New("unterminated `s' command")
	if p.rest == "" {
		return unterminated
	}
	delim := p.rest[0]
	p.rest = p.rest[1:]
	pattern, ok := p.until(delim)
	if !ok {
		return unterminated
	}
	if k.with, ok = p.until(delim); !ok {
		return unterminated
	}
	k.nth = 1
	fold := false
	for p.rest != "" {
		ch := p.rest[0]
		switch {
		case ch == 'g':
			k.global = true
		case ch == 'p':
			k.print = true
		case ch == 'i' || ch == 'I':
			fold = true
		case ch >= '1' && ch <= '9':
			k.nth = int(ch - '0')
		case strings.IndexByte(" ;\n}", ch) >= 0:
			ch = 0
		default:
			return errors.New("unknown option to `s'")
		}
		if ch == 0 {
			break
		}
		p.rest = p.rest[1:]
	}
	var err error
	k.re, err = p.regexp(pattern, fold)
	return err
}

func (p *sedParser) regexp(pattern string, fold bool) (*regexp.Regexp, error) {
	if !p.extended {
		pattern = basic(pattern)
	}
	if fold {
		pattern = "(?i)" + pattern
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, errors.New("invalid regular expression")
	}
	return re, nil
}

// until reads up to an unescaped delimiter.
func (p *sedParser) until(delim byte) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(p.rest); i++ {
		ch := p.rest[i]
		if ch == '\\' && i+1 < len(p.rest) {
			i++
			if p.rest[i] != delim {
				b.WriteByte('\\')
			}
			b.WriteByte(p.rest[i])
			continue
		}
		if ch == delim {
			p.rest = p.rest[i+1:]
			return b.String(), true
		}
		b.WriteByte(ch)
	}
	return "", false
}

func (p *sedParser) address() (a sedAddress, err error) {
	p.rest = strings.TrimLeft(p.rest, " ")
	switch {
	case p.rest == "":
	case p.rest[0] == '$':
		a.last, p.rest = true, p.rest[1:]
	case p.rest[0] >= '0' && p.rest[0] <= '9':
		digits := p.rest[:len(p.rest)-len(strings.TrimLeft(p.rest, "0123456789"))]
		p.rest = p.rest[len(digits):]
		a.line, err = strconv.Atoi(digits)
	case p.rest[0] == '/':
		p.rest = p.rest[1:]
		pattern, ok := p.until('/')
		if !ok {
			return a, errors.New("unterminated address regex")
		}
		a.re, err = p.regexp(pattern, false)
	}
	return a, err
}
