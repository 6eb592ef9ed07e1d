package why

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/internal/told"
	"github.com/kubemint/kubemint/rbac"
)

// fix tells the smallest change that allows what was asked, and its price.
func fix(g *Page, e *told.Explanation, yaml say.Message) {
	f := e.Fix
	if f == nil {
		g.add("why.fix", one("fix.none", nil))
		return
	}
	says := verbatim(commandLines(f.Commands)...)
	says = append(says, price(f, e))
	if p := after(f, e); p != nil {
		says = append(says, p)
	}
	if p := insteads(f, e); p != nil {
		says = append(says, p)
	}
	says = append(says, Paragraph{{Code: yaml.Code, Params: yaml.Params}})
	g.add("why.fix", says...)
}

// price says what else a fix allows, and to whom.
func price(f *rbac.Fix, e *told.Explanation) Paragraph {
	var out Paragraph
	if f.Kind == rbac.FixMissingRole && len(e.Near) > 0 {
		out = append(out, says("fix.missing-role", say.Params{"binding": refText(e.Near[0].Binding)}))
	}
	if len(f.Also) == 0 && !f.AnyName && len(f.Others) == 0 {
		out = append(out, says("fix.exact", nil))
	}
	if f.AnyName {
		out = append(out, says("fix.any-name", say.Params{"resource": resourceText(e.Question.Request), "name": e.Question.Name}))
	}
	if len(f.Also) > 0 {
		out = append(out, says("fix.also", say.Params{"rules": someRules(f.Also)}))
	}
	if len(f.Others) > 0 {
		var others []string
		for _, gain := range f.Others {
			others = append(others, subjectText(gain.Subject))
		}
		out = append(out, says("fix.others", say.Params{"who": shortList(slices.Compact(others))}))
	}
	for _, danger := range f.Dangers {
		out = append(out, says(dangerCode(danger), nil))
	}
	return out
}

func dangerCode(c rbac.Code) string { return "danger." + strings.TrimPrefix(string(c), "danger-") }

// rulesShown is how many rules a sentence names.
const rulesShown = 4

// someRules names the first rules of a list and counts the rest.
func someRules(rules []rbacv1.PolicyRule) say.Message {
	shown := rules[:min(len(rules), rulesShown)]
	var out say.Message
	if n := len(rules) - len(shown); n > 0 {
		out = say.Message{Code: "rule.more", Params: say.Params{"n": n}}
	}
	for _, r := range slices.Backward(shown) {
		if out.Code == "" {
			out = ruleText(r)
			continue
		}
		out = say.Message{Code: "rule.then", Params: say.Params{"rule": ruleText(r), "rest": out}}
	}
	return out
}

// after says what is left to do once a binding reaches the right subject: the wrong one is still in it.
func after(f *rbac.Fix, e *told.Explanation) Paragraph {
	if f.Kind != rbac.FixAddSubject || len(e.Near) == 0 {
		return nil
	}
	b := e.Near[0].Binding
	command := "kubectl edit " + strings.ToLower(b.Kind) + " " + b.Name
	if b.Namespace != "" {
		command += " -n " + b.Namespace
	}
	return one("fix.take-out", say.Params{"command": command})
}

// insteads warns of what comes to mind first and would give more away.
func insteads(f *rbac.Fix, e *told.Explanation) Paragraph {
	if f.Kind != rbac.FixNewRole || len(e.Near) == 0 {
		return nil
	}
	n := e.Near[0]
	if len(n.Differences) != 1 {
		return nil
	}
	switch n.Differences[0].Code {
	case rbac.ClusterBindingNeeded:
		return one("fix.not-cluster-wide", say.Params{"role": refText(n.Role)})
	case rbac.VerbMissing, rbac.SubresourceMissing, rbac.SubresourceOnly, rbac.GroupMissing, rbac.NameNotListed:
		if len(n.Shared) > 0 {
			return one("fix.not-in-role", say.Params{"role": refText(n.Role), "who": shortList(n.Shared)})
		}
	}
	return nil
}

// commandLines writes command lines as a person types them, broken at flags so that they fit.
func commandLines(commands [][]string) []string {
	var out []string
	for _, command := range commands {
		line := ""
		for _, word := range command {
			word = quoted(word)
			if line != "" && say.Width(line)+1+say.Width(word) > say.Columns-labelWidth-2 {
				out = append(out, line+" \\")
				line = "  " + word
				continue
			}
			if line != "" {
				line += " "
			}
			line += word
		}
		out = append(out, line)
	}
	return out
}

// quoted protects from the shell what it would read as something else.
func quoted(word string) string {
	if strings.ContainsAny(word, " *?[]{}()<>|&;$`\"'\\~#!\t\n") {
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return word
}
