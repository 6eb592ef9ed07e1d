package main

import (
	"strings"

	"github.com/kubemint/kubemint/internal/say"

	"github.com/spf13/cobra"
)

// root builds the tree of verbs. Every text in it is in the program's language.
func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "kubemint",
		Short:         p.speaker.Say("help.kubemint", nil),
		SilenceUsage:  true,
		SilenceErrors: true,
		// Flags before a verb are the program's own, those behind it the verb's:
		// `kubemint --data-dir D kubectl get pods --context x`.
		TraverseChildren: true,
		Args:             cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknownVerb(cmd, args[0])
		},
	}
	flags := root.PersistentFlags()
	flags.StringVar(&p.dataDirFlag, "data-dir", "", p.flagText("data-dir"))
	flags.StringVar(&p.kubeconfigFlag, "kubeconfig", "", p.flagText("kubeconfig"))
	flags.String("lang", "", p.flagText("lang")) // read by run, before the tree is built
	flags.BoolVar(&p.plainFlag, "plain", false, p.flagText("plain"))
	flags.BoolP("help", "h", false, p.flagText("help"))
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetHelpCommand(&cobra.Command{Hidden: true, Use: "no-help"})
	root.SuggestionsMinimumDistance = 2
	root.SetUsageFunc(p.printUsage)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return say.Failure("flag.wrong", say.Params{"why": err.Error(), "verb": cmd.CommandPath()}, err)
	})
	cobra.EnableCommandSorting = false // the order below is that of use
	root.AddCommand(
		p.demoVerb(),
		p.upVerb(),
		p.downVerb(),
		p.statusVerb(),
		p.resetVerb(),
		p.kubectlVerb(),
		p.asVerb(),
		p.callVerb(),
		p.whyVerb(),
		p.whoCanVerb(),
		p.accessVerb(),
		p.rbacVerb(),
		p.clockVerb(),
		p.clientsVerb(),
		p.nodeVerb(),
		p.imagesVerb(),
		p.podDirVerb(),
		p.tokenVerb(),
		p.keysVerb(),
		p.userVerb(),
		p.vaultVerb(),
		p.eraVerb(),
		p.scenarioVerb(),
		p.kubeconfigVerb(),
		p.versionVerb(),
		p.completionVerb(),
	)
	return root
}

// verb begins a command: its words and its text.
func (p *program) verb(use string, run func(*cobra.Command, []string) error) *cobra.Command {
	name, _, _ := strings.Cut(use, " ")
	return &cobra.Command{Use: use, Short: p.speaker.Say("help."+name, nil), Args: cobra.ArbitraryArgs, RunE: run}
}

// flagText is the description of a flag.
func (p *program) flagText(name string) string { return p.speaker.Say("flag."+name, nil) }

// wrongArguments says how a verb is to be called.
func wrongArguments(cmd *cobra.Command) error {
	return say.Failure("verb.usage", say.Params{"usage": cmd.UseLine()}, nil)
}

func unknownVerb(cmd *cobra.Command, word string) error {
	if near := cmd.SuggestionsFor(word); len(near) > 0 {
		return say.Failure("verb.unknown.near", say.Params{"verb": word, "near": near[0]}, nil)
	}
	return say.Failure("verb.unknown", say.Params{"verb": word}, nil)
}

// group is a verb that only holds others.
func (p *program) group(use string, verbs ...*cobra.Command) *cobra.Command {
	cmd := p.verb(use, nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		return unknownVerb(cmd, args[0])
	}
	cmd.AddCommand(verbs...)
	return cmd
}
