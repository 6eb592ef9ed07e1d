package panel

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubemint/kubemint/apiserver/authz"
	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/internal/told"
	"github.com/kubemint/kubemint/rbac"
)

// access lists what somebody may do, by resource and verb. With a namespace it is about that and about what lives in none, without
// one about all namespaces at once.
func (p *panel) access(_ http.ResponseWriter, r *http.Request) (any, error) {
	if err := method(r, http.MethodGet); err != nil {
		return nil, err
	}
	q := questionIn(r.URL.Query())
	if q.User == "" && len(q.Groups) == 0 {
		return nil, apierrors.NewBadRequest("a question names a user or groups")
	}
	who := q.Who()
	policy := p.Server.Authorizer().Snapshot()
	out := told.Access{User: who.Name, Groups: who.Groups, Namespace: q.Namespace, Rows: []rbac.AccessRow{}}
	switch {
	case who.In(request.Masters):
		out.By = authz.ByMasters
	case who.In(request.Nodes) && strings.HasPrefix(who.Name, request.NodePrefix):
		out.By = authz.ByNode
	}
	inside, outside := p.askable()
	for namespace, resources := range map[string][]rbac.Resource{q.Namespace: inside, "": outside} {
		if q.Namespace == "" {
			resources = slices.Concat(inside, outside)
		}
		out.Rows = append(out.Rows, policy.Access(who.Name, who.Groups, namespace, resources)...)
	}
	slices.SortFunc(out.Rows, func(x, y rbac.AccessRow) int {
		return cmp.Or(cmp.Compare(x.Group, y.Group), cmp.Compare(x.Name, y.Name))
	})
	rules, _ := policy.RulesFor(who.Name, who.Groups, q.Namespace) // a dangling binding is told by Bindings
	for _, rule := range rules {
		switch {
		case len(rule.NonResourceURLs) > 0:
			out.URLs = append(out.URLs, rule)
		case !p.touches(&rule, inside, outside):
			out.Elsewhere = append(out.Elsewhere, rule)
		}
	}
	out.Dangers = rbac.AllDangers(rules)
	for _, l := range policy.Links(who.Name, who.Groups) {
		if q.Namespace == "" || l.Binding.Namespace == "" || l.Binding.Namespace == q.Namespace {
			out.Bindings = append(out.Bindings, l)
		}
	}
	return out, nil
}

// virtual are the resources that RBAC knows and no path serves, and the verbs that no request has (DANGER-3 to DANGER-8).
var virtual = map[string][]string{
	"users": {"impersonate"}, "groups": {"impersonate"}, "serviceaccounts": {"impersonate"},
	"roles.rbac.authorization.k8s.io": {"bind", "escalate"}, "clusterroles.rbac.authorization.k8s.io": {"bind", "escalate"},
	"signers.certificates.k8s.io": {"approve", "sign"},
}

// askable lists all resources and the verbs they have: those in namespaces, and those outside.
func (p *panel) askable() (inside, outside []rbac.Resource) {
	seen := map[string]bool{}
	add := func(group, name string, verbs []string, namespaced bool) {
		full := strings.TrimSuffix(name+"."+group, ".")
		seen[full] = true
		if more := virtual[full]; more != nil {
			verbs = append(slices.Clip(verbs), more...)
		}
		r := rbac.Resource{Group: group, Name: name, Verbs: verbs}
		if namespaced {
			inside = append(inside, r)
		} else {
			outside = append(outside, r)
		}
	}
	for _, r := range p.Server.Registry().Resources() {
		add(r.Group, r.Name, r.Verbs, r.Namespaced)
		for _, sub := range r.Subresources {
			add(r.Group, r.Name+"/"+sub.Name, sub.Verbs, r.Namespaced)
		}
	}
	for full := range virtual {
		if !seen[full] {
			name, group, _ := strings.Cut(full, ".")
			add(group, name, nil, false)
		}
	}
	return inside, outside
}

// touches says whether a rule is about one of the resources.
func (p *panel) touches(rule *rbacv1.PolicyRule, lists ...[]rbac.Resource) bool {
	for _, list := range lists {
		for _, r := range list {
			base, sub, _ := strings.Cut(r.Name, "/")
			for _, verb := range r.Verbs {
				a := rbac.Attributes{IsResource: true, Verb: verb, Group: r.Group, Resource: base, Subresource: sub}
				if len(rule.ResourceNames) > 0 {
					a.Name = rule.ResourceNames[0]
				}
				if rbac.RuleAllows(rule, &a) {
					return true
				}
			}
		}
	}
	return false
}

// manifestQuestion is a manifest in thought.
type manifestQuestion struct {
	Manifest string `json:"manifest"`
	// Namespace is that of objects which name none.
	Namespace string `json:"namespace"`
}

// accessDiff says who would gain and who would lose what if a manifest were applied.
func (p *panel) accessDiff(w http.ResponseWriter, r *http.Request) (any, error) {
	if err := method(r, http.MethodPost); err != nil {
		return nil, err
	}
	var q manifestQuestion
	if err := readLargeJSON(w, r, &q); err != nil {
		return nil, err
	}
	d, err := p.rights().Diff([]byte(q.Manifest), cmp.Or(q.Namespace, "default"))
	if err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	out := told.Difference{Gains: d.Gains, Skipped: d.Skipped}
	if out.Gains == nil {
		out.Gains = []rbac.Gain{}
	}
	for _, g := range d.Gains {
		if g.Subject.Kind == rbacv1.ServiceAccountKind && len(g.Gained) > 0 {
			p.noteMissing(&out.NoAccount, g.Subject, g.Subject.Namespace)
		}
	}
	return out, nil
}

// lint lists what is odd or dangerous about roles and bindings; system=true includes Kubernetes' own.
func (p *panel) lint(_ http.ResponseWriter, r *http.Request) (any, error) {
	if err := method(r, http.MethodGet); err != nil {
		return nil, err
	}
	system := r.URL.Query().Get("system") == "true"
	policy := p.Server.Authorizer().Snapshot()
	out := told.Lint{
		Findings: policy.Lint(rbac.LintOptions{AccountExists: p.accountExists, System: system}),
		Paths:    policy.Paths(system),
	}
	if out.Findings == nil {
		out.Findings = []rbac.Finding{}
	}
	if out.Paths == nil {
		out.Paths = []rbac.Path{}
	}
	return out, nil
}
