package scenario

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Parse reads a scenario file. The error is of type [Problems] and lists every
// mistake, also those of meaning: steps without an id, questions without a right
// answer, expressions that do not compile, texts that lack a language.
func Parse(file string, content []byte) (*Scenario, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(content, &document); err != nil {
		return nil, Problems{syntaxProblem(file, err)}
	}
	d := &decoder{file: file}
	if len(document.Content) == 0 {
		return nil, Problems{{position{file, 1, 1}, "the file is empty"}}
	}
	var s Scenario
	d.decode(document.Content[0], reflect.ValueOf(&s).Elem())
	if s.Format != formatVersion && len(d.problems) == 0 {
		d.problem(document.Content[0], "the first field is \"scenario: %d\", the version of the format", formatVersion)
	}
	c := checker{decoder: d, root: document.Content[0]}
	c.check(&s)
	if len(d.problems) > 0 {
		return nil, d.problems.sorted()
	}
	return &s, nil
}

var lineOf = regexp.MustCompile(`line (\d+)`)

// syntaxProblem gives the library's error a place; it knows the line only.
func syntaxProblem(file string, err error) Problem {
	line := 1
	if found := lineOf.FindStringSubmatch(err.Error()); found != nil {
		line, _ = strconv.Atoi(found[1])
	}
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	var typeError *yaml.TypeError
	if errors.As(err, &typeError) {
		text = strings.Join(typeError.Errors, "; ")
	}
	return Problem{position{file, line, 1}, text}
}

// checker finds mistakes of meaning.
type checker struct {
	*decoder
	root *yaml.Node
}

func (c *checker) wrong(at position, format string, args ...any) {
	c.problems = append(c.problems, Problem{at, fmt.Sprintf(format, args...)})
}

var name = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)

func (c *checker) check(s *Scenario) {
	top := c.at(c.root)
	if !name.MatchString(s.Name) {
		c.wrong(top, "name %q: small letters, digits and dashes", s.Name)
	}
	c.text(top, "title", s.Title, true)
	if len(s.Steps) == 0 {
		c.wrong(top, "a scenario has steps")
	}
	ids := map[string]bool{}
	for i := range s.Steps {
		step := &s.Steps[i]
		switch {
		case !name.MatchString(step.ID):
			c.wrong(step.at, "step %d: id %q: small letters, digits and dashes", i+1, step.ID)
		case ids[step.ID]:
			c.wrong(step.at, "step id %q is there twice", step.ID)
		}
		ids[step.ID] = true
		c.step(step)
	}
}

func (c *checker) step(step *Step) {
	c.text(step.at, "title", step.Title, false)
	c.text(step.at, "text", step.Text, false)
	if step.Title.empty() && step.Text.empty() && step.Ask == nil {
		c.wrong(step.at, "a step has a title, a text or a question")
	}
	c.text(step.at, "after", step.After, false)
	c.text(step.at, "notes", step.Notes, false)
	for _, hint := range step.Hints {
		c.text(step.at, "hint", hint, true)
	}
	if step.Ask != nil {
		c.ask(step.Ask)
	}
	for _, actions := range [][]Action{step.Do, step.Solution, step.Then} {
		for i := range actions {
			c.action(&actions[i])
		}
	}
	for i := range step.Holds {
		c.hold(&step.Holds[i])
	}
}

// text demands both languages or, if the text is optional, neither.
func (c *checker) text(at position, what string, t Text, required bool) {
	if t.at.line > 0 {
		at = t.at
	}
	switch {
	case t.empty() && required:
		c.wrong(at, "%s is missing", what)
	case t.empty():
	case t.En == "":
		c.wrong(at, "%s lacks English (en)", what)
	case t.Ko == "":
		c.wrong(at, "%s lacks Korean (ko)", what)
	}
}

func (c *checker) ask(a *Ask) {
	if len(a.Choices) > 0 == (len(a.Status) > 0) {
		c.wrong(a.at, "a question has either choices or status")
	}
	right := 0
	for _, choice := range a.Choices {
		if choice.Right {
			right++
		}
		c.text(a.at, "choice", Text{En: choice.En, Ko: choice.Ko}, true)
		c.text(a.at, "why", choice.Why, false)
	}
	if len(a.Choices) > 0 && right != 1 {
		c.wrong(a.at, "exactly one choice is right: true, not %d", right)
	}
}

func (c *checker) action(a *Action) {
	given := 0
	for _, verb := range []string{a.Kubectl, a.Kubemint, a.Call, a.Clock, a.Save, a.Edit, a.Show} {
		if verb != "" {
			given++
		}
	}
	if given != 1 {
		c.wrong(a.at, "an action is one of kubectl, kubemint, call, clock, save, edit, show")
		return
	}
	switch {
	case a.Save != "":
		if a.CEL == "" {
			c.wrong(a.at, "save needs cel: what to save")
			return
		}
		c.expression(a.at, a.CEL, false)
	case a.Show != "":
		c.expression(a.at, a.Show, false)
	case a.Call != "":
		if method, path, _ := strings.Cut(a.Call, " "); !strings.HasPrefix(path, "/") || strings.ToUpper(method) != method {
			c.wrong(a.at, "call is METHOD PATH, like: GET /api/v1/pods")
		}
	case a.Edit != "" && len(a.Replace) == 0:
		c.wrong(a.at, "edit needs replace: what by what")
	}
	for _, line := range []string{a.Kubectl, a.Kubemint, a.Clock} {
		if _, err := words(line); err != nil {
			c.wrong(a.at, "%v", err)
		}
	}
	if kept, ok := strings.CutPrefix(a.To, "vault/"); a.To != "" && (!ok || !name.MatchString(kept)) {
		c.wrong(a.at, "to is vault/NAME")
	}
}

func (c *checker) hold(h *Hold) {
	given := 0
	for _, is := range []bool{h.Object != "", h.CEL != "" && h.Token == "", h.Status != 0, h.Can != "", h.Token != ""} {
		if is {
			given++
		}
	}
	if given != 1 {
		c.wrong(h.at, "a hold is one of object, cel, status, can, token (with cel)")
		return
	}
	c.text(h.at, "else", h.Else, false)
	switch {
	case h.CEL != "":
		c.expression(h.at, h.CEL, true)
	case h.Token != "":
		c.wrong(h.at, "token needs cel: what its claims must be")
	case h.Can != "":
		if h.Is != "yes" && h.Is != "no" {
			c.wrong(h.at, "can needs is: \"yes\" or \"no\"")
		}
		if (h.SA == "") == (h.User == "") {
			c.wrong(h.at, "can needs sa: NAMESPACE:NAME or user: NAME")
		}
		if _, err := parseCan(h.Can); err != nil {
			c.wrong(h.at, "%v", err)
		}
	}
	for _, not := range h.Not {
		c.expression(not.at, not.CEL, true)
		c.text(not.at, "text", not.Text, true)
	}
}

func (c *checker) expression(at position, source string, boolean bool) {
	if err := compiles(source, boolean); err != nil {
		c.wrong(at, "%v", err)
	}
}
