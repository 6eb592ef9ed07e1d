package main

import (
	"embed"
	"fmt"
	"strings"

	"github.com/kubemint/kubemint/internal/say"

	"github.com/spf13/cobra"
)

// clientFiles are the ways in which programs hold a token, a manifest each.
//
//go:embed clients/*.yaml
var clientFiles embed.FS

// clientNames are the manifests in the order in which a lesson meets them.
func clientNames() []string {
	return []string{"read-once", "reread", "on-401", "subpath", "environment"}
}

// clientsVerb prints pods that hold their token in the ways that programs do. Applied, they call the API each
// minute; `clock advance` then tells which of them fail.
func (p *program) clientsVerb() *cobra.Command {
	var all bool
	cmd := p.verb("clients [NAME... | --all]", func(cmd *cobra.Command, args []string) error {
		switch {
		case all && len(args) > 0:
			return wrongArguments(cmd)
		case all:
			args = clientNames()
		case len(args) == 0:
			for _, name := range clientNames() {
				fmt.Fprintf(p.out, "%s %s\n", say.Pad(name, 12), p.speaker.Say("clients."+name, nil))
			}
			p.say("clients.how", nil)
			return nil
		}
		var texts []string
		for _, name := range args {
			text, err := clientFiles.ReadFile("clients/" + name + ".yaml")
			if err != nil {
				return say.Failure("clients.unknown", say.Params{"name": name, "known": clientNames()}, nil)
			}
			texts = append(texts, string(text))
		}
		_, err := fmt.Fprint(p.out, strings.Join(texts, "---\n"))
		return err
	})
	cmd.Flags().BoolVar(&all, "all", false, p.flagText("all"))
	return cmd
}
