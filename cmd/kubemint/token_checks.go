package main

import (
	"strings"
	"time"

	"github.com/kubemint/kubemint/apiserver/token"
	"github.com/kubemint/kubemint/internal/say"
)

// tokenChecks writes the checks in their order: all in one line if all are good,
// else each with its outcome, the reason of the first that failed, and what the
// rest would have said.
func (p *program) tokenChecks(r *toldToken) string {
	beyond := map[token.Step]token.Check{}
	for _, check := range r.Beyond {
		beyond[check.Step] = check
	}
	var names, told, unreached []string
	failed := token.Check{}
	for _, check := range r.Checks {
		name := p.speaker.Say("step."+string(check.Step), nil)
		if check.Step == token.StepSignature && r.Proven {
			name = p.speaker.Say("inspect.check.signature", say.Params{"alg": r.Alg, "kid": kidShort(r.Kid)})
		}
		names = append(names, name)
		later, made := beyond[check.Step]
		switch {
		case check.Outcome == token.OK:
			told = append(told, p.speaker.Say("inspect.check.ok", say.Params{"step": name}))
		case check.Outcome == token.Failed:
			failed = check
			told = append(told, p.failedCheck(name, check, r.Now))
		case made && later.Outcome == token.OK:
			told = append(told, p.speaker.Say("inspect.check.would", say.Params{"step": name}))
		case made:
			told = append(told, p.failedCheck(name, later, r.Now))
		default:
			unreached = append(unreached, name)
		}
	}
	if failed.Step == "" {
		return p.speaker.Say("inspect.check.all", say.Params{"steps": names})
	}
	text := p.joinChecks(told)
	if len(unreached) > 0 {
		text += "\n" + p.speaker.Say("why.check.unreached", say.Params{"steps": unreached})
	} else if (failed.Step == token.StepTime || failed.Step == token.StepAudience) && allGood(r.Beyond) {
		text += "\n" + p.speaker.Say("inspect.check.new-works", nil)
	}
	return text
}

// joinChecks puts good checks in a row, without breaking one in two, and a failed
// one on a line of its own.
func (p *program) joinChecks(told []string) string {
	var lines []string
	alone := true // what comes next begins a line
	for i, text := range told {
		if i < len(told)-1 {
			text += ","
		}
		long := strings.Contains(text, ": ")
		last := len(lines) - 1
		if alone || long || say.Width(lines[last])+1+say.Width(text) > say.Columns-inspectLabels {
			lines = append(lines, text)
		} else {
			lines[last] += " " + text
		}
		alone = long
	}
	return strings.Join(lines, "\n")
}

func allGood(checks []token.Check) bool {
	for _, c := range checks {
		if c.Outcome == token.Failed {
			return false
		}
	}
	return true
}

func (p *program) failedCheck(name string, check token.Check, now time.Time) string {
	return p.speaker.Say("why.check.failed", say.Params{"step": name, "why": p.speaker.Say(check.Code, p.facts(check.Params, now))})
}

// facts are an engine's parameters for a sentence: moments become times of day,
// or dates if they are far.
func (p *program) facts(params map[string]string, now time.Time) say.Params {
	out := say.Params{}
	for name, value := range params {
		out[name] = value
		if value == "" {
			out[name] = p.speaker.Say("inspect.empty", nil)
		}
		if at, err := time.Parse(time.RFC3339, value); err == nil {
			out[name] = moment(at, now)
		}
	}
	return out
}

// when says a moment as people do: how far away first, then the time of day or,
// if it is far, the date.
func (p *program) when(t, now time.Time) string {
	return p.away(t, now) + " (" + moment(t, now) + ")"
}

// away says how far a moment is.
func (p *program) away(t, now time.Time) string {
	d := t.Sub(now).Round(time.Second)
	if d == 0 {
		return p.speaker.Say("when.now", nil)
	}
	if d < 0 {
		return p.speaker.Say("when.ago", say.Params{"d": -d})
	}
	return p.speaker.Say("when.in", say.Params{"d": d})
}

func moment(t, now time.Time) string {
	if t.Sub(now).Abs() > 24*time.Hour {
		return t.UTC().Format(time.DateOnly)
	}
	return say.Clock(t)
}

// short is enough of a uid for a person.
func short(uid string) string { return uid[:min(len(uid), 8)] }

// kidShort is enough of a key's id for a person, and for `keys retire`.
func kidShort(kid string) string { return kid[:min(len(kid), 6)] }
