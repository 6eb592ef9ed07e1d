package why

import (
	"slices"
	"strings"

	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/internal/told"
	"github.com/kubemint/kubemint/rbac"
)

// Holders lists who may do something and by which bindings. before says how the question was read.
func Holders(h *told.Holders, before []Paragraph, o Options) *Page {
	// A holder takes two lines or three.
	most := 8
	for {
		g := holders(h, before, o, most)
		if o.All || most == 1 || g.fits() {
			return g
		}
		most--
	}
}

func holders(h *told.Holders, before []Paragraph, o Options, most int) *Page {
	g := &Page{Before: before, Verdict: says("who-can.title", say.Params{"what": wanted(h.Question.Request, h.Question.Path)})}
	var out []Paragraph
	sorted := slices.Clone(h.Holders)
	slices.SortStableFunc(sorted, func(x, y rbac.Holder) int { return ofSystem(x) - ofSystem(y) })
	masters := false
	for i, holder := range sorted {
		if i == most && !o.All {
			out = append(out, one("why.more", say.Params{"n": len(h.Holders) - i}))
			break
		}
		masters = masters || holder.Subject.Name == "system:masters"
		p := Paragraph{words(subjectText(holder.Subject))}
		if holder.Subject.Kind == "Group" {
			p = append(p, says("who-can.group", nil))
		}
		out = append(out, p)
		for j, grant := range holder.Grants {
			if j == 1 && !o.All {
				out = append(out, one("who-can.more-ways", say.Params{"n": len(holder.Grants) - j}))
				break
			}
			out = append(out, one("who-can.by", say.Params{"binding": refText(grant.Binding), "role": refText(grant.Role), "rule": grant.Rule + 1}))
		}
	}
	if len(out) == 0 {
		out = append(out, one("who-can.nobody", nil))
	}
	g.add("why.who", out...)
	if !masters {
		g.add("who-can.also", one("who-can.masters", nil))
	}
	return g
}

// ofSystem sorts the cluster's own components behind everybody else.
func ofSystem(h rbac.Holder) int {
	for _, g := range h.Grants {
		if !strings.HasPrefix(g.Binding.Name, "system:") && g.Binding.Name != "cluster-admin" {
			return 0
		}
	}
	if h.Subject.Name == "system:masters" {
		return 1
	}
	return 2
}

// Difference tells who would gain and who would lose what.
func Difference(d *told.Difference, file string, o Options) *Page {
	most := len(d.Gains)
	for {
		g := difference(d, file, most)
		if o.All || most <= 1 || g.fits() {
			return g
		}
		most--
	}
}

func difference(d *told.Difference, file string, most int) *Page {
	g := &Page{Verdict: says("access-diff.title", say.Params{"file": file})}
	if len(d.Gains) == 0 {
		g.add("access-diff.nothing", one("access-diff.nothing.why", nil))
	}
	for i, gain := range d.Gains {
		if i == most {
			g.add("", one("why.more", say.Params{"n": len(d.Gains) - i}))
			break
		}
		where := one("access-diff.everywhere", say.Params{"who": subjectText(gain.Subject)})
		if gain.Namespace != "" {
			where = one("access-diff.in", say.Params{"who": subjectText(gain.Subject), "namespace": gain.Namespace})
		}
		out := []Paragraph{where}
		if len(gain.Gained) > 0 {
			p := one("access-diff.gains", say.Params{"rules": someRules(gain.Gained)})
			for _, danger := range rbac.AllDangers(gain.Gained) {
				p = append(p, says(dangerCode(danger), nil))
			}
			out = append(out, p)
		}
		if len(gain.Lost) > 0 {
			out = append(out, one("access-diff.loses", say.Params{"rules": someRules(gain.Lost)}))
		}
		g.add("why.who", out...)
	}
	var notes []Paragraph
	for _, account := range d.NoAccount {
		notes = append(notes, one("near.no-account", say.Params{"account": account}))
	}
	if len(d.Skipped) > 0 {
		notes = append(notes, one("rbac.skipped", say.Params{"kinds": d.Skipped}))
	}
	g.add("why.note", notes...)
	return g
}
