package why

import (
	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/internal/told"
)

// allowedBy says by what something is allowed: the way through the smallest role first.
func allowedBy(g *Page, e *told.Explanation, most int) {
	switch {
	case e == nil || !e.Allowed:
		return
	case e.By == told.ByMasters:
		g.add("why.by", one("why.by.masters", nil))
		return
	case e.By == told.ByNode:
		g.add("why.by", one("why.by.node", nil))
		return
	}
	var out []Paragraph
	for i, grant := range e.Grants {
		if i == most {
			out = append(out, one("why.by.more", say.Params{"n": len(e.Grants) - i}))
			break
		}
		out = append(out, grantSays(grant, e.Question))
	}
	g.add("why.by", out...)
}

func grantSays(grant told.Grant, q told.Question) Paragraph {
	p := one("why.by.grant", say.Params{
		"binding": refText(grant.Binding), "role": refText(grant.Role), "rule": grant.Rule + 1, "allows": ruleFor(q, grant.Allows),
	})
	if grant.Subject.Kind == "Group" {
		p = append(p, says("why.by.group", say.Params{"group": grant.Subject.Name}))
	}
	return p
}
