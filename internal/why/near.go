package why

import (
	"slices"
	"strings"

	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/internal/told"
	"github.com/kubemint/kubemint/rbac"
)

// nearMiss says of a binding at which point it does not match. A second point is added to the sentence of the first.
func nearMiss(n told.Near, e *told.Explanation) Paragraph {
	var out Paragraph
	for i, d := range n.Differences {
		code, params := "near."+string(d.Code), say.Params{
			"binding": refText(n.Binding), "role": refText(n.Role), "have": shortList(d.Have), "want": d.Want,
			"verb": e.Question.Verb, "resource": resourceText(e.Question.Request),
		}
		switch d.Code {
		case rbac.GroupMissing, rbac.GroupIsVersion:
			params["have"], params["want"] = groupNames(d.Have), `"`+d.Want+`"`
		case rbac.AccountElsewhere:
			from, name, _ := strings.Cut(d.Have[0], "/")
			to, _, _ := strings.Cut(d.Want, "/")
			params["name"], params["from"], params["to"] = name, from, to
		case rbac.OtherNamespace:
			params["have"] = d.Have[0]
		case rbac.ClusterBindingNeeded:
			params["have"] = d.Have[0]
			if e.Question.Resource != "" && !e.Question.Namespaced {
				code = "near.cluster-scoped"
			}
		case rbac.VerbMissing, rbac.NameNotListed, rbac.SubresourceOnly:
			params["have"] = starred(d.Have, "word.every-verb")
		}
		if and := "and-near." + string(d.Code); i > 0 && say.Knows(and) {
			code = and
		}
		out = append(out, says(code, params))
		out = append(out, remark(d, n, e)...)
	}
	return out
}

// remark adds what helps to understand a difference.
func remark(d rbac.Difference, n told.Near, e *told.Explanation) Paragraph {
	switch d.Code {
	case rbac.AccountElsewhere:
		if slices.Contains(e.NoAccount, d.Have[0]) {
			return one("near.no-account", say.Params{"account": d.Have[0]})
		}
	case rbac.RoleMissing:
		if len(d.Have) > 0 {
			return one("near.similar-roles", say.Params{"roles": shortList(d.Have)})
		}
	}
	return nil
}
