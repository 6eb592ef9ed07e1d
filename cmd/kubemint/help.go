package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/kubemint/kubemint/internal/say"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// printUsage says how a verb is called. cobra's own page speaks English only and
// counts Hangul as one column.
func (p *program) printUsage(cmd *cobra.Command) error {
	w := cmd.OutOrStderr()
	heading := func(code string) { fmt.Fprintln(w, p.speaker.Say(code, nil)) }
	heading("usage.usage")
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(w, "  %s %s\n\n", cmd.CommandPath(), p.speaker.Say("usage.verb", nil))
		heading("usage.verbs")
		for _, verb := range cmd.Commands() {
			if verb.IsAvailableCommand() {
				fmt.Fprintf(w, "  %s %s\n", say.Pad(verb.Name(), 11), verb.Short)
			}
		}
	} else {
		fmt.Fprintf(w, "  %s\n", cmd.UseLine())
	}
	own, global := cmd.LocalNonPersistentFlags(), cmd.Root().PersistentFlags()
	if own.HasAvailableFlags() {
		fmt.Fprintln(w)
		heading("usage.flags")
		printFlags(w, own)
	}
	fmt.Fprintln(w)
	heading("usage.global")
	printFlags(w, global)
	return nil
}

func printFlags(w io.Writer, flags *pflag.FlagSet) {
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		value, text := pflag.UnquoteUsage(f)
		name := "    --" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", --" + f.Name
		}
		if f.Value.Type() != "bool" {
			name += " " + value
		}
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "[]" && f.DefValue != "0s" {
			text += " (" + f.DefValue + ")"
		}
		lines := strings.Split(say.Wrap(text, say.Columns-28, ""), "\n")
		if say.Width(name) > 25 {
			fmt.Fprintf(w, "  %s\n", name)
			name = ""
		}
		for _, line := range lines {
			fmt.Fprintf(w, "  %s %s\n", say.Pad(name, 25), line)
			name = ""
		}
	})
}
