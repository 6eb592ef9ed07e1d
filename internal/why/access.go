package why

import (
	"slices"
	"strings"

	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/internal/told"
	"github.com/kubemint/kubemint/rbac"
)

// columns of the matrix, with their widths.
var columns = []string{"get", "list", "watch", "create", "update", "patch", "delete"}

// resourceColumn is how wide the names of resources may be.
const resourceColumn = 37

// Access writes what somebody may do as a matrix of resources and verbs: "yes", "some" for some names only, "-" for no.
// before says how the question was read.
func Access(a *told.Access, before []Paragraph, speaker say.Speaker, o Options) []string {
	g := &Page{Before: before, Verdict: says("access.title", say.Params{"user": a.User})}
	if a.Namespace != "" {
		g.Verdict = says("access.title.in", say.Params{"user": a.User, "namespace": a.Namespace})
	}
	if a.By == told.ByMasters {
		g.add("why.by", one("why.by.masters", nil))
		return g.Render(speaker, nil)
	}
	out := g.Render(speaker, nil)
	tail := accessTail(a, o).Render(speaker, nil)[1:]
	rows := matrix(a.Rows, o)
	// The head line, and one that counts the rest.
	if room := max(MaxLines-len(out)-len(tail)-2, fewestRows); !o.All && len(rows) > room+1 {
		rest := &Page{}
		rest.add("", one("access.rest.more", say.Params{"n": len(rows) - room - 1}))
		rows = append(rows[:room+1], rest.Render(speaker, nil)[1:]...)
	}
	return slices.Concat(out, rows, tail)
}

// dangersShown is how many dangers are named unless all are asked for.
const dangersShown = 5

// fewestRows is how many rows of the matrix are shown at least.
const fewestRows = 4

// accessTail is what stands below the matrix.
func accessTail(a *told.Access, o Options) *Page {
	tail := &Page{}
	tail.add("access.also", others(a.Rows)...)
	if paths := pathsOf(a); len(paths) > 0 {
		tail.add("access.paths", one("access.paths.get", say.Params{"paths": shortList(paths)}))
	}
	if len(a.Elsewhere) > 0 {
		p := one("access.elsewhere.count", say.Params{"n": len(a.Elsewhere)})
		if o.All {
			p = one("access.elsewhere.rules", say.Params{"rules": someRules(a.Elsewhere)})
		}
		tail.add("access.elsewhere", p)
	}
	tail.add("why.by", links(a.Bindings, o)...)
	var dangers Paragraph
	for i, d := range a.Dangers {
		if i == dangersShown && !o.All {
			dangers = append(dangers, says("why.more", say.Params{"n": len(a.Dangers) - i}))
			break
		}
		dangers = append(dangers, says(dangerCode(d), nil))
	}
	tail.add("access.dangers", dangers)
	if a.By == told.ByNode {
		tail.add("why.note", one("access.node", nil))
	}
	if len(a.Rows) == 0 {
		tail.add("why.note", one("access.nothing", nil))
	}
	return tail
}

// everybody's are the reviews that every user may ask for: they say nothing about this one.
func everybodys(r rbac.AccessRow) bool {
	return (r.Group == "authorization.k8s.io" || r.Group == "authentication.k8s.io") && strings.HasPrefix(r.Name, "selfsubject")
}

// matrix writes the head and a line for each resource.
func matrix(rows []rbac.AccessRow, o Options) (out []string) {
	var shown []rbac.AccessRow
	for _, r := range rows {
		inMatrix := slices.ContainsFunc(columns, func(v string) bool { return slices.Contains(r.Verbs, v) || slices.Contains(r.Named, v) })
		if inMatrix && (o.All || !everybodys(r)) {
			shown = append(shown, r)
		}
	}
	if len(shown) == 0 {
		return nil
	}
	head := say.Pad("RESOURCE", resourceColumn)
	for _, verb := range columns {
		head += " " + strings.ToUpper(verb)
	}
	out = append(out, head)
	for _, r := range shown {
		name := r.Name
		if r.Group != "" {
			base, sub, isSub := strings.Cut(name, "/")
			name = base + "." + r.Group
			if isSub {
				name += "/" + sub
			}
		}
		line := say.Pad(name, resourceColumn)
		if say.Width(name) > resourceColumn {
			out = append(out, name)
			line = strings.Repeat(" ", resourceColumn)
		}
		for _, verb := range columns {
			mark := "-"
			switch {
			case slices.Contains(r.Verbs, verb):
				mark = "yes"
			case slices.Contains(r.Named, verb):
				mark = "some"
			}
			line += " " + say.Pad(mark, len(verb))
		}
		out = append(out, strings.TrimRight(line, " "))
	}
	return out
}

// others are the verbs that have no column.
func others(rows []rbac.AccessRow) []Paragraph {
	byVerb := map[string][]string{}
	var verbs []string
	for _, r := range rows {
		name := strings.TrimSuffix(r.Name+"."+r.Group, ".")
		for _, verb := range slices.Concat(r.Verbs, r.Named) {
			if slices.Contains(columns, verb) {
				continue
			}
			if byVerb[verb] == nil {
				verbs = append(verbs, verb)
			}
			byVerb[verb] = append(byVerb[verb], name)
		}
	}
	var out []Paragraph
	for _, verb := range verbs {
		out = append(out, one("rule.on", say.Params{"verbs": verb, "what": shortList(byVerb[verb])}))
	}
	return out
}

// pathsOf lists the non-resource paths of somebody's rules, each once.
func pathsOf(a *told.Access) []string {
	var out []string
	for _, r := range a.URLs {
		for _, url := range r.NonResourceURLs {
			if !slices.Contains(out, url) {
				out = append(out, url)
			}
		}
	}
	return out
}

// linksShown is how many bindings are named unless all are asked for.
const linksShown = 3

// links names the bindings that somebody has, those of Kubernetes' own last.
func links(list []rbac.Link, o Options) []Paragraph {
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(x, y rbac.Link) int { return own(x) - own(y) })
	var out []Paragraph
	for i, l := range sorted {
		if i == linksShown && !o.All {
			out = append(out, one("why.more", say.Params{"n": len(sorted) - i}))
			break
		}
		out = append(out, linkSays(l))
	}
	return out
}

func own(l rbac.Link) int {
	if strings.HasPrefix(l.Binding.Name, "system:") {
		return 1
	}
	return 0
}

func linkSays(l rbac.Link) Paragraph {
	params := say.Params{"binding": refText(l.Binding), "role": refText(l.Role)}
	if l.Missing {
		return one("access.link.missing", params)
	}
	p := one("access.link", params)
	if l.Subject.Kind == "Group" {
		p = append(p, says("why.by.group", say.Params{"group": l.Subject.Name}))
	}
	return p
}
