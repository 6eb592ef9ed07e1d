package main

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/kubemint/kubemint/internal/say"
)

// page is an explanation being written: a verdict and labelled entries, always
// in the same order, at most 80 columns wide.
type page struct {
	speaker say.Speaker
	indent  int // how far entries are indented
	lines   []string
}

// labelWidth is how far entries are usually indented.
const labelWidth = 8

func (p *program) page() *page { return &page{speaker: p.speaker, indent: labelWidth} }

// verdict is the first line: the outcome in a word and a number, what was
// wanted, and at the right edge which request it was.
func (g *page) verdict(code int, wanted, number string) {
	word := "why.answered"
	switch {
	case code == http.StatusUnauthorized:
		word = "why.refused"
	case code == http.StatusForbidden:
		word = "why.denied"
	case code < 400:
		word = "why.allowed"
	}
	line := g.speaker.Say(word, say.Params{"code": code, "what": wanted})
	if room := say.Columns - say.Width(number); say.Width(line) < room {
		line = say.Pad(line, room)
	} else {
		line += "  "
	}
	g.lines = append(g.lines, line+number)
}

// text adds a paragraph without a label.
func (g *page) text(text string) { g.lines = append(g.lines, say.Wrap(text, say.Columns, "")) }

// entry adds paragraphs under a label.
func (g *page) entry(label string, paragraphs ...string) {
	g.under(g.speaker.Say(label, nil), paragraphs...)
}

// more adds paragraphs to the entry before.
func (g *page) more(paragraphs ...string) { g.under("", paragraphs...) }

func (g *page) under(heading string, paragraphs ...string) {
	for _, paragraph := range paragraphs {
		if paragraph == "" {
			continue
		}
		wrapped := say.Wrap(paragraph, say.Columns-g.indent, "")
		for _, line := range strings.Split(wrapped, "\n") {
			g.lines = append(g.lines, strings.TrimRight(say.Pad(heading, g.indent)+line, " "))
			heading = ""
		}
	}
}

// headline is a verdict in words, painted, and something at the right edge.
func (g *page) headline(text, right string, paint func(string) string) {
	gap := max(2, headlineColumns-say.Width(text))
	g.lines = append(g.lines, paint(text)+strings.Repeat(" ", gap)+right)
}

// headlineColumns is where the right part of a headline begins.
const headlineColumns = 53

func (g *page) print(p *program) error {
	for _, line := range g.lines {
		if _, err := fmt.Fprintln(p.out, line); err != nil {
			return err
		}
	}
	return nil
}

// commandLines writes command lines as a person types them, broken at flags so
// that they fit.
func commandLines(commands [][]string) string {
	var out []string
	for _, words := range commands {
		line := ""
		for _, word := range words {
			if line != "" && say.Width(line)+1+say.Width(word) > say.Columns-labelWidth-2 {
				out = append(out, line+" \\")
				line = "  " + word
				continue
			}
			if line != "" {
				line += " "
			}
			line += word
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}
