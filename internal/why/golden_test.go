package why_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/internal/told"
	"github.com/kubemint/kubemint/internal/why"
	"github.com/kubemint/kubemint/rbac"
)

var update = flag.Bool("update", false, "write testdata/*.golden anew")

var now = time.Date(2026, 11, 23, 11, 9, 11, 0, time.UTC)

// base is the policy that the pages are about: each binding has one thing wrong with it.
const base = `
{kind: Role, apiVersion: rbac.authorization.k8s.io/v1, metadata: {name: deployer, namespace: ci}, rules: [{apiGroups: [apps], resources: [deployments], verbs: [get, list, create, update, patch]}]}
---
{kind: RoleBinding, apiVersion: rbac.authorization.k8s.io/v1, metadata: {name: jenkins-deployer, namespace: ci}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: deployer}, subjects: [{kind: ServiceAccount, name: jenkins, namespace: default}]}
---
{kind: Role, apiVersion: rbac.authorization.k8s.io/v1, metadata: {name: reader, namespace: ci}, rules: [{apiGroups: [""], resources: [pods], verbs: [get, list, watch]}]}
---
{kind: RoleBinding, apiVersion: rbac.authorization.k8s.io/v1, metadata: {name: reader, namespace: ci}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}, subjects: [{kind: ServiceAccount, name: bot}, {kind: ServiceAccount, name: web}, {kind: ServiceAccount, name: metrics}]}
---
{kind: ClusterRole, apiVersion: rbac.authorization.k8s.io/v1, metadata: {name: viewer}, rules: [{apiGroups: ["", apps], resources: [pods, configmaps, deployments], verbs: [get, list, watch]}, {apiGroups: [""], resources: [nodes], verbs: [get, list]}]}
---
{kind: RoleBinding, apiVersion: rbac.authorization.k8s.io/v1, metadata: {name: prom-view, namespace: monitoring}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: viewer}, subjects: [{kind: ServiceAccount, name: prometheus, namespace: monitoring}]}
---
{kind: RoleBinding, apiVersion: rbac.authorization.k8s.io/v1, metadata: {name: dangling, namespace: ci}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reeder}, subjects: [{kind: User, name: jane}]}
---
{kind: Role, apiVersion: rbac.authorization.k8s.io/v1, metadata: {name: slips, namespace: slips}, rules: [
  {apiGroups: [apps/v1], resources: [deployments], verbs: [list]}, {apiGroups: [""], resources: [statefulsets], verbs: [list]},
  {apiGroups: [""], resources: [pod], verbs: [list]}, {apiGroups: [""], resources: [services], verbs: [lst]},
  {apiGroups: [""], resources: [configmaps], resourceNames: [app], verbs: [get, list]}, {apiGroups: [""], resources: ["pods/*"], verbs: [get]},
  {apiGroups: [""], resources: [serviceaccounts/token], verbs: [create]}, {apiGroups: [extensions], resources: [daemonsets], verbs: [get]}]}
---
{kind: RoleBinding, apiVersion: rbac.authorization.k8s.io/v1, metadata: {name: slips, namespace: slips}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: slips}, subjects: [{kind: User, name: sam}]}
---
{kind: Role, apiVersion: rbac.authorization.k8s.io/v1, metadata: {name: named, namespace: who}, rules: [{apiGroups: [""], resources: [endpoints], verbs: [get]}]}
---
{kind: RoleBinding, apiVersion: rbac.authorization.k8s.io/v1, metadata: {name: as-user, namespace: who}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: named}, subjects: [{kind: User, name: robot}]}
---
{kind: RoleBinding, apiVersion: rbac.authorization.k8s.io/v1, metadata: {name: kind, namespace: who}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: named}, subjects: [{kind: Group, name: alice}]}
---
{kind: RoleBinding, apiVersion: rbac.authorization.k8s.io/v1, metadata: {name: misspelt, namespace: who}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: named}, subjects: [{kind: User, name: benjamim}]}
---
{kind: ClusterRole, apiVersion: rbac.authorization.k8s.io/v1, metadata: {name: logs}, rules: [{nonResourceURLs: [/logs/a], verbs: [get]}]}
---
{kind: ClusterRoleBinding, apiVersion: rbac.authorization.k8s.io/v1, metadata: {name: logs}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: logs}, subjects: [{kind: User, name: sam}]}
---
{kind: ClusterRole, apiVersion: rbac.authorization.k8s.io/v1, metadata: {name: boss}, rules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}, {nonResourceURLs: ["*"], verbs: ["*"]}]}
---
{kind: ClusterRoleBinding, apiVersion: rbac.authorization.k8s.io/v1, metadata: {name: boss}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: boss}, subjects: [{kind: ServiceAccount, name: boss, namespace: ops}, {kind: Group, name: owners}]}
---
{kind: Role, apiVersion: rbac.authorization.k8s.io/v1, metadata: {name: runner, namespace: ops}, rules: [{apiGroups: [""], resources: [pods], verbs: [create]}]}
---
{kind: RoleBinding, apiVersion: rbac.authorization.k8s.io/v1, metadata: {name: runner, namespace: ops}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: runner}, subjects: [{kind: User, name: eve}]}
`

func policy(t testing.TB) *rbac.Policy {
	t.Helper()
	m, err := rbac.Decode([]byte(base), "default")
	if err != nil {
		t.Fatal(err)
	}
	p, err := rbac.NewPolicy(m.Objects...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// explained answers a question as the cluster does.
func explained(p *rbac.Policy, user string, r told.Request, path string, groups ...string) *told.Explanation {
	a := rbac.Attributes{User: user, Groups: groups, Verb: r.Verb, Group: r.Group, Resource: r.Resource, Subresource: r.Subresource,
		Namespace: r.Namespace, Name: r.Name, Path: path, IsResource: r.Resource != ""}
	e := p.Explain(a)
	out := &told.Explanation{Question: told.Question{User: user, Groups: groups, Request: r, Path: path}, Allowed: e.Decision.Allowed,
		More: e.More, NamedUser: e.NamedUser, NamedGroups: e.NamedGroups, Works: e.Works, Fix: e.Fix}
	if out.Allowed {
		out.By = told.ByRBAC
	}
	rule := func(role rbac.Ref, i int) *rbacv1.PolicyRule {
		rules, _ := p.RoleRules(rbacv1.RoleRef{Kind: role.Kind, Name: role.Name}, role.Namespace)
		if i < 0 || i >= len(rules) {
			return nil
		}
		return &rules[i]
	}
	for _, g := range e.Grants {
		out.Grants = append(out.Grants, told.Grant{Grant: g, Allows: *rule(g.Role, g.Rule)})
	}
	for _, n := range e.Near {
		out.Near = append(out.Near, told.Near{NearMiss: n, Allows: rule(n.Role, n.Rule)})
	}
	return out
}

func in(namespace, verb, resource string, more ...func(*told.Request)) told.Request {
	r := told.Request{Verb: verb, Namespace: namespace, Namespaced: true}
	name, group, _ := strings.Cut(resource, ".")
	r.Resource, r.Group = name, group
	if base, sub, ok := strings.Cut(name, "/"); ok {
		r.Resource, r.Subresource = base, sub
	}
	for _, f := range more {
		f(&r)
	}
	return r
}

func named(name string) func(*told.Request) { return func(r *told.Request) { r.Name = name } }
func outside(r *told.Request)               { r.Namespaced = false }
func account(namespace, name string) string { return "system:serviceaccount:" + namespace + ":" + name }

func at(d time.Duration) *time.Time { t := now.Add(d); return &t }

// sent is a request of a ServiceAccount by a token of its own, answered with a code.
func sent(number int64, code int, user string, r told.Request) *told.Story {
	return &told.Story{Number: number, AuditID: "7d0e2c1a-0000-4000-8000-000000000000", At: now, User: user, Request: r, Method: "GET", Path: "/api/v1/x", Code: code,
		Source: "127.0.0.1:50000", Agent: "kubectl/v1.36.2", TookMicros: 1520, Groups: []string{"system:authenticated"},
		Steps:          []told.Step{{Name: "authenticate", Micros: 120}, {Name: "authorize", Micros: 9}, {Name: "store", Micros: 1300}, {Name: "answer", Micros: 91}},
		Authentication: []told.Attempt{{Method: "account-token", Outcome: "ok", Token: &told.Token{Proven: true, Ends: at(41 * time.Minute)}}},
		Authorization:  &told.Decision{Allowed: code != 403, Answers: []told.Answer{{By: "masters"}, {By: "node"}, {By: "rbac", Allowed: code != 403, Reason: "RBAC: why"}}},
	}
}

// attempted is a 401 by a token that failed at a step.
func attempted(step, code string, params map[string]string, token *told.Token) *told.Story {
	st := sent(88, 401, "", in("ci", "get", "deployments.apps"))
	st.Authorization = nil
	a := told.Attempt{Method: "account-token", Outcome: "failed", Code: code, Params: params, Token: token}
	outcome := "ok"
	for _, s := range []string{"form", "issuer", "signature", "audience", "time", "account", "pod"} {
		c := told.Check{Step: s, Outcome: outcome}
		if s == step {
			c.Outcome, c.Code, c.Params, outcome = "failed", code, params, "not reached"
		}
		a.Checks = append(a.Checks, c)
	}
	st.Authentication = []told.Attempt{a}
	return st
}

func handMade() *told.Token {
	return &told.Token{Proven: true, Namespace: "ci", Account: "jenkins", Issued: at(-67 * time.Minute), Ends: at(-7 * time.Minute),
		AskedBy: &told.AskedBy{User: "kubernetes-admin", Number: 31}}
}

func ofPod() *told.Token {
	return &told.Token{Proven: true, Namespace: "default", Account: "default", Pod: "app", Node: "node-1", Issued: at(-time.Hour), Ends: at(time.Minute)}
}

// stories are all the ways in which a request can end.
func stories(t testing.TB) map[string]func(o why.Options) *why.Page {
	p := policy(t)
	out := map[string]func(o why.Options) *why.Page{}
	story := func(name string, st *told.Story, e *told.Explanation) {
		out[name] = func(o why.Options) *why.Page { return why.Story(st, e, o) }
	}
	ask := func(name, user string, r told.Request, groups ...string) {
		e := explained(p, user, r, "", groups...)
		out[name] = func(o why.Options) *why.Page { return why.Question(e, nil, o) }
	}
	request := func(name string, number int64, user string, r told.Request, change func(*told.Story, *told.Explanation)) {
		e := explained(p, user, r, "")
		code := 403
		if e.Allowed {
			code = 200
		}
		st := sent(number, code, user, r)
		if change != nil {
			change(st, e)
		}
		story(name, st, e)
	}

	request("denied-nothing", 41, account("default", "dashboard-sa"), in("default", "list", "pods"), func(_ *told.Story, e *told.Explanation) { e.NamedGroups = 4 })
	request("denied-account-elsewhere", 57, account("ci", "jenkins"), in("ci", "create", "deployments.apps"), func(_ *told.Story, e *told.Explanation) { e.NoAccount = []string{"default/jenkins"} })
	request("denied-all-namespaces", 63, account("monitoring", "prometheus"), in("", "list", "pods"), func(st *told.Story, _ *told.Explanation) { st.Command = "kubectl get" })
	request("denied-anonymous", 64, "system:anonymous", in("shop", "list", "pods"), func(st *told.Story, _ *told.Explanation) {
		st.Authentication = []told.Attempt{{Method: "anonymous", Outcome: "ok"}}
	})
	request("denied-impersonation", 65, "jane", in("", "impersonate", "users", outside, named("bob")), func(st *told.Story, e *told.Explanation) {
		st.Wanted, st.Asked = "bob", &e.Question
		st.Request = in("ci", "list", "secrets")
	})
	request("denied-second-right", 66, "jane", in("ci", "create", "leases.coordination.k8s.io", named("x")), func(st *told.Story, e *told.Explanation) {
		st.Asked, st.Verb = &e.Question, "update"
	})
	request("denied-node", 67, "system:node:node-1", in("ci", "get", "secrets", named("db")), func(_ *told.Story, e *told.Explanation) {
		e.NodeReason = "no relationship found between node 'node-1' and this object"
	})
	request("denied-escalation", 68, account("ops", "boss"), in("ci", "create", "roles.rbac.authorization.k8s.io"), func(st *told.Story, _ *told.Explanation) {
		st.Code, st.Missing = 403, []rbacv1.PolicyRule{{Verbs: []string{"*"}, APIGroups: []string{"*"}, Resources: []string{"*"}}, {Verbs: []string{"get"}, NonResourceURLs: []string{"/logs"}}}
	})
	request("denied-escalation-binding", 69, account("ops", "boss"), in("ci", "create", "rolebindings.rbac.authorization.k8s.io"), func(st *told.Story, _ *told.Explanation) {
		st.Code, st.Missing = 403, []rbacv1.PolicyRule{{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"secrets"}, ResourceNames: []string{"db"}}}
	})
	request("denied-admission", 70, account("ops", "boss"), in("ops", "create", "pods"), func(st *told.Story, _ *told.Explanation) {
		st.Code, st.Message = 403, `pods "x" is forbidden: error looking up service account ops/nix: serviceaccount "nix" not found`
	})
	request("allowed", 71, account("ci", "bot"), in("ci", "list", "pods"), nil)
	request("allowed-impersonated", 72, account("ci", "bot"), in("ci", "list", "pods"), func(st *told.Story, _ *told.Explanation) {
		st.Real = "kubernetes-admin"
		st.Authentication, st.AlsoToken = []told.Attempt{{Method: "certificate", Outcome: "ok"}}, true
	})
	request("allowed-changed", 73, account("ops", "boss"), in("ops", "create", "pods"), func(st *told.Story, _ *told.Explanation) {
		st.Code, st.Command = 201, "kubectl apply"
		st.Others = []told.Story{*sent(72, 404, st.User, in("ops", "get", "pods", named("app")))}
		st.Warnings = []string{"spec.foo is deprecated"}
		st.Changes = []told.Edit{{Path: "spec.serviceAccountName", New: "default"}, {Path: "spec.priority", Old: "1", New: "0"}, {Path: "spec.x", Old: "y"}}
		for _, code := range []string{"account.default", "token.mounted", "token.refused.pod", "token.refused.account", "token.path-taken", "pull-secrets.copied", "tolerations.added",
			"priority.resolved", "limit-range.applied", "storage-class.default", "node-token.allowed"} {
			st.Admission = append(st.Admission, told.Note{Code: "admission." + code, Params: map[string]string{"account": "default", "volume": "kube-api-access-abcde",
				"containers": "1", "count": "2", "seconds": "300", "class": "standard", "value": "0", "name": "limits", "what": "cpu", "node": "node-1", "pod": "app", "audience": "api"}})
		}
	})
	request("allowed-diff", 74, account("ops", "boss"), in("ops", "update", "pods", named("app")), func(st *told.Story, _ *told.Explanation) {
		st.Changes, st.ChangesCut = []told.Edit{{Path: "spec.a", New: "b"}}, true
	})
	for name, answer := range map[string]struct {
		code            int
		reason, message string
	}{
		"not-found": {404, "NotFound", `pods "app" not found`}, "exists": {409, "AlreadyExists", `pods "app" already exists`}, "conflict": {409, "Conflict", "the object has been modified"},
		"invalid": {422, "Invalid", `Pod "app" is invalid: spec.containers: Required value`}, "busy": {429, "TooManyRequests", "too many"}, "plain": {500, "", ""}, "words": {405, "MethodNotAllowed", "the server does not allow this method on the requested resource"},
	} {
		request("answered-"+name, 75, account("ci", "bot"), in("ci", "get", "pods", named("app")), func(st *told.Story, _ *told.Explanation) {
			st.Code, st.Reason, st.Message = answer.code, answer.reason, answer.message
		})
	}
	for name, e := range map[string]*told.Explanation{"masters": {Allowed: true, By: told.ByMasters}, "node": {Allowed: true, By: told.ByNode}} {
		story("allowed-"+name, sent(76, 200, "kubernetes-admin", in("", "list", "nodes", outside)), e)
	}
	for name, method := range map[string]string{"certificate": "certificate", "static": "static-token", "bootstrap": "bootstrap-token", "plain-token": "account-token"} {
		request("by-"+name, 77, account("ci", "bot"), in("ci", "list", "pods"), func(st *told.Story, _ *told.Explanation) {
			st.Authentication = []told.Attempt{{Method: method, Outcome: "ok"}}
		})
	}
	for name, token := range map[string]*told.Token{
		"pod": ofPod(), "legacy": {Proven: true, Legacy: true, Secret: "bot-token"}, "stale": {Proven: true, Pod: "app", Ends: at(-time.Minute), Signed: at(8000 * time.Hour)},
	} {
		request("by-"+name, 78, account("ci", "bot"), in("ci", "list", "pods"), func(st *told.Story, _ *told.Explanation) {
			st.Authentication = []told.Attempt{{Method: "account-token", Outcome: "ok", Token: token}}
		})
	}

	ended := map[string]string{"ended": now.Add(-7 * time.Minute).Format(time.RFC3339), "now": now.Format(time.RFC3339), "leeway": "60s"}
	pod := map[string]string{"kind": "pod", "namespace": "default", "name": "app", "uid": "b", "claim": "a"}
	sa := map[string]string{"namespace": "ci", "name": "jenkins", "uid": "b", "claim": "a", "deleted": now.Format(time.RFC3339)}
	legacy := &told.Token{Proven: true, Legacy: true, Namespace: "ci", Account: "jenkins", Secret: "jenkins-token"}
	for name, st := range map[string]*told.Story{
		"expired":          attempted("time", "token.time.expired", ended, handMade()),
		"expired-pod":      attempted("time", "token.time.expired", ended, &told.Token{Proven: true, Namespace: "default", Account: "default", Pod: "app", Issued: at(-2 * time.Hour), Ends: at(-time.Hour)}),
		"not-yet":          attempted("time", "token.time.not-yet", map[string]string{"begins": now.Add(time.Hour).Format(time.RFC3339), "now": now.Format(time.RFC3339), "leeway": "60s"}, handMade()),
		"deleted-pod":      attempted("pod", "token.bound.missing", pod, ofPod()),
		"other-bound":      attempted("pod", "token.bound.uid", map[string]string{"kind": "secret", "name": "s", "uid": "b", "claim": "a"}, handMade()),
		"account-gone":     attempted("account", "token.account.missing", sa, handMade()),
		"account-anew":     attempted("account", "token.account.uid", sa, handMade()),
		"audience":         attempted("audience", "token.audience.other", map[string]string{"audiences": "vault", "wanted": "https://kubernetes.default.svc.cluster.local"}, handMade()),
		"issuer":           attempted("issuer", "token.issuer.foreign", map[string]string{"issuer": "https://elsewhere", "accepted": "https://here"}, &told.Token{Namespace: "ci", Account: "jenkins"}),
		"signature":        attempted("signature", "token.signature.no-key", map[string]string{"kid": "abc"}, &told.Token{Namespace: "ci", Account: "jenkins"}),
		"form":             attempted("form", "token.form.not-a-jwt", map[string]string{"parts": "2"}, nil),
		"legacy-marked":    attempted("account", "token.mark.invalid", map[string]string{"namespace": "ci", "name": "jenkins-token", "since": "2026-01-01"}, legacy),
		"token-of":         attempted("time", "token.time.future", map[string]string{"issued": now.Add(time.Hour).Format(time.RFC3339), "now": now.Format(time.RFC3339), "leeway": "60s"}, &told.Token{Proven: true, Namespace: "ci", Account: "jenkins"}),
		"cannot-be-looked": attempted("account", "token.lookup", map[string]string{"error": "down"}, handMade()),
	} {
		story("refused-"+name, st, nil)
	}
	for _, method := range []string{"certificate", "static-token", "account-token", "bootstrap-token", "bearer-token", "websocket-token", "anonymous"} {
		st := attempted("", "", nil, nil)
		code := map[string]string{"certificate": "authn.certificate.expired", "anonymous": "authn.anonymous.off"}[method]
		if code == "" {
			code = "authn.token.unknown"
		}
		st.Authentication = []told.Attempt{{Method: method, Outcome: "failed", Code: code, Params: map[string]string{"name": "jane", "ended": now.Add(-48 * time.Hour).Format(time.RFC3339), "now": now.Format(time.RFC3339)}}}
		story("refused-by-"+method, st, nil)
	}
	none := attempted("", "", nil, nil)
	none.Authentication = nil
	story("refused-by-nothing", none, nil)

	ask("ask-allowed", account("ci", "bot"), in("ci", "list", "pods"))
	ask("ask-anonymous", "system:anonymous", in("shop", "list", "pods"))
	ask("ask-group-grants", "ann", in("ci", "list", "pods"), "owners")
	ask("ask-boss-logs", "kim", in("ci", "get", "pods/log", named("web")))
	ask("near-subresource-missing", account("ci", "bot"), in("ci", "get", "pods/log", named("web")))
	ask("near-verb-missing", account("ci", "bot"), in("ci", "delete", "pods", named("web")))
	ask("near-other-namespace", account("ci", "bot"), in("shop", "list", "pods"))
	ask("near-cluster-scoped", account("monitoring", "prometheus"), in("", "list", "nodes", outside))
	ask("near-role-missing", "jane", in("ci", "list", "pods"))
	ask("near-group-is-version", "sam", in("slips", "list", "deployments.apps"))
	ask("near-group-missing", "sam", in("slips", "list", "statefulsets.apps"))
	ask("near-group-and-verb", "sam", in("slips", "delete", "statefulsets.apps"))
	ask("near-version-and-verb", "sam", in("slips", "delete", "deployments.apps"))
	ask("near-resource-misspelt", "sam", in("slips", "list", "pods"))
	ask("near-verb-misspelt", "sam", in("slips", "list", "services"))
	ask("near-name-not-listed", "sam", in("slips", "get", "configmaps", named("other")))
	ask("near-name-on-collection", "sam", in("slips", "list", "configmaps"))
	ask("near-verb-and-name", "sam", in("slips", "delete", "configmaps", named("other")))
	ask("near-verb-and-collection", "sam", in("slips", "watch", "configmaps"))
	ask("near-subresource-glob", "sam", in("slips", "get", "pods/log", named("web")))
	ask("near-subresource-only", "sam", in("slips", "create", "serviceaccounts"))
	ask("near-account-as-user", account("who", "robot"), in("who", "get", "endpoints", named("x")))
	ask("near-subject-kind", "alice", in("who", "get", "endpoints", named("x")))
	ask("near-subject-misspelt", "benjamin", in("who", "get", "endpoints", named("x")))
	ask("works-elsewhere", account("ci", "bot"), in("shop", "get", "pods", named("web")))
	ask("works-watch", account("ci", "bot"), in("shop", "watch", "pods"))
	ask("works-create", "eve", in("shop", "create", "pods"))
	url := explained(p, "sam", told.Request{Verb: "get"}, "/logs/b")
	out["near-url"] = func(o why.Options) *why.Page { return why.Question(url, nil, o) }
	remarks := []why.Paragraph{why.Subresource("pods/log", `pod "web"`, "log"), why.UnknownVerb("lst", "list", "pods"), why.UnknownVerb("fly", "", "pods"), why.MisspeltResource("pdos", "pods"),
		why.ForeignResource("foos.example.com"), why.OutsideNamespaces("nodes"), why.NoAccount("ci/nix"), why.RunsAs("web", "ci/bot"), why.UserNotAccount("ci:bot")}
	reads := explained(p, account("ci", "bot"), in("ci", "list", "pods"), "")
	out["remarks"] = func(o why.Options) *why.Page { return why.Question(reads, remarks, o) }
	nofix := explained(p, "jane", in("ci", "watch", "secrets"), "")
	nofix.Fix = nil
	out["fix-none"] = func(o why.Options) *why.Page { return why.Question(nofix, nil, o) }

	who := rbac.Attributes{Verb: "list", Resource: "pods", Namespace: "ci", IsResource: true}
	out["who-can"] = func(o why.Options) *why.Page {
		return why.Holders(&told.Holders{Question: told.Question{Request: in("ci", "list", "pods")}, Holders: p.WhoCan(who)}, nil, o)
	}
	out["who-can-nobody"] = func(o why.Options) *why.Page {
		return why.Holders(&told.Holders{Question: told.Question{Request: in("", "fly", "pods")}}, nil, o)
	}
	after, err := p.With(&rbacv1.Role{ObjectMeta: metaIn("ci", "reader"), Rules: []rbacv1.PolicyRule{{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"secrets"}}}},
		&rbacv1.ClusterRoleBinding{ObjectMeta: metaIn("", "new"), RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "viewer"}, Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: "x", Name: "nix"}}})
	if err != nil {
		t.Fatal(err)
	}
	out["diff"] = func(o why.Options) *why.Page {
		return why.Difference(&told.Difference{Gains: rbac.Diff(p, after), Skipped: []string{"ConfigMap"}, NoAccount: []string{"x/nix"}}, "new.yaml", o)
	}
	out["diff-nothing"] = func(o why.Options) *why.Page { return why.Difference(&told.Difference{}, "same.yaml", o) }
	lint := told.Lint{Findings: p.Lint(rbac.LintOptions{AccountExists: func(_, name string) bool { return name == "robot" }}), Paths: p.Paths(false)}
	out["lint"] = func(o why.Options) *why.Page { return why.Lint(&lint, o) }
	out["lint-clean"] = func(o why.Options) *why.Page { return why.Lint(&told.Lint{}, o) }
	imported := told.Import{Roles: 7, Bindings: 9, Lint: lint, Skipped: []string{"ConfigMap"}}
	for _, s := range p.Subjects(false) {
		user, groups := rbac.Identity(s)
		h := told.Holding{Subject: s, Links: p.Links(user, groups)}
		for _, l := range h.Links {
			h.Dangers = append(h.Dangers, rbac.AllDangers(l.Rules)...)
		}
		imported.Holdings = append(imported.Holdings, h)
	}
	out["import"] = func(o why.Options) *why.Page { return why.Import(&imported, []string{"a.yaml", "b.yaml"}, o) }
	out["import-nothing"] = func(o why.Options) *why.Page { return why.Import(&told.Import{}, []string{"a.yaml"}, o) }
	return out
}

// Each page as a person reads it, short and whole, in each language: testdata/NAME.golden. Run with -update to write them anew, and read
// them aloud: does a learner know what to do next?
func TestPages(t *testing.T) {
	t.Parallel()
	for name, page := range stories(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			for _, language := range say.Languages() {
				short := page(why.Options{}).Render(say.In(language), nil)
				whole := page(why.Options{All: true}).Render(say.In(language), nil)
				check(t, language, short, whole)
				for _, e := range page(why.Options{All: true}).Entries {
					if label := say.In(language).Say(e.Label, nil); e.Label != "" && say.Width(label) > 7 {
						t.Errorf("the label %q is %d columns wide and touches what it labels", label, say.Width(label))
					}
				}
				out.WriteString("-- " + string(language) + " --\n" + strings.Join(short, "\n") + "\n")
				if !cmp.Equal(short, whole) {
					out.WriteString("-- " + string(language) + " -v --\n" + strings.Join(whole, "\n") + "\n")
				}
			}
			golden(t, name, out.String())
			if _, err := json.Marshal(page(why.Options{})); err != nil {
				t.Errorf("as JSON: %v", err)
			}
		})
	}
}

// check holds the rules of every page: 80 columns, 24 lines unless all is asked for, nothing left unsaid.
func check(t *testing.T, language say.Language, short, whole []string) {
	t.Helper()
	if len(short) > why.MaxLines {
		t.Errorf("%s: %d lines, at most %d fit", language, len(short), why.MaxLines)
	}
	for _, line := range append(short, whole...) {
		if say.Width(line) > say.Columns {
			t.Errorf("%s: %d columns: %s", language, say.Width(line), line)
		}
		if strings.ContainsAny(line, "{}") && !strings.Contains(line, `"`) {
			t.Errorf("%s: a parameter is missing: %s", language, line)
		}
		if word, _, _ := strings.Cut(strings.TrimSpace(line), " "); strings.Count(word, ".") > 0 && say.Knows(word) {
			t.Errorf("%s: a code instead of words: %s", language, line)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; go test -update writes it anew):\n%s", path, diff)
	}
}
