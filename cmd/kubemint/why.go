package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/kubemint/kubemint/internal/remote"
	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/internal/told"
	"github.com/kubemint/kubemint/internal/why"
	"github.com/kubemint/kubemint/rbac"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// whyFlags are those of `why`.
type whyFlags struct {
	askFlags
	asker   askerFlags
	list    listFlags
	fix     bool
	verbose bool
}

// whyVerb tells why a request was answered as it was, or why a question would
// be.
func (p *program) whyVerb() *cobra.Command {
	var o whyFlags
	cmd := p.verb("why last|NUMBER|AUDIT-ID | --list | VERB RESOURCE[/SUBRESOURCE] [NAME]", nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		client, err := p.connect()
		if err != nil {
			return err
		}
		defer client.Close()
		ctx := cmd.Context()
		switch {
		case len(args) == 0 && o.list.wanted():
			return p.listStories(ctx, client, o.list)
		case len(args) == 1 && !o.list.wanted():
			return p.whyStory(ctx, client, args[0], o)
		case (len(args) == 2 || len(args) == 3) && !o.list.wanted():
			return p.whyQuestion(ctx, client, args, o)
		}
		return wrongArguments(cmd)
	}
	flags := cmd.Flags()
	p.addAsk(flags, &o.askFlags)
	p.addAsker(flags, &o.asker)
	p.addList(flags, &o.list)
	flags.BoolVar(&o.fix, "fix", false, p.flagText("fix"))
	flags.BoolVarP(&o.verbose, "verbose", "v", false, p.flagText("verbose"))
	p.addOutput(cmd)
	return cmd
}

// whyStory tells the story of one request.
func (p *program) whyStory(ctx context.Context, client *remote.Client, id string, o whyFlags) error {
	var st told.Story
	if err := client.Do(ctx, http.MethodGet, "/kubemint/v1/stories/"+url.PathEscape(id), nil, &st); err != nil {
		return storyFailure(id, err)
	}
	var e *told.Explanation
	if st.Authorization != nil || st.Asked != nil {
		e = &told.Explanation{}
		if err := client.Do(ctx, http.MethodPost, "/kubemint/v1/explain", map[string]int64{"story": st.Number}, e); err != nil {
			return storyFailure(id, err)
		}
	}
	if o.fix {
		return p.printFix(e)
	}
	page := why.Story(&st, e, why.Options{All: o.verbose})
	if p.output == "json" {
		return p.printJSON(struct {
			*why.Page
			Story       *told.Story       `json:"story"`
			Explanation *told.Explanation `json:"explanation,omitempty"`
			Fix         *rbac.Fix         `json:"fix,omitempty"`
		}{page, &st, e, fixOf(e)})
	}
	return p.printLines(page.Render(p.speaker, p.paint(verdictColour(st.Code))))
}

// whyQuestion answers a question that nobody has sent.
func (p *program) whyQuestion(ctx context.Context, client *remote.Client, args []string, o whyFlags) error {
	q, before, err := p.question(ctx, client, args, o.askFlags, o.asker)
	if err != nil {
		return err
	}
	if q.User, q.Groups, before, err = p.asks(ctx, client, o.asker, q.Namespace, before); err != nil {
		return err
	}
	e := &told.Explanation{}
	if err := client.Do(ctx, http.MethodPost, "/kubemint/v1/explain", asked(q), e); err != nil {
		return err
	}
	if o.fix {
		return p.printFix(e)
	}
	page := why.Question(e, before, why.Options{All: o.verbose})
	code := http.StatusOK
	if !e.Allowed {
		code = http.StatusForbidden
	}
	if p.output == "json" {
		err = p.printJSON(struct {
			*why.Page
			*told.Explanation
		}{page, e})
	} else {
		err = p.printLines(page.Render(p.speaker, p.paint(verdictColour(code))))
	}
	if err == nil && !e.Allowed {
		return exit(1)
	}
	return err
}

func verdictColour(code int) string {
	if code < http.StatusBadRequest {
		return green
	}
	return red
}

func fixOf(e *told.Explanation) *rbac.Fix {
	if e == nil {
		return nil
	}
	return e.Fix
}

func (p *program) printFix(e *told.Explanation) error {
	f := fixOf(e)
	if f == nil {
		return say.Failure("why.no-fix", nil, nil)
	}
	if e.Question.User == "system:anonymous" {
		p.note("why.fix-for-strangers", nil)
	}
	if p.output == "json" {
		return p.printJSON(f)
	}
	_, err := fmt.Fprint(p.out, f.YAML)
	return err
}

func (p *program) printLines(lines []string) error {
	for _, line := range lines {
		if _, err := fmt.Fprintln(p.out, line); err != nil {
			return err
		}
	}
	return nil
}

// storyFailure says that a request is not kept.
func storyFailure(id string, err error) error {
	var refused *apierrors.StatusError
	if !errors.As(err, &refused) || refused.ErrStatus.Code != http.StatusNotFound {
		return err
	}
	if id == "last" {
		return say.Failure("why.no-story.last", nil, err)
	}
	return say.Failure("why.no-story", say.Params{"id": id}, err)
}

// asked puts a question as the cluster takes it.
func asked(q told.Question) map[string]any {
	b, err := json.Marshal(q)
	out := map[string]any{}
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	if err != nil { // strings only
		return nil
	}
	delete(out, "namespaced") // the cluster knows
	return out
}
