package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/kubemint/kubemint/internal/remote"
	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/rbac"

	"github.com/spf13/cobra"
)

// whyFlags are those of `why`.
type whyFlags struct {
	list        bool
	fix         bool
	as          string
	groups      []string
	account     string
	namespace   string
	all         bool
	subresource string
}

// whyVerb tells why a request was answered as it was, or why a question would
// be.
func (p *program) whyVerb() *cobra.Command {
	var o whyFlags
	cmd := p.verb("why last|NUMBER|AUDIT-ID | VERB RESOURCE [NAME]", nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		client, err := p.connect()
		if err != nil {
			return err
		}
		defer client.Close()
		switch {
		case o.list && len(args) == 0:
			return p.listStories(cmd.Context(), client)
		case len(args) == 1:
			return p.whyStory(cmd.Context(), client, args[0], o.fix)
		case len(args) == 2 || len(args) == 3:
			return p.whyQuestion(cmd.Context(), client, args, o)
		}
		return wrongArguments(cmd)
	}
	flags := cmd.Flags()
	flags.BoolVar(&o.list, "list", false, p.flagText("list"))
	flags.BoolVar(&o.fix, "fix", false, p.flagText("fix"))
	flags.StringVar(&o.as, "as", "", p.flagText("as-user"))
	flags.StringArrayVar(&o.groups, "as-group", nil, p.flagText("as-group"))
	flags.StringVar(&o.account, "sa", "", p.flagText("sa"))
	flags.StringVarP(&o.namespace, "namespace", "n", "", p.flagText("namespace"))
	flags.BoolVarP(&o.all, "all-namespaces", "A", false, p.flagText("all-namespaces"))
	flags.StringVar(&o.subresource, "subresource", "", p.flagText("subresource"))
	p.addOutput(cmd)
	return cmd
}

// toldStory is a request's story as the cluster keeps it.
type toldStory struct {
	Number      int64     `json:"number"`
	AuditID     string    `json:"auditID"`
	At          time.Time `json:"at"`
	User        string    `json:"user"`
	Groups      []string  `json:"groups"`
	Real        string    `json:"impersonatedBy"`
	Method      string    `json:"method"`
	Path        string    `json:"path"`
	Verb        string    `json:"verb"`
	Group       string    `json:"group"`
	Resource    string    `json:"resource"`
	Subresource string    `json:"subresource"`
	Namespace   string    `json:"namespace"`
	Name        string    `json:"name"`
	Discovery   bool      `json:"discovery"`
	Code        int       `json:"code"`
	Reason      string    `json:"reason"`
	Message     string    `json:"message"`

	Authentication []toldAttempt `json:"authentication"`
	Authorization  *struct {
		Allowed bool   `json:"allowed"`
		By      string `json:"by"`
		Reason  string `json:"reason"`
	} `json:"authorization"`
}

// toldAttempt is one credential that was tried.
type toldAttempt struct {
	Method  string            `json:"method"`
	Outcome string            `json:"outcome"`
	Code    string            `json:"code"`
	Params  map[string]string `json:"params"`
	Checks  []toldCheck       `json:"checks"`
}

// toldCheck is one step in judging a token.
type toldCheck struct {
	Step    string            `json:"step"`
	Outcome string            `json:"outcome"`
	Code    string            `json:"code"`
	Params  map[string]string `json:"params"`
}

// question is what is asked of RBAC.
type question struct {
	// Story is the number of a request, whose own policy then answers.
	Story       int64    `json:"story,omitempty"`
	User        string   `json:"user,omitempty"`
	Groups      []string `json:"groups,omitempty"`
	Verb        string   `json:"verb,omitempty"`
	Group       string   `json:"group,omitempty"`
	Resource    string   `json:"resource,omitempty"`
	Subresource string   `json:"subresource,omitempty"`
	Namespace   string   `json:"namespace,omitempty"`
	Name        string   `json:"name,omitempty"`
	Path        string   `json:"path,omitempty"`
}

func explain(ctx context.Context, client *remote.Client, q question) (*rbac.Explanation, error) {
	var e rbac.Explanation
	if err := client.Do(ctx, http.MethodPost, "/kubemint/v1/explain", q, &e); err != nil {
		return nil, err
	}
	return &e, nil
}

// whyStory tells the story of one request.
func (p *program) whyStory(ctx context.Context, client *remote.Client, id string, fixOnly bool) error {
	raw, err := client.Own(ctx, http.MethodGet, "stories/"+url.PathEscape(id), nil)
	if err != nil {
		return storyFailure(id, err)
	}
	var s toldStory
	if err := json.Unmarshal(raw, &s); err != nil {
		return fmt.Errorf("reading the story of %s: %w", id, err)
	}
	var e *rbac.Explanation
	if s.Authorization != nil && s.Authorization.By != "masters" && s.Authorization.By != "node" {
		if e, err = explain(ctx, client, question{Story: s.Number}); err != nil {
			return err
		}
	}
	switch {
	case p.output == "json":
		return p.printJSON(map[string]any{"story": raw, "explanation": e})
	case fixOnly:
		return p.printFix(e)
	}
	page := p.page()
	page.verdict(s.Code, s.wanted(), fmt.Sprintf("#%d", s.Number))
	if s.Code == http.StatusUnauthorized {
		p.tellRefused(page, s)
		return page.print(p)
	}
	page.entry("why.who", p.whoWas(s))
	p.tellDecision(page, s, e)
	return page.print(p)
}

// whyQuestion answers a question that nobody has sent.
func (p *program) whyQuestion(ctx context.Context, client *remote.Client, args []string, o whyFlags) error {
	q, kind, err := p.question(ctx, client, args, o)
	if err != nil {
		return err
	}
	e, err := explain(ctx, client, q)
	if err != nil {
		return err
	}
	switch {
	case p.output == "json":
		return p.printJSON(map[string]any{"question": q, "explanation": e})
	case o.fix:
		return p.printFix(e)
	}
	s := toldStory{
		User: q.User, Verb: q.Verb, Group: q.Group, Resource: q.Resource, Subresource: q.Subresource,
		Namespace: q.Namespace, Name: q.Name, Code: http.StatusForbidden,
	}
	if e.Decision.Allowed {
		s.Code = http.StatusOK
	}
	page := p.page()
	if q.Subresource != "" && strings.Contains(args[1], "/") {
		page.text(p.speaker.Say("why.subresource", say.Params{"resource": args[1], "name": kind, "sub": q.Subresource}))
	}
	page.verdict(s.Code, s.wanted(), p.speaker.Say("why.no-request", nil))
	page.entry("why.who", p.speaker.Say("why.who.asked", say.Params{"user": q.User}))
	p.tellDecision(page, s, e)
	if err := page.print(p); err != nil {
		return err
	}
	if !e.Decision.Allowed {
		return exit(1)
	}
	return nil
}

// question reads VERB RESOURCE[/SUBRESOURCE] [NAME] and who asks.
func (p *program) question(ctx context.Context, client *remote.Client, args []string, o whyFlags) (question, string, error) {
	word, sub, _ := strings.Cut(args[1], "/")
	if o.subresource != "" {
		sub = o.subresource
	}
	resource, err := client.Resource(ctx, word)
	if err != nil {
		return question{}, "", err
	}
	q := question{Verb: args[0], Group: resource.Group, Resource: resource.Name, Subresource: sub}
	if len(args) == 3 {
		q.Name = args[2]
	}
	if resource.Namespaced && !o.all {
		q.Namespace = o.namespace
		if q.Namespace == "" {
			q.Namespace = "default"
		}
	}
	q.User, q.Groups, err = p.asker(ctx, client, o, q.Namespace)
	return q, word, err
}

// asker is the user and the groups that a question is asked for.
func (p *program) asker(ctx context.Context, client *remote.Client, o whyFlags, namespace string) (user string, groups []string, err error) {
	name := o.as
	if o.account != "" {
		name = o.account
	}
	if name == "" {
		return "", nil, say.Failure("why.no-asker", nil, nil)
	}
	who, err := remote.ParseWho(name)
	if err != nil {
		// --as takes any user name, as kubectl's does.
		return name, append([]string{"system:authenticated"}, o.groups...), nil
	}
	switch who.Kind {
	case remote.Pod:
		if who.Namespace == "" {
			who.Namespace = namespace
		}
		if who.Name, err = client.AccountOf(ctx, who.Namespace, who.Name); err != nil {
			return "", nil, err
		}
	case remote.Anonymous:
		return "system:anonymous", []string{"system:unauthenticated"}, nil
	case remote.User, remote.Admin:
		return who.Name, append(append([]string{"system:authenticated"}, who.Groups...), o.groups...), nil
	}
	return "system:serviceaccount:" + who.Namespace + ":" + who.Name, append([]string{
		"system:serviceaccounts", "system:serviceaccounts:" + who.Namespace, "system:authenticated",
	}, o.groups...), nil
}

// wanted says in words what a request wanted.
func (s *toldStory) wanted() string {
	if s.Resource == "" {
		return strings.ToLower(s.Method) + " " + s.Path
	}
	what := s.Verb + " " + s.Resource
	if s.Group != "" {
		what += "." + s.Group
	}
	if s.Subresource != "" {
		what += "/" + s.Subresource
	}
	if s.Name != "" {
		what += " \"" + s.Name + "\""
	}
	return what
}

// listStories lists the newest requests of people and pods, the newest last.
func (p *program) listStories(ctx context.Context, client *remote.Client) error {
	raw, err := client.Own(ctx, http.MethodGet, "stories?limit=50", nil)
	if err != nil {
		return err
	}
	if p.output == "json" {
		return p.printJSON(raw)
	}
	var stories []toldStory
	if err := json.Unmarshal(raw, &stories); err != nil {
		return fmt.Errorf("reading the stories: %w", err)
	}
	for i := len(stories) - 1; i >= 0; i-- {
		s := &stories[i]
		if s.Discovery || strings.HasPrefix(s.Path, "/kubemint/") {
			continue
		}
		namespace := ""
		if s.Namespace != "" {
			namespace = " -n " + s.Namespace
		}
		fmt.Fprintf(p.out, "%s %-5s %s %s%s  %d\n", say.Clock(s.At), fmt.Sprintf("#%d", s.Number), shortUser(s.User), s.wanted(), namespace, s.Code)
	}
	return nil
}

func (p *program) printFix(e *rbac.Explanation) error {
	if e == nil || e.Fix == nil {
		return say.Failure("why.no-fix", nil, nil)
	}
	fmt.Fprint(p.out, e.Fix.YAML)
	return nil
}
