package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/kubemint/kubemint/internal/remote"
	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/internal/told"
	"github.com/kubemint/kubemint/internal/why"

	"github.com/spf13/pflag"
)

// listFlags say which requests to list.
type listFlags struct {
	list     bool
	follow   bool
	system   bool
	limit    int
	user     string
	verb     string
	resource string
	outcome  string
}

func (p *program) addList(flags *pflag.FlagSet, o *listFlags) {
	flags.BoolVar(&o.list, "list", false, p.flagText("list"))
	flags.BoolVarP(&o.follow, "follow", "f", false, p.flagText("follow"))
	flags.StringVar(&o.user, "user", "", p.flagText("user-filter"))
	flags.StringVar(&o.verb, "verb", "", p.flagText("verb-filter"))
	flags.StringVar(&o.resource, "resource", "", p.flagText("resource-filter"))
	flags.StringVar(&o.outcome, "outcome", "", p.flagText("outcome"))
	flags.BoolVar(&o.system, "system", false, p.flagText("system"))
	flags.IntVar(&o.limit, "limit", listed, p.flagText("limit"))
}

// listed is how many requests a list shows, followed how many stand before what
// is followed.
const (
	listed   = 20
	followed = 5
)

// wanted reports whether a list is asked for, be it by a filter alone.
func (o *listFlags) wanted() bool {
	return o.list || o.follow || o.user != "" || o.verb != "" || o.resource != "" || o.outcome != ""
}

func (o *listFlags) query(ctx context.Context, client *remote.Client) (url.Values, error) {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("user", userNamed(o.user))
	set("verb", o.verb)
	set("outcome", o.outcome)
	if o.system {
		set("system", "true")
	}
	if o.resource != "" {
		word, sub, _ := strings.Cut(o.resource, "/")
		resources, err := client.Resources(ctx)
		if err != nil {
			return nil, err
		}
		if r, ok := remote.Find(resources, word); ok {
			word = r.Name
		}
		set("resource", strings.TrimSuffix(word+"/"+sub, "/"))
	}
	return q, nil
}

// userNamed takes NAMESPACE:ACCOUNT and user/NAME for the names of users.
func userNamed(text string) string {
	who, err := remote.ParseWho(text)
	switch {
	case err != nil:
		return text
	case who.Kind == remote.Account:
		return accountUser(who.Namespace, who.Name)
	case who.Kind == remote.User:
		return who.Name
	case who.Kind == remote.Anonymous:
		return "system:anonymous"
	case who.Kind == remote.Admin:
		return "kubernetes-admin"
	}
	return text
}

// listStories lists the newest requests of people and pods, the newest last, and
// goes on if asked to.
func (p *program) listStories(ctx context.Context, client *remote.Client, o listFlags) error {
	q, err := o.query(ctx, client)
	if err != nil {
		return err
	}
	if !knownOutcome(o.outcome) {
		return say.Failure("why.outcome", say.Params{"text": o.outcome}, nil)
	}
	if o.limit < 1 {
		return say.Failure("why.limit", nil, nil)
	}
	if o.follow && o.limit == listed {
		o.limit = followed
	}
	q.Set("limit", strconv.Itoa(min(500, 8*o.limit))) // discovery is among them
	var stories []told.Story
	if err := client.Do(ctx, http.MethodGet, "/kubemint/v1/stories?"+q.Encode(), nil, &stories); err != nil {
		return err
	}
	newest := int64(0)
	if len(stories) > 0 {
		newest = stories[0].Number
	}
	stories = shown(stories, o.limit)
	slices.Reverse(stories)
	if err := p.tellStories(stories, o.follow); err != nil || !o.follow {
		return err
	}
	q.Set("limit", "500")
	for {
		q.Set("after", strconv.FormatInt(newest, 10))
		if err := client.Do(ctx, http.MethodGet, "/kubemint/v1/stories/next?"+q.Encode(), nil, &stories); err != nil {
			if ctx.Err() != nil {
				return nil // whoever follows ends it by an interrupt
			}
			return err
		}
		if len(stories) > 0 {
			newest = stories[len(stories)-1].Number
		}
		if err := p.tellStories(shown(stories, len(stories)), true); err != nil {
			return err
		}
	}
}

func knownOutcome(text string) bool {
	switch text {
	case "", "allowed", "denied", "refused", "failed", "1xx", "2xx", "3xx", "4xx", "5xx":
		return true
	}
	code, err := strconv.Atoi(text)
	return err == nil && code >= 100 && code < 600
}

// shown leaves out what nobody meant to send.
func shown(stories []told.Story, most int) []told.Story {
	out := slices.DeleteFunc(stories, func(st told.Story) bool {
		return st.Discovery || strings.HasPrefix(st.Path, "/kubemint/") || strings.HasPrefix(st.Agent, "kubemint-lookup/")
	})
	return out[:min(len(out), most)]
}

// tellStories prints a list; what is followed comes as a JSON document a line.
func (p *program) tellStories(stories []told.Story, follow bool) error {
	switch {
	case p.output == "json" && !follow:
		return p.printJSON(stories)
	case p.output == "json":
		encoder := json.NewEncoder(p.out)
		for _, st := range stories {
			if err := encoder.Encode(st); err != nil {
				return err
			}
		}
		return nil
	case len(stories) == 0 && !follow:
		p.say("why.list.empty", nil)
		return nil
	case follow:
		for i := range stories {
			if _, err := fmt.Fprintln(p.out, why.Line(&stories[i])); err != nil {
				return err
			}
		}
		return nil
	}
	return p.printLines(why.Lines(stories, p.speaker))
}
