package main

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/kubemint/kubemint/internal/remote"
	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/internal/told"
	"github.com/kubemint/kubemint/internal/why"
	"github.com/kubemint/kubemint/rbac"

	"github.com/spf13/pflag"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// askFlags say what a question is about, beside its words.
type askFlags struct {
	namespace   string
	all         bool
	subresource string
}

func (p *program) addAsk(flags *pflag.FlagSet, o *askFlags) {
	flags.StringVarP(&o.namespace, "namespace", "n", "", p.flagText("namespace"))
	flags.BoolVarP(&o.all, "all-namespaces", "A", false, p.flagText("all-namespaces"))
	flags.StringVar(&o.subresource, "subresource", "", p.flagText("subresource"))
}

// in is the namespace that a question about one is for: the one named, else that
// of the account which asks, as `kubemint as` has it.
func (o *askFlags) in(asker askerFlags) string {
	switch {
	case o.all:
		return ""
	case o.namespace != "":
		return o.namespace
	}
	return asker.home()
}

// askerFlags say for whom a question is asked.
type askerFlags struct {
	as      string
	groups  []string
	account string
}

// home is the namespace of the account or the pod that asks.
func (o *askerFlags) home() string {
	if namespace, _, ok := strings.Cut(strings.TrimPrefix(o.account, "system:serviceaccount:"), ":"); ok && namespace != "" {
		return namespace
	}
	if rest, ok := strings.CutPrefix(o.as, "pod/"); ok {
		if namespace, _, two := strings.Cut(rest, "/"); two {
			return namespace
		}
	}
	return "default"
}

func (p *program) addAsker(flags *pflag.FlagSet, o *askerFlags) {
	flags.StringVar(&o.as, "as", "", p.flagText("as-user"))
	flags.StringArrayVar(&o.groups, "as-group", nil, p.flagText("as-group"))
	flags.StringVar(&o.account, "sa", "", p.flagText("sa"))
}

// virtual are resources that RBAC is asked about and no path serves.
var virtual = map[string]string{"users": "", "groups": "", "uids": "authentication.k8s.io", "signers": "certificates.k8s.io"}

// furtherVerbs are those that RBAC is asked about and no request has.
var furtherVerbs = []string{"impersonate", "bind", "escalate", "approve", "sign", "attest", "use", "*"}

// question reads VERB RESOURCE[/SUBRESOURCE] [NAME], or VERB /PATH. before says
// how it was read, where that is not as it stands there.
func (p *program) question(ctx context.Context, client *remote.Client, args []string, o askFlags, asker askerFlags) (q told.Question, before []why.Paragraph, err error) {
	q.Verb = strings.ToLower(args[0])
	if strings.HasPrefix(args[1], "/") {
		q.Path = args[1]
		return q, nil, nil
	}
	if len(args) == 3 {
		q.Name = args[2]
	}
	word, sub, slash := strings.Cut(args[1], "/")
	resources, err := client.Resources(ctx)
	if err != nil {
		return q, nil, err
	}
	r, before, err := p.resource(resources, word)
	if err != nil {
		return q, nil, err
	}
	q.Group, q.Resource = r.Group, r.Name
	switch _, served := r.Subresources[sub]; {
	case o.subresource != "":
		q.Subresource = o.subresource
		if slash && q.Name == "" {
			q.Name = sub
		}
	case slash && !served && q.Name == "" && r.Subresources != nil: // pod/web
		q.Name = sub
	case slash:
		q.Subresource = sub
		of := strings.ToLower(r.Kind)
		if q.Name != "" {
			of += ` "` + q.Name + `"`
		}
		before = append(before, why.Subresource(args[1], of, sub))
	}
	if r.Namespaced {
		q.Namespace = o.in(asker)
	} else if o.namespace != "" {
		before = append(before, why.OutsideNamespaces(r.Name))
	}
	verb, remark := p.askedVerb(q.Verb, r, q.Subresource)
	q.Verb = verb
	return q, append(before, remark...), nil
}

// resource finds what a word means: a served resource, one that is misspelt, or
// one that only RBAC knows.
func (p *program) resource(resources []remote.Resource, word string) (remote.Resource, []why.Paragraph, error) {
	if r, ok := remote.Find(resources, word); ok {
		return r, nil, nil
	}
	name, group, qualified := strings.Cut(word, ".")
	if of, ok := virtual[name]; ok && (!qualified || group == of) {
		return remote.Resource{Group: of, Name: name, Kind: name}, nil, nil
	}
	if r, ok := remote.Nearest(resources, word); ok && !qualified {
		return r, []why.Paragraph{why.MisspeltResource(word, r.Name)}, nil
	}
	if !qualified {
		return remote.Resource{}, nil, say.Failure("resource.unknown", say.Params{"resource": word}, nil)
	}
	return remote.Resource{Group: group, Name: name, Kind: name, Namespaced: true}, []why.Paragraph{why.ForeignResource(word)}, nil
}

// askedVerb corrects a verb that no request has.
func (p *program) askedVerb(verb string, r remote.Resource, sub string) (string, []why.Paragraph) {
	verbs := r.Verbs
	if sub != "" {
		verbs = r.Subresources[sub]
	}
	if r.Verbs == nil || slices.Contains(verbs, verb) || slices.Contains(furtherVerbs, verb) {
		return verb, nil
	}
	name := r.Name
	if sub != "" {
		name += "/" + sub
	}
	if slices.Contains(r.Verbs, verb) { // a verb, if not of this
		return verb, []why.Paragraph{why.UnknownVerb(verb, "", name)}
	}
	if meant, ok := rbac.Meant(verb, append(slices.Clone(verbs), furtherVerbs...)); ok {
		return meant, []why.Paragraph{why.UnknownVerb(verb, meant, name)}
	}
	return verb, []why.Paragraph{why.UnknownVerb(verb, "", name)}
}

// asks is the user and the groups that a question is asked for; the cluster adds
// the groups that authentication would.
func (p *program) asks(ctx context.Context, client *remote.Client, o askerFlags, namespace string, before []why.Paragraph) (user string, groups []string, remarks []why.Paragraph, err error) {
	fail := func(code string, params say.Params, cause error) (string, []string, []why.Paragraph, error) {
		return "", nil, nil, say.Failure(code, params, cause)
	}
	switch {
	case o.as != "" && o.account != "":
		return fail("why.two-askers", nil, nil)
	case o.account != "":
		namespace, name, ok := strings.Cut(strings.TrimPrefix(o.account, "system:serviceaccount:"), ":")
		if !ok || namespace == "" || name == "" || strings.ContainsAny(name, ":/") {
			return fail("why.bad-sa", say.Params{"text": o.account}, nil)
		}
		user := accountUser(namespace, name)
		if missing(ctx, client, namespace, name) {
			before = append(before, why.NoAccount(namespace+"/"+name))
		}
		return user, o.groups, before, nil
	case o.as == "" && len(o.groups) == 0:
		return fail("why.no-asker", nil, nil)
	}
	if rest, ok := strings.CutPrefix(o.as, "pod/"); ok {
		if of, name, two := strings.Cut(rest, "/"); two {
			namespace, rest = of, name
		}
		if namespace == "" {
			namespace = "default"
		}
		account, err := client.AccountOf(ctx, namespace, rest)
		if apierrors.IsNotFound(err) {
			return fail("why.no-pod", say.Params{"pod": rest, "namespace": namespace}, err)
		}
		if err != nil {
			return "", nil, nil, err
		}
		return accountUser(namespace, account), o.groups, append(before, why.RunsAs(rest, namespace+"/"+account)), nil
	}
	switch {
	case o.as == string(remote.Anonymous):
		return "system:anonymous", o.groups, before, nil
	case o.as == string(remote.Admin):
		return "kubernetes-admin", append(slices.Clone(o.groups), "system:masters"), before, nil
	case strings.HasPrefix(o.as, "system:node:"):
		return o.as, append(slices.Clone(o.groups), "system:nodes"), before, nil
	}
	if rest, ok := strings.CutPrefix(o.as, "user/"); ok {
		parts := strings.Split(rest, ",")
		return parts[0], append(parts[1:], o.groups...), before, nil
	}
	// Any name is a user's; NAMESPACE:ACCOUNT is worth a hint.
	if namespace, name, ok := strings.Cut(o.as, ":"); ok && namespace != "system" && !missing(ctx, client, namespace, name) {
		before = append(before, why.UserNotAccount(o.as))
	}
	return o.as, o.groups, before, nil
}

func accountUser(namespace, name string) string {
	return "system:serviceaccount:" + namespace + ":" + name
}

// missing says that an account does not exist.
func missing(ctx context.Context, client *remote.Client, namespace, name string) bool {
	err := client.Do(ctx, http.MethodGet, "/api/v1/namespaces/"+url.PathEscape(namespace)+"/serviceaccounts/"+url.PathEscape(name), nil, nil)
	return apierrors.IsNotFound(err)
}
