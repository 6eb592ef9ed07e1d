package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/kubemint/kubemint"
	"github.com/kubemint/kubemint/internal/era"
	"github.com/kubemint/kubemint/internal/kubectl"
	"github.com/kubemint/kubemint/internal/say"

	"github.com/spf13/cobra"
)

// eraVerb is about what the minors did differently.
func (p *program) eraVerb() *cobra.Command {
	return p.group("era", p.eraDiff())
}

// eraDiff applies one file to a cluster of each of two eras and shows where they
// differ.
func (p *program) eraDiff() *cobra.Command {
	var file string
	cmd := p.subverb("help.era.", "diff MINOR MINOR -f FILE", nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) != 2 || file == "" {
			return wrongArguments(cmd)
		}
		for _, version := range args {
			if _, err := era.Parse(version); err != nil {
				return say.Failure("era.unknown", say.Params{"version": version}, err)
			}
		}
		manifest, err := p.manifest(file)
		if err != nil {
			return err
		}
		sides, err := p.bothEras(cmd.Context(), [2]string{args[0], args[1]}, manifest)
		if err != nil {
			return err
		}
		if p.output == "json" {
			return p.printJSON(sides)
		}
		p.tellEras(sides)
		return nil
	}
	cmd.Flags().StringVarP(&file, "filename", "f", "", p.flagText("filename"))
	p.addOutput(cmd)
	return cmd
}

// manifest reads a file, or standard input for "-".
func (p *program) manifest(file string) ([]byte, error) {
	var content []byte
	var err error
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

// eraSide is what one era made of the file.
type eraSide struct {
	Version string    `json:"version"`
	Pods    []eraPod  `json:"pods"`
	Outside []eraPass `json:"accounts"`
}

// bothEras plays the file in both eras at once.
func (p *program) bothEras(ctx context.Context, versions [2]string, manifest []byte) ([2]eraSide, error) {
	var sides [2]eraSide
	var errs [2]error
	var group sync.WaitGroup
	for i, version := range versions {
		group.Go(func() { sides[i], errs[i] = p.oneEra(ctx, version, manifest) })
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return sides, err
		}
	}
	return sides, nil
}

func (p *program) oneEra(ctx context.Context, version string, manifest []byte) (eraSide, error) {
	cluster, err := startEphemeral(ctx, kubemint.Config{EmulatedVersion: version, Nodes: 1})
	if err != nil {
		return eraSide{}, err
	}
	defer cluster.stop()
	client, err := cluster.connect()
	if err != nil {
		return eraSide{}, err
	}
	defer client.Close()
	before, err := accountsAndSecrets(ctx, client)
	if err != nil {
		return eraSide{}, err
	}
	apply := kubectl.Command(ctx, cluster.KubeconfigPath(), "apply", "-f", "-")
	var said bytes.Buffer
	apply.Stdin, apply.Stdout, apply.Stderr = bytes.NewReader(manifest), io.Discard, &said
	if err := apply.Run(); err != nil {
		return eraSide{}, say.Failure("era.refused", say.Params{"version": version, "why": strings.TrimSpace(said.String())}, err)
	}
	side := eraSide{Version: version}
	if side.Pods, err = awaitPods(ctx, client, 15*time.Second); err != nil {
		return eraSide{}, err
	}
	for i := range side.Pods {
		if err := side.Pods[i].look(ctx, client); err != nil {
			return eraSide{}, err
		}
	}
	side.Outside, err = passes(ctx, client, before)
	return side, err
}
