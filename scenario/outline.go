package scenario

import (
	"fmt"
	"io"

	"github.com/kubemint/kubemint/internal/say"
)

// Outline prints a scenario without playing it: its texts, questions and
// solutions, and the notes for the instructor.
func (s *Scenario) Outline(w io.Writer, speaker say.Speaker) error {
	language := speaker.Language()
	screen := &Screen{Out: w, Speaker: speaker}
	screen.print(s.Title.In(language))
	for i := range s.Steps {
		step := &s.Steps[i]
		screen.heading(i+1, len(s.Steps), step.Title.In(language))
		screen.paragraph(step.Text.In(language))
		if step.Ask != nil {
			screen.paragraph(Text{En: step.Ask.En, Ko: step.Ask.Ko}.In(language))
			for n, choice := range step.Ask.Choices {
				mark := ""
				if choice.Right {
					mark = " *"
				}
				screen.output(fmt.Sprintf("  %d) %s%s", n+1, Text{En: choice.En, Ko: choice.Ko}.In(language), mark))
			}
		}
		for _, actions := range [][]Action{step.Do, step.Solution, step.Then} {
			for j := range actions {
				if a := &actions[j]; a.Save == "" && a.Show == "" && a.Edit == "" && !a.Quiet {
					screen.command(a.shown())
				}
			}
		}
		screen.paragraph(step.After.In(language))
		if notes := step.Notes.In(language); notes != "" {
			screen.tell("scenario.notes", say.Params{"notes": notes})
		}
	}
	return nil
}
