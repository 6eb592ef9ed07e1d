package main

import (
	"net/http"
	"slices"

	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/internal/told"
	"github.com/kubemint/kubemint/internal/why"
	"github.com/kubemint/kubemint/rbac"
	"github.com/kubemint/kubemint/rbac/bootstrap"

	"github.com/spf13/cobra"
	rbacv1 "k8s.io/api/rbac/v1"
)

// rbacVerb looks at roles and bindings as a whole.
func (p *program) rbacVerb() *cobra.Command {
	return p.group("rbac", p.rbacLint(), p.rbacImport())
}

// rbacLint tells what is odd or dangerous about the cluster's roles and
// bindings.
func (p *program) rbacLint() *cobra.Command {
	var system, verbose bool
	cmd := p.subverb("help.rbac.", "lint", nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return wrongArguments(cmd)
		}
		client, err := p.connect()
		if err != nil {
			return err
		}
		defer client.Close()
		path := "/kubemint/v1/rbac/lint"
		if system {
			path += "?system=true"
		}
		var l told.Lint
		if err := client.Do(cmd.Context(), http.MethodGet, path, nil, &l); err != nil {
			return err
		}
		if p.output == "json" {
			return p.printJSON(l)
		}
		return p.printLines(why.Lint(&l, why.Options{All: verbose}).Render(p.speaker, nil))
	}
	flags := cmd.Flags()
	flags.BoolVar(&system, "system", false, p.flagText("lint-system"))
	flags.BoolVarP(&verbose, "verbose", "v", false, p.flagText("verbose"))
	p.addOutput(cmd)
	return cmd
}

// rbacImport explains the roles and bindings in files, perhaps those of another
// cluster, and applies nothing. It needs no cluster.
func (p *program) rbacImport() *cobra.Command {
	var namespace string
	var verbose bool
	cmd := p.subverb("help.rbac.", "import FILE...", nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return wrongArguments(cmd)
		}
		found, err := p.importFiles(args, namespace)
		if err != nil {
			return err
		}
		if p.output == "json" {
			return p.printJSON(found)
		}
		return p.printLines(why.Import(found, args, why.Options{All: verbose}).Render(p.speaker, nil))
	}
	flags := cmd.Flags()
	flags.StringVarP(&namespace, "namespace", "n", "default", p.flagText("namespace"))
	flags.BoolVarP(&verbose, "verbose", "v", false, p.flagText("verbose"))
	p.addOutput(cmd)
	return cmd
}

// importFiles reads files into a policy of their own. Kubernetes' default roles
// are there as in any cluster, so that bindings to them mean something.
func (p *program) importFiles(files []string, namespace string) (*told.Import, error) {
	var objects []any
	for _, o := range bootstrap.Defaults().Objects() {
		objects = append(objects, o)
	}
	out := &told.Import{Holdings: []told.Holding{}}
	for _, file := range files {
		content, err := p.readManifest(file)
		if err != nil {
			return nil, err
		}
		m, err := rbac.Decode(content, namespace)
		if err != nil {
			return nil, say.Failure("rbac-import.unreadable", say.Params{"file": file, "why": err.Error()}, err)
		}
		objects = append(objects, m.Objects...)
		for _, kind := range m.Skipped {
			if !slices.Contains(out.Skipped, kind) {
				out.Skipped = append(out.Skipped, kind)
			}
		}
		for _, o := range m.Objects {
			switch o.(type) {
			case *rbacv1.Role, *rbacv1.ClusterRole:
				out.Roles++
			default:
				out.Bindings++
			}
		}
	}
	policy, err := rbac.NewPolicy(objects...)
	if err != nil {
		return nil, err
	}
	policy = policy.Aggregated()
	for _, s := range policy.Subjects(false) {
		user, groups := rbac.Identity(s)
		h := told.Holding{Subject: s, Links: policy.Links(user, groups)}
		var rules []rbacv1.PolicyRule
		for _, l := range h.Links {
			rules = append(rules, l.Rules...)
		}
		h.Dangers = rbac.AllDangers(rules)
		out.Holdings = append(out.Holdings, h)
	}
	out.Findings, out.Paths = policy.Lint(rbac.LintOptions{}), policy.Paths(false)
	return out, nil
}
