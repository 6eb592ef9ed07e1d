package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/rbac"

	"github.com/spf13/cobra"
)

// whoCanVerb lists who may do something.
func (p *program) whoCanVerb() *cobra.Command {
	var o whyFlags
	cmd := p.verb("who-can VERB RESOURCE [NAME]", nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) != 2 && len(args) != 3 {
			return wrongArguments(cmd)
		}
		client, err := p.connect()
		if err != nil {
			return err
		}
		defer client.Close()
		word, sub, _ := strings.Cut(args[1], "/")
		if o.subresource != "" {
			sub = o.subresource
		}
		resource, err := client.Resource(cmd.Context(), word)
		if err != nil {
			return err
		}
		q := url.Values{"verb": {args[0]}, "group": {resource.Group}, "resource": {resource.Name}, "subresource": {sub}}
		if len(args) == 3 {
			q.Set("name", args[2])
		}
		if resource.Namespaced && !o.all {
			q.Set("namespace", "default")
			if o.namespace != "" {
				q.Set("namespace", o.namespace)
			}
		}
		raw, err := client.Own(cmd.Context(), http.MethodGet, "who-can?"+q.Encode(), nil)
		if err != nil {
			return err
		}
		if p.output == "json" {
			return p.printJSON(raw)
		}
		var holders []rbac.Holder
		if err := json.Unmarshal(raw, &holders); err != nil {
			return fmt.Errorf("reading who can: %w", err)
		}
		s := toldStory{Verb: args[0], Group: resource.Group, Resource: resource.Name, Subresource: sub, Name: q.Get("name")}
		p.sayHolders(s.wanted(), holders)
		return nil
	}
	flags := cmd.Flags()
	flags.StringVarP(&o.namespace, "namespace", "n", "", p.flagText("namespace"))
	flags.BoolVarP(&o.all, "all-namespaces", "A", false, p.flagText("all-namespaces"))
	flags.StringVar(&o.subresource, "subresource", "", p.flagText("subresource"))
	p.addOutput(cmd)
	return cmd
}

func (p *program) sayHolders(what string, holders []rbac.Holder) {
	if len(holders) == 0 {
		p.say("who-can.nobody", nil)
		return
	}
	p.say("who-can.title", say.Params{"what": what})
	for _, holder := range holders {
		fmt.Fprintf(p.out, "  %s\n", rbac.SubjectText(holder.Subject, ""))
		for _, grant := range holder.Grants {
			fmt.Fprintf(p.out, "    %s\n", p.speaker.Say("why.by.grant", p.grant(grant.Binding, grant.Role)))
		}
	}
	fmt.Fprintf(p.out, "  %s\n", p.speaker.Say("who-can.masters", nil))
}
