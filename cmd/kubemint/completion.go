package main

import "github.com/spf13/cobra"

// completionVerb prints the script that lets a shell complete kubemint's verbs.
func (p *program) completionVerb() *cobra.Command {
	cmd := p.verb("completion bash|zsh|fish|powershell", nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return wrongArguments(cmd)
		}
		root := cmd.Root()
		switch args[0] {
		case "bash":
			return root.GenBashCompletionV2(p.out, true)
		case "zsh":
			return root.GenZshCompletion(p.out)
		case "fish":
			return root.GenFishCompletion(p.out, true)
		case "powershell":
			return root.GenPowerShellCompletionWithDesc(p.out)
		}
		return wrongArguments(cmd)
	}
	return cmd
}
