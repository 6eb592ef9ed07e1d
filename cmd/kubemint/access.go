package main

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/internal/told"
	"github.com/kubemint/kubemint/internal/why"

	"github.com/spf13/cobra"
)

// accessVerb lists what somebody may do.
func (p *program) accessVerb() *cobra.Command {
	var asker askerFlags
	var o askFlags
	var verbose bool
	cmd := p.verb("access", nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return unknownVerb(cmd, args[0])
		}
		client, err := p.connect()
		if err != nil {
			return err
		}
		defer client.Close()
		user, groups, before, err := p.asks(cmd.Context(), client, asker, o.in(asker), nil)
		if err != nil {
			return err
		}
		values := url.Values{"user": {user}, "groups": groups}
		if in := o.in(asker); in != "" {
			values.Set("namespace", in)
		}
		var a told.Access
		if err := client.Do(cmd.Context(), http.MethodGet, "/kubemint/v1/access?"+values.Encode(), nil, &a); err != nil {
			return err
		}
		if p.output == "json" {
			return p.printJSON(a)
		}
		return p.printLines(why.Access(&a, before, p.speaker, why.Options{All: verbose}))
	}
	flags := cmd.Flags()
	p.addAsker(flags, &asker)
	flags.StringVarP(&o.namespace, "namespace", "n", "", p.flagText("namespace"))
	flags.BoolVarP(&o.all, "all-namespaces", "A", false, p.flagText("all-namespaces"))
	flags.BoolVarP(&verbose, "verbose", "v", false, p.flagText("verbose"))
	p.addOutput(cmd)
	cmd.AddCommand(p.accessDiff())
	return cmd
}

// accessDiff tells who would gain and who would lose what if files were applied.
func (p *program) accessDiff() *cobra.Command {
	var files []string
	var namespace string
	var verbose bool
	cmd := p.subverb("help.access.", "diff -f FILE", nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 || len(files) == 0 {
			return wrongArguments(cmd)
		}
		manifest, err := p.readManifests(files)
		if err != nil {
			return err
		}
		d, err := p.diff(cmd.Context(), manifest, namespace)
		if err != nil {
			return err
		}
		if p.output == "json" {
			return p.printJSON(d)
		}
		return p.printLines(why.Difference(d, strings.Join(files, ", "), why.Options{All: verbose}).Render(p.speaker, nil))
	}
	flags := cmd.Flags()
	flags.StringArrayVarP(&files, "filename", "f", nil, p.flagText("manifest"))
	flags.StringVarP(&namespace, "namespace", "n", "default", p.flagText("namespace"))
	flags.BoolVarP(&verbose, "verbose", "v", false, p.flagText("verbose"))
	p.addOutput(cmd)
	return cmd
}

func (p *program) diff(ctx context.Context, manifest, namespace string) (*told.Difference, error) {
	client, err := p.connect()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	var d told.Difference
	question := map[string]string{"manifest": manifest, "namespace": namespace}
	return &d, client.Do(ctx, http.MethodPost, "/kubemint/v1/access/diff", question, &d)
}

// readManifests joins files into one manifest; "-" is standard input.
func (p *program) readManifests(files []string) (string, error) {
	var out []string
	for _, file := range files {
		content, err := p.readManifest(file)
		if err != nil {
			return "", err
		}
		out = append(out, string(content))
	}
	return strings.Join(out, "\n---\n"), nil
}

func (p *program) readManifest(file string) (content []byte, err error) {
	if file == "-" {
		content, err = io.ReadAll(p.in)
	} else {
		content, err = os.ReadFile(file)
	}
	if err != nil {
		return nil, say.Failure("file.unreadable", say.Params{"path": file, "why": err.Error()}, err)
	}
	return content, nil
}
