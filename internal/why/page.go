package why

import (
	"strings"

	"github.com/kubemint/kubemint/internal/say"
)

// MaxLines is how long a page may be unless everything is asked for.
const MaxLines = 24

// labelWidth is how far entries are indented.
const labelWidth = 8

// Page is an explanation before it has a language.
type Page struct {
	// Before stands above the verdict: how a question was read.
	Before []Paragraph `json:"before,omitempty"`
	// Verdict is the first line, Right what stands at its right edge.
	Verdict Sentence `json:"verdict"`
	Right   Sentence `json:"right,omitzero"`
	Entries []Entry  `json:"entries"`
}

// Entry is a label and what is said under it.
type Entry struct {
	// Label is the code of a word, or empty for what goes on from above.
	Label string      `json:"label,omitempty"`
	Says  []Paragraph `json:"says"`
}

// Paragraph is a row of sentences.
type Paragraph []Sentence

// Sentence is a code of the catalogue with its parameters, or words that belong to no language: a command, a line of a diff, what the
// server answered.
type Sentence struct {
	Code   string     `json:"code,omitempty"`
	Params say.Params `json:"params,omitempty"`
	Text   string     `json:"text,omitempty"`
	// Whole keeps a text in one line, so that it can be copied.
	Whole bool `json:"-"`
}

// Says makes a sentence.
func says(code string, params say.Params) Sentence { return Sentence{Code: code, Params: params} }

// words makes a sentence of what is in no language.
func words(text string) Sentence { return Sentence{Text: text} }

// one makes a paragraph.
func one(code string, params say.Params) Paragraph { return Paragraph{says(code, params)} }

// verbatim makes a paragraph of each line, never broken.
func verbatim(lines ...string) []Paragraph {
	out := make([]Paragraph, 0, len(lines))
	for _, line := range lines {
		out = append(out, Paragraph{{Text: line, Whole: true}})
	}
	return out
}

// add appends an entry, unless there is nothing to say.
func (g *Page) add(label string, says ...Paragraph) {
	var kept []Paragraph
	for _, p := range says {
		if len(p) > 0 {
			kept = append(kept, p)
		}
	}
	if len(kept) > 0 {
		g.Entries = append(g.Entries, Entry{Label: label, Says: kept})
	}
}

func (s Sentence) in(speaker say.Speaker) string {
	if s.Code == "" {
		return s.Text
	}
	return speaker.Say(s.Code, s.Params)
}

// Render writes the page in lines. paint, if not nil, colours the verdict, which says the same without.
func (g *Page) Render(speaker say.Speaker, paint func(string) string) []string {
	var out []string
	for _, p := range g.Before {
		out = append(out, p.lines(speaker, say.Columns)...)
	}
	out = append(out, g.headline(speaker, paint)...)
	for _, e := range g.Entries {
		heading := ""
		if e.Label != "" {
			heading = speaker.Say(e.Label, nil)
		}
		for _, p := range e.Says {
			for _, line := range p.lines(speaker, say.Columns-labelWidth) {
				out = append(out, strings.TrimRight(say.Pad(heading, labelWidth)+line, " "))
				heading = ""
			}
		}
	}
	return out
}

func (g *Page) headline(speaker say.Speaker, paint func(string) string) []string {
	if paint == nil {
		paint = func(s string) string { return s }
	}
	right := g.Right.in(speaker)
	lines := wrap(g.Verdict.in(speaker), say.Columns)
	for i := range lines {
		lines[i] = paint(lines[i])
	}
	if right == "" {
		return lines
	}
	last := wrap(g.Verdict.in(speaker), say.Columns)
	gap := say.Columns - say.Width(last[len(last)-1]) - say.Width(right)
	if gap < 2 {
		return append(lines, strings.Repeat(" ", max(0, say.Columns-say.Width(right)))+right)
	}
	lines[len(lines)-1] += strings.Repeat(" ", gap) + right
	return lines
}

// lines writes a paragraph within so many columns.
func (p Paragraph) lines(speaker say.Speaker, columns int) []string {
	if len(p) == 1 && p[0].Whole {
		return []string{p[0].Text}
	}
	var parts []string
	for _, s := range p {
		if text := s.in(speaker); text != "" {
			parts = append(parts, text)
		}
	}
	return wrap(strings.Join(parts, " "), columns)
}

// wrap breaks a text at spaces, and words that are too long anywhere. A line that begins with spaces keeps them, in all its parts.
func wrap(text string, columns int) []string {
	var out []string
	for _, line := range strings.Split(text, "\n") {
		if say.Width(line) <= columns {
			out = append(out, strings.TrimRight(line, " "))
			continue
		}
		if indent := len(line) - len(strings.TrimLeft(line, " ")); indent > 0 && indent < columns/2 {
			for _, part := range wrap(line[indent:], columns-indent) {
				out = append(out, line[:indent]+part)
			}
			continue
		}
		current := ""
		for _, word := range strings.Fields(line) {
			for {
				gap := ""
				if current != "" {
					gap = " "
				}
				if say.Width(current)+len(gap)+say.Width(word) <= columns {
					current += gap + word
					break
				}
				if current != "" {
					out = append(out, current)
					current = ""
					continue
				}
				head, tail := cut(word, columns)
				out = append(out, head)
				word = tail
			}
		}
		out = append(out, current)
	}
	return out
}

// cut splits a word so that its head fits.
func cut(word string, columns int) (head, tail string) {
	width := 0
	for i, r := range word {
		w := say.Width(string(r))
		if width += w; width > columns {
			return word[:i], word[i:]
		}
	}
	return word, ""
}
