package rbac

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Dangers that a right brings beyond what it says (DANGER-1 to DANGER-16).
const (
	DangerWildcardVerb     Code = "danger-wildcard-verb"
	DangerWildcardResource Code = "danger-wildcard-resource"
	DangerWildcardGroup    Code = "danger-wildcard-group"
	DangerWildcardURL      Code = "danger-wildcard-url"
	DangerSecrets          Code = "danger-secrets"
	DangerLogs             Code = "danger-logs"
	DangerWorkloads        Code = "danger-workloads"
	DangerExec             Code = "danger-exec"
	DangerTokens           Code = "danger-tokens"
	DangerEscalate         Code = "danger-escalate"
	DangerBind             Code = "danger-bind"
	DangerImpersonate      Code = "danger-impersonate"
	DangerNodeProxy        Code = "danger-node-proxy"
	DangerApprove          Code = "danger-approve"
	DangerWebhooks         Code = "danger-webhooks"
	DangerVolumes          Code = "danger-volumes"
	DangerNodes            Code = "danger-nodes"
	DangerNamespaces       Code = "danger-namespaces"
)

// danger is a row: a rule that covers one of the questions has the code.
type danger struct {
	code      Code
	verbs     []string
	group     string
	resources []string
}

var (
	reading = []string{"get", "list", "watch"}
	writing = []string{"create", "update", "patch"}
)

var dangers = []danger{
	{DangerSecrets, reading, "", []string{"secrets"}},
	{DangerLogs, reading, "", []string{"pods/log"}},
	{DangerWorkloads, writing, "", []string{"pods", "pods/ephemeralcontainers", "replicationcontrollers"}},
	{DangerWorkloads, writing, "apps", []string{"deployments", "daemonsets", "statefulsets", "replicasets"}},
	{DangerWorkloads, writing, "batch", []string{"jobs", "cronjobs"}},
	{DangerExec, []string{"create", "get"}, "", []string{"pods/exec", "pods/attach", "pods/portforward", "pods/proxy"}},
	{DangerTokens, []string{"create"}, "", []string{"serviceaccounts/token"}},
	{DangerEscalate, []string{"escalate"}, rbacv1.GroupName, []string{"roles", "clusterroles"}},
	{DangerBind, []string{"bind"}, rbacv1.GroupName, []string{"roles", "clusterroles"}},
	{DangerImpersonate, []string{"impersonate"}, "", []string{"users", "groups", "serviceaccounts"}},
	{DangerNodeProxy, []string{"get", "create"}, "", []string{"nodes/proxy"}},
	{DangerApprove, []string{"update", "patch"}, "certificates.k8s.io", []string{"certificatesigningrequests/approval"}},
	{DangerApprove, []string{"approve", "sign"}, "certificates.k8s.io", []string{"signers"}},
	{DangerWebhooks, writing, "admissionregistration.k8s.io", []string{"mutatingwebhookconfigurations", "validatingwebhookconfigurations"}},
	{DangerVolumes, []string{"create"}, "", []string{"persistentvolumes"}},
	{DangerNodes, []string{"update", "patch"}, "", []string{"nodes", "nodes/status"}},
	{DangerNamespaces, []string{"update", "patch"}, "", []string{"namespaces"}},
}

// Dangers lists what makes a rule more powerful than it looks, each code once, wildcards first.
func Dangers(r *rbacv1.PolicyRule) []Code {
	var out []Code
	add := func(c Code) {
		if !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	if slices.Contains(r.Verbs, "*") {
		add(DangerWildcardVerb)
	}
	if slices.ContainsFunc(r.Resources, func(s string) bool { return s == "*" || strings.HasPrefix(s, "*/") }) {
		add(DangerWildcardResource)
	}
	if slices.Contains(r.APIGroups, "*") {
		add(DangerWildcardGroup)
	}
	if slices.Contains(r.NonResourceURLs, "*") {
		add(DangerWildcardURL)
	}
	for _, d := range dangers {
		if groupMatches(r.APIGroups, d.group) &&
			slices.ContainsFunc(d.verbs, func(v string) bool { return verbMatches(r.Verbs, v) }) &&
			slices.ContainsFunc(d.resources, func(res string) bool { return ruleResourceCovers(r.Resources, res) }) {
			add(d.code)
		}
	}
	return out
}

// allDangers collects the codes of several rules.
func allDangers(rules []rbacv1.PolicyRule) []Code {
	var out []Code
	for i := range rules {
		for _, c := range Dangers(&rules[i]) {
			if !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	return out
}
