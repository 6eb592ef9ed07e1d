package main

import (
	"fmt"
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
