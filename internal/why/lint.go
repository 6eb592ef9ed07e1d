package why

import (
	"slices"
	"strings"

	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/internal/told"
	"github.com/kubemint/kubemint/rbac"
)

// Lint tells what is odd or dangerous about roles and bindings, and who could come to hold all rights.
func Lint(l *told.Lint, o Options) *Page {
	findings, paths := 14, 5
	for {
		g := &Page{Verdict: lintVerdict(l)}
		lintEntries(g, l, o, findings, paths)
		switch {
		case o.All || g.fits() || findings+paths <= 2:
			return g
		case findings > paths:
			findings--
		default:
			paths--
		}
	}
}

// wildcardsFirst sorts the findings on each rule so that what includes the others comes first. The engine has put those on one rule
// together.
func wildcardsFirst(list []rbac.Finding) []rbac.Finding {
	out := slices.Clone(list)
	for from := 0; from < len(out); {
		to := from + 1
		for to < len(out) && out[to].Object == out[from].Object && out[to].Rule == out[from].Rule {
			to++
		}
		slices.SortStableFunc(out[from:to], func(x, y rbac.Finding) int { return rank(x) - rank(y) })
		from = to
	}
	return out
}

func rank(f rbac.Finding) int {
	if strings.HasPrefix(string(f.Code), "danger-wildcard-") {
		return 0
	}
	return 1
}

func lintVerdict(l *told.Lint) Sentence {
	if len(l.Findings) == 0 && len(l.Paths) == 0 {
		return says("lint.clean", nil)
	}
	return says("lint.title", say.Params{"n": len(l.Findings), "m": len(l.Paths)})
}

func lintEntries(g *Page, l *told.Lint, o Options, findings, paths int) {
	out := found(wildcardsFirst(l.Findings), o)
	if n := len(out) - findings; n > 0 && !o.All {
		out = append(out[:findings], one("why.more", say.Params{"n": n}))
	}
	g.add("lint.found", out...)
	out = nil
	for i, p := range l.Paths {
		if i == paths && !o.All {
			out = append(out, one("why.more", say.Params{"n": len(l.Paths) - i}))
			break
		}
		out = append(out, path(p))
	}
	g.add("lint.paths", out...)
}

// found tells mistakes first, then what is dangerous, all dangers of a rule together.
func found(list []rbac.Finding, o Options) []Paragraph {
	var mistakes, dangerous []Paragraph
	var last rbac.Finding
	told := 0
	for _, f := range list {
		switch {
		case !isDanger(f):
			mistakes = append(mistakes, finding(f))
			continue
		case len(dangerous) == 0 || f.Object != last.Object || f.Rule != last.Rule:
			dangerous = append(dangerous, finding(f))
			told = 1
		case told < dangersOfRule || o.All:
			dangerous[len(dangerous)-1] = append(dangerous[len(dangerous)-1], says(dangerCode(f.Code), nil))
			told++
		case told == dangersOfRule:
			dangerous[len(dangerous)-1] = append(dangerous[len(dangerous)-1], says("lint.more-dangers", nil))
			told++
		}
		last = f
	}
	return append(mistakes, dangerous...)
}

// dangersOfRule is how many dangers of one rule are named unless all are asked for.
const dangersOfRule = 3

func isDanger(f rbac.Finding) bool { return strings.HasPrefix(string(f.Code), "danger-") }

// finding names the object and says what is the matter with it.
func finding(f rbac.Finding) Paragraph {
	place := says("lint.place", say.Params{"object": refText(f.Object)})
	if f.Rule >= 0 {
		place = says("lint.place.rule", say.Params{"object": refText(f.Object), "rule": f.Rule + 1})
	}
	if isDanger(f) {
		return Paragraph{place, says(dangerCode(f.Code), nil)}
	}
	params := say.Params{"have": shortList(f.Have), "want": f.Want}
	switch f.Code {
	case rbac.GroupIsVersion, rbac.LintWrongGroup:
		params["have"] = groupNames(f.Have)
	}
	if f.Code == rbac.GroupIsVersion {
		params["want"] = `"` + f.Want + `"`
	}
	p := Paragraph{place, says("lint."+string(f.Code), params)}
	if f.Code == rbac.RoleMissing && len(f.Have) > 0 {
		p = append(p, says("near.similar-roles", say.Params{"roles": shortList(f.Have)}))
	}
	return p
}

// path says step by step how somebody can come to hold all rights.
func path(p rbac.Path) Paragraph {
	out := Paragraph{says("path.who", say.Params{"who": subjectText(p.Subject)})}
	for i, s := range p.Steps {
		params := say.Params{"binding": refText(s.Grant.Binding), "namespace": s.Namespace}
		move := strings.TrimPrefix(string(s.Code), "step-")
		code := "path." + move
		if s.Target != nil {
			params["target"] = subjectText(*s.Target)
			code = "path-to." + move
		}
		if i > 0 {
			out = append(out, says("path.then", nil))
		}
		out = append(out, says(code, params))
	}
	return out
}

// Import explains a manifest by itself: who holds what, and what is odd about it.
func Import(i *told.Import, files []string, o Options) *Page {
	most := len(i.Holdings)
	for {
		g := imported(i, files, o, most)
		if o.All || most <= 2 || g.fits() {
			return g
		}
		most--
	}
}

func imported(i *told.Import, files []string, o Options, most int) *Page {
	g := &Page{Verdict: says("rbac-import.title", say.Params{"files": files, "roles": i.Roles, "bindings": i.Bindings})}
	for n, h := range i.Holdings {
		if n == most {
			g.add("", one("why.more", say.Params{"n": len(i.Holdings) - n}))
			break
		}
		out := []Paragraph{{words(subjectText(h.Subject))}}
		for j, l := range h.Links {
			if j == linksShown && !o.All {
				out = append(out, one("why.more", say.Params{"n": len(h.Links) - j}))
				break
			}
			out = append(out, holdingSays(l))
		}
		var dangers Paragraph
		for _, d := range h.Dangers {
			dangers = append(dangers, says(dangerCode(d), nil))
		}
		g.add("why.who", append(out, dangers)...)
	}
	if len(i.Holdings) == 0 {
		g.add("why.who", one("rbac-import.nobody", nil))
	}
	findings := 14
	if !o.All {
		findings = 4
	}
	lintEntries(g, &i.Lint, o, findings, 2)
	if len(i.Skipped) > 0 {
		g.add("why.note", one("rbac.skipped", say.Params{"kinds": i.Skipped}))
	}
	return g
}

func holdingSays(l rbac.Link) Paragraph {
	params := say.Params{"binding": refText(l.Binding), "role": refText(l.Role), "namespace": l.Binding.Namespace, "rules": someRules(l.Rules)}
	switch {
	case l.Missing:
		return one("access.link.missing", params)
	case l.Binding.Namespace == "":
		return one("rbac-import.everywhere", params)
	}
	return one("rbac-import.in", params)
}
