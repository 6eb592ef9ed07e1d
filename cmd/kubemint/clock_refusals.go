package main

import (
	"strconv"

	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/internal/told"
	"github.com/kubemint/kubemint/internal/why"
)

// refusalsShown is how many a report lists unless it is to list all.
const refusalsShown = 8

// sayRefusals tells which pods were refused while the clock moved, since when and why.
func (p *program) sayRefusals(list []told.Refusal, all bool) {
	for i, r := range list {
		if i == refusalsShown && !all {
			p.say("clock.more", say.Params{"n": len(list) - i})
			return
		}
		code := "clock.refused"
		if r.Times > 1 {
			code = "clock.refused.often"
		}
		p.say(code, say.Params{"at": r.First.At, "code": strconv.Itoa(r.First.Code), "pod": r.Pod, "n": r.Times, "last": r.Last})
		p.say("clock.refused.why", say.Params{"why": why.Because(&r.First), "number": r.First.Number})
	}
}
