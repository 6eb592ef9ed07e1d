package main

import (
	"strings"
	"time"

	"github.com/kubemint/kubemint/internal/say"

	"github.com/spf13/cobra"
)

// userVerb makes people. Kubernetes has no object for them: a person is a name in
// a credential.
func (p *program) userVerb() *cobra.Command {
	return p.group("user", p.userCreate())
}

// userCreate makes a client certificate for a person through the certificate API,
// and a kubeconfig around it.
func (p *program) userCreate() *cobra.Command {
	var groups []string
	var file string
	var life time.Duration
	cmd := p.subverb("help.user.", "create NAME", nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 || args[0] == "" {
			return wrongArguments(cmd)
		}
		name := args[0]
		if file == "" {
			file = fileName(name) + ".kubeconfig"
		}
		client, err := p.connect()
		if err != nil {
			return err
		}
		defer client.Close()
		made, err := client.Certificate(cmd.Context(), name, groups, life)
		if err != nil {
			return err
		}
		access := p.bareAccess(client.Access())
		access.User, access.Certificate, access.Key = name, made.Certificate, made.Key
		if err := p.writeAccess(access, file); err != nil || file == "-" {
			return err
		}
		clock, err := client.Clock(cmd.Context())
		if err != nil {
			return err
		}
		params := say.Params{
			"user": name, "groups": groups, "request": made.Request, "path": file, "when": p.when(made.NotAfter, clock.Now),
			"word": shellWord(name),
		}
		if len(groups) == 0 {
			p.sayWrapped("user.created", params)
		} else {
			p.sayWrapped("user.created.groups", params)
		}
		return nil
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&groups, "group", nil, p.flagText("group"))
	flags.DurationVar(&life, "duration", 0, p.flagText("certificate-duration"))
	flags.StringVar(&file, "file", "", p.flagText("file"))
	return cmd
}

// fileName makes a file's name of a user's: jane@example.com and dev:jane are
// names of people, but not of files everywhere.
func fileName(user string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || r < ' ' {
			return '-'
		}
		return r
	}, user)
}

// shellWord is a text as one word of a command line.
func shellWord(s string) string {
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@,+=", r)
	}) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
