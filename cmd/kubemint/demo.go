package main

import (
	"errors"
	"fmt"

	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/scenario"

	"github.com/spf13/cobra"
)

// demoVerb plays the tour on a cluster that lives for one run. At a terminal it
// goes step by step, and its cluster can be kept in the end.
func (p *program) demoVerb() *cobra.Command {
	return p.verb("demo", func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return wrongArguments(cmd)
		}
		ctx := cmd.Context()
		tour, err := scenario.Load("tour")
		if err != nil {
			return err
		}
		p.say("demo.title", say.Params{"steps": len(tour.Steps), "minutes": tour.Minutes})
		if !p.plain() {
			p.say("demo.keys", say.Params{"lang": string(p.speaker.Language())})
		}
		cluster, err := startEphemeral(ctx, scenarioCluster(tour))
		if err != nil {
			return err
		}
		defer cluster.stop()
		client, err := cluster.connect()
		if err != nil {
			return err
		}
		defer client.Close()
		screen := p.screen()
		err = p.playOn(ctx, tour, screen, client, cluster.KubeconfigPath(), cluster.DataDir())
		switch {
		case errors.Is(err, scenario.ErrLeft):
			return nil
		case err != nil:
			return err
		}
		fmt.Fprintln(p.out)
		if p.plain() {
			p.say("demo.done", nil)
			return nil
		}
		p.say("demo.keep", nil)
		if line, err := screen.Line(ctx); err != nil || line == "q" {
			return nil
		}
		return p.subshell(ctx, cluster.DataDir())
	})
}
