package main

import "github.com/spf13/cobra"

// addOutput gives a verb -o json.
func (p *program) addOutput(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&p.output, "output", "o", "", p.flagText("output"))
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if p.output != "" && p.output != "json" {
			return wrongArguments(cmd)
		}
		return run(cmd, args)
	}
}
