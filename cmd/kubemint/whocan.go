package main

import (
	"net/http"
	"net/url"

	"github.com/kubemint/kubemint/internal/told"
	"github.com/kubemint/kubemint/internal/why"

	"github.com/spf13/cobra"
)

// whoCanVerb lists who may do something.
func (p *program) whoCanVerb() *cobra.Command {
	var o askFlags
	var verbose bool
	cmd := p.verb("who-can VERB RESOURCE[/SUBRESOURCE] [NAME]", nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) != 2 && len(args) != 3 {
			return wrongArguments(cmd)
		}
		client, err := p.connect()
		if err != nil {
			return err
		}
		defer client.Close()
		q, before, err := p.question(cmd.Context(), client, args, o, askerFlags{})
		if err != nil {
			return err
		}
		values := url.Values{}
		for name, value := range map[string]string{
			"verb": q.Verb, "group": q.Group, "resource": q.Resource, "subresource": q.Subresource, "name": q.Name,
			"namespace": q.Namespace, "path": q.Path,
		} {
			if value != "" {
				values.Set(name, value)
			}
		}
		var h told.Holders
		if err := client.Do(cmd.Context(), http.MethodGet, "/kubemint/v1/who-can?"+values.Encode(), nil, &h); err != nil {
			return err
		}
		if p.output == "json" {
			return p.printJSON(h)
		}
		return p.printLines(why.Holders(&h, before, why.Options{All: verbose}).Render(p.speaker, nil))
	}
	flags := cmd.Flags()
	p.addAsk(flags, &o)
	flags.BoolVarP(&verbose, "verbose", "v", false, p.flagText("verbose"))
	p.addOutput(cmd)
	return cmd
}
