package panel

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubemint/kubemint/apiserver/authz"
	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/apiserver/reviews"
	"github.com/kubemint/kubemint/apiserver/story"
	"github.com/kubemint/kubemint/internal/told"
	"github.com/kubemint/kubemint/rbac"
)

// explainQuestion is a question about rights: that of a request by its number, answered by the policy that was in force then, or any
// other, answered by the one in force now.
type explainQuestion struct {
	Story int64 `json:"story"`
	reviews.Question
}

// explain says why something is allowed or refused: every grant, or the near misses and the smallest fix.
func (p *panel) explain(w http.ResponseWriter, r *http.Request) (any, error) {
	if err := method(r, http.MethodGet, http.MethodPost); err != nil {
		return nil, err
	}
	var q explainQuestion
	if r.Method == http.MethodGet {
		q.Question = questionIn(r.URL.Query())
	} else if err := readJSON(w, r, &q); err != nil {
		return nil, err
	}
	if q.Story != 0 {
		return p.explainStory(q.Story)
	}
	if err := complete(q.Question, true); err != nil {
		return nil, err
	}
	a := attributesOf(q.Question)
	policy := p.Server.Authorizer().Snapshot()
	return p.explanation(a, policy, p.rights().Explain(q.Question, policy)), nil
}

// questionIn reads a question from a query.
func questionIn(q url.Values) reviews.Question {
	return reviews.Question{
		User: q.Get("user"), Groups: q["groups"], Verb: q.Get("verb"), Group: q.Get("group"), Resource: q.Get("resource"),
		Subresource: q.Get("subresource"), Namespace: q.Get("namespace"), Name: q.Get("name"), Path: q.Get("path"),
	}
}

// complete refuses a question that lacks something; asker says whether it must name somebody.
func complete(q reviews.Question, asker bool) error {
	if q.Verb == "" || (q.Resource == "") == (q.Path == "") {
		return apierrors.NewBadRequest("a question names a verb, and either a resource or a path")
	}
	if asker && q.User == "" && len(q.Groups) == 0 {
		return apierrors.NewBadRequest("a question names a user or groups")
	}
	return nil
}

func (p *panel) rights() reviews.Access { return reviews.Access{Authorizer: p.Server.Authorizer()} }

func attributesOf(q reviews.Question) authz.Attributes {
	return authz.Attributes{
		User: q.Who(), IsResource: q.Resource != "", Verb: q.Verb, Group: q.Group, Resource: q.Resource, Subresource: q.Subresource,
		Namespace: q.Namespace, Name: q.Name, Path: q.Path,
	}
}

// explainStory answers with the very policy that the request was decided by. Of a request that was refused because of a second question
// it explains that one.
func (p *panel) explainStory(number int64) (any, error) {
	s := p.Server.Stories().Find(number, "")
	if s == nil {
		return nil, noStory(strconv.FormatInt(number, 10))
	}
	a, d := authz.Attributes{
		User: &request.User{Name: s.User, Groups: s.Groups}, IsResource: s.IsResource, Verb: s.Verb, Group: s.Group, Resource: s.Resource,
		Subresource: s.Subresource, Namespace: s.Namespace, Name: s.Name, Path: s.Path,
	}, decision(s)
	for _, found := range s.Admission {
		if asked, ok := found.(*authz.Asked); ok && p.answers(s, asked) {
			a, d = asked.Attributes, &asked.Decision
		}
	}
	if d == nil || d.Policy == nil {
		return nil, apierrors.NewBadRequest("the request ended before anybody asked whether it was allowed")
	}
	if d.By == authz.ByMasters || d.By == authz.ByNode {
		return told.Explanation{Question: p.questionOf(a), Allowed: true, By: d.By}, nil
	}
	e := p.explanation(a, d.Policy, p.Server.Authorizer().Explain(a, d.Policy))
	if d.Node != nil {
		e.NodeReason = d.Node.Reason // what it said then: pods have come and gone
	}
	return e, nil
}

func decision(s *story.Record) *authz.Decision {
	d, _ := s.Authorization.(*authz.Decision)
	return d
}

// explanation adds to the engine's answer what only the cluster and the policy know.
func (p *panel) explanation(a authz.Attributes, policy *rbac.Policy, e authz.Explanation) told.Explanation {
	out := told.Explanation{
		Question: p.questionOf(a), Allowed: e.Decision.Allowed, By: e.By, NodeReason: e.NodeReason, More: e.More,
		NamedUser: e.NamedUser, NamedGroups: e.NamedGroups, Works: e.Works, Fix: e.Fix,
	}
	for _, l := range policy.Links(out.Question.User, out.Question.Groups) {
		inScope := l.Binding.Namespace == "" || l.Binding.Namespace == a.Namespace
		if inScope && l.Subject.Kind == rbacv1.GroupKind && !strings.HasPrefix(l.Binding.Name, "system:") {
			out.OwnGroups++
		}
	}
	for _, g := range e.Grants {
		if rule := ruleOf(policy, g.Role, g.Rule); rule != nil {
			out.Grants = append(out.Grants, told.Grant{Grant: g, Allows: *rule})
		}
	}
	for _, n := range e.Near {
		out.Near = append(out.Near, told.Near{NearMiss: n, Allows: ruleOf(policy, n.Role, n.Rule)})
		if s := n.Subject; s.Kind == rbacv1.ServiceAccountKind {
			p.noteMissing(&out.NoAccount, s, n.Binding.Namespace)
		}
	}
	return out
}

// noteMissing adds an account that does not exist to a list, as "namespace/name".
func (p *panel) noteMissing(list *[]string, s rbacv1.Subject, namespace string) {
	if s.Namespace != "" {
		namespace = s.Namespace
	}
	if id := namespace + "/" + s.Name; !p.accountExists(namespace, s.Name) && !slices.Contains(*list, id) {
		*list = append(*list, id)
	}
}

func (p *panel) accountExists(namespace, name string) bool {
	_, err := p.Server.Registry().Core("serviceaccounts").Get(namespace, name)
	return err == nil
}

// ruleOf finds a rule of a role; nil if there is none.
func ruleOf(policy *rbac.Policy, role rbac.Ref, rule int) *rbacv1.PolicyRule {
	rules, ok := policy.RoleRules(rbacv1.RoleRef{Kind: role.Kind, Name: role.Name}, role.Namespace)
	if !ok || rule < 0 || rule >= len(rules) {
		return nil
	}
	return &rules[rule]
}

// questionOf puts a question as it goes over the wire.
func (p *panel) questionOf(a authz.Attributes) told.Question {
	q := told.Question{
		Request: told.Request{
			Verb: a.Verb, Group: a.Group, Resource: a.Resource, Subresource: a.Subresource, Namespace: a.Namespace, Name: a.Name,
			Namespaced: p.namespaced(a.Group, a.Resource),
		},
		Path: a.Path,
	}
	if a.User != nil {
		q.User, q.Groups = a.User.Name, a.User.Groups
	}
	if a.IsResource {
		q.Path = ""
	}
	return q
}
