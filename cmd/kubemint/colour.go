package main

// Colours of a verdict. They say nothing that its words do not.
const (
	red   = "31"
	green = "32"
)

// paint returns what paints a text at a terminal that shows colours, and leaves
// it alone anywhere else.
func (p *program) paint(colour string) func(string) string {
	if p.plainFlag || p.env("TERM") == "dumb" || p.env("NO_COLOR") != "" || !isTerminal(p.out) {
		return func(text string) string { return text }
	}
	return func(text string) string { return "\x1b[" + colour + "m" + text + "\x1b[0m" }
}
