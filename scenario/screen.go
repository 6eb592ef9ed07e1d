package scenario

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"

	"github.com/kubemint/kubemint/internal/say"
)

// Screen is where a run is shown. With In it stops after each step and asks;
// without it goes straight through and answers its own questions.
type Screen struct {
	Out     io.Writer
	In      io.Reader // a person's lines; nil: nobody there
	Speaker say.Speaker

	reader *bufio.Reader
	past   []*bytes.Buffer
}

func (s *Screen) interactive() bool { return s.In != nil }

// begin opens the record of a step, which `b` reads again.
func (s *Screen) begin(int) { s.past = append(s.past, &bytes.Buffer{}) }

func (s *Screen) print(text string) {
	fmt.Fprintln(s.Out, text)
	if len(s.past) > 0 {
		fmt.Fprintln(s.past[len(s.past)-1], text)
	}
}

func (s *Screen) tell(code string, params say.Params) {
	s.print(say.Wrap(s.Speaker.Say(code, params), say.Columns, "  "))
}

func (s *Screen) heading(n, of int, title string) {
	s.print("")
	line := s.Speaker.Say("scenario.step", say.Params{"n": n, "of": of})
	if title != "" {
		line += "  " + title
	}
	s.print(line)
}

// paragraph prints a text wrapped; nothing for an empty one.
func (s *Screen) paragraph(text string) {
	if text = strings.TrimSpace(text); text != "" {
		s.print(say.Wrap(text, say.Columns, "  "))
	}
}

func (s *Screen) command(line string) { s.print("  $ " + line) }

// output prints what a command answered, below its command and as it is.
func (s *Screen) output(text string) {
	text = strings.TrimRight(text, "\n")
	if text == "" {
		return
	}
	for _, line := range strings.Split(text, "\n") {
		s.print(strings.TrimRight("  "+line, " "))
	}
}

func (s *Screen) edited(file, from, to string) {
	s.tell("scenario.edited", say.Params{"file": file, "from": from, "to": to})
}

// attach connects a command that the learner typed.
func (s *Screen) attach(command *exec.Cmd) {
	command.Stdout, command.Stderr = s.Out, s.Out
}

// ask puts a question and returns the answer: the number of a choice or a
// status; empty if nobody is there.
func (s *Screen) ask(ctx context.Context, a *Ask) (string, error) {
	language := s.Speaker.Language()
	s.paragraph(Text{En: a.En, Ko: a.Ko}.In(language))
	var answers []string
	for i, choice := range a.Choices {
		s.print(say.Wrap(strconv.Itoa(i+1)+") "+Text{En: choice.En, Ko: choice.Ko}.In(language), say.Columns, "    "))
		answers = append(answers, strconv.Itoa(i+1))
	}
	for _, status := range a.Status {
		answers = append(answers, strconv.Itoa(status))
	}
	if len(a.Status) > 0 {
		s.tell("scenario.guess", say.Params{"answers": answers})
	}
	if !s.interactive() {
		return "", nil
	}
	for {
		line, err := s.Line(ctx)
		if err != nil {
			return "", err
		}
		if line == "q" {
			return "", ErrLeft
		}
		for _, answer := range answers {
			if line == answer {
				return answer, nil
			}
		}
		s.tell("scenario.answers", say.Params{"answers": answers})
	}
}

func (s *Screen) judgeChoice(a *Ask, guess string) {
	language := s.Speaker.Language()
	right := 0
	for i, choice := range a.Choices {
		if choice.Right {
			right = i
		}
	}
	text := Text{En: a.Choices[right].En, Ko: a.Choices[right].Ko}.In(language)
	switch guess {
	case "":
		s.tell("scenario.answer", say.Params{"answer": text})
	case strconv.Itoa(right + 1):
		s.tell("scenario.right", nil)
	default:
		n, _ := strconv.Atoi(guess) //nolint:errcheck // ask returns only numbers of choices
		if why := a.Choices[n-1].Why.In(language); why != "" {
			s.paragraph(why)
		}
		s.tell("scenario.wrong", say.Params{"answer": text})
	}
}

func (s *Screen) judgeStatus(guess string, status int) {
	real := strconv.Itoa(status)
	switch guess {
	case "":
	case real:
		s.tell("scenario.right", nil)
	default:
		s.tell("scenario.wrong", say.Params{"answer": real})
	}
}

func (s *Screen) practise() { s.tell("scenario.practise", nil) }

// hint shows the next hint and returns how many were shown.
func (s *Screen) hint(step *Step, shown int) int {
	if len(step.Hints) == 0 {
		s.tell("scenario.no-hint", nil)
		return 0
	}
	shown = min(shown, len(step.Hints)-1)
	s.paragraph(step.Hints[shown].In(s.Speaker.Language()))
	return shown + 1
}

// next waits for Enter after a step. Going back reads earlier steps again.
func (s *Screen) next(ctx context.Context, i int) error {
	if !s.interactive() {
		return nil
	}
	for at := i; ; {
		line, err := s.Line(ctx)
		if err != nil {
			return err
		}
		switch line {
		case "q":
			return ErrLeft
		case "b":
			at = max(at-1, 0)
			fmt.Fprint(s.Out, s.past[at].String())
		default:
			if at == i {
				return nil
			}
			at++
			fmt.Fprint(s.Out, s.past[at].String())
		}
	}
}

// Line reads one line of the person, without the spaces around it. The error is
// ErrLeft at the end of the input and the context's if that ends first.
//
// Nothing is read before somebody waits for it: what comes after the run (a
// shell, say) finds its input untouched.
func (s *Screen) Line(ctx context.Context) (string, error) {
	fmt.Fprint(s.Out, "> ")
	if s.reader == nil {
		s.reader = bufio.NewReader(s.In)
	}
	type answer struct {
		line string
		err  error
	}
	answers := make(chan answer, 1)
	// A read from a terminal cannot be broken off; after an interrupt it ends
	// with the process.
	go func() {
		line, err := s.reader.ReadString('\n')
		answers <- answer{line, err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case a := <-answers:
		if a.err != nil {
			return "", ErrLeft
		}
		return strings.TrimSpace(a.line), nil
	}
}
