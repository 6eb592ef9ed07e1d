package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/kubemint/kubemint/internal/remote"
	"github.com/kubemint/kubemint/internal/say"

	"github.com/spf13/cobra"
)

// podDirVerb tells where a pod's directory is and, as a tree, what lies in it.
func (p *program) podDirVerb() *cobra.Command {
	var namespace string
	var tree, watch bool
	cmd := p.verb("pod-dir POD", nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 || watch && !tree {
			return wrongArguments(cmd)
		}
		name := strings.TrimPrefix(args[0], "pod/")
		if before, after, ok := strings.Cut(name, "/"); ok {
			namespace, name = before, after
		}
		client, err := p.connect()
		if err != nil {
			return err
		}
		defer client.Close()
		if namespace == "" {
			namespace = "default"
		}
		dir, err := client.PodDir(cmd.Context(), namespace, name)
		switch {
		case err != nil:
			return err
		case p.output == "json":
			return p.printJSON(dir)
		case dir.Dir == "":
			return say.Failure("pod.no-directory", say.Params{"pod": name}, nil)
		case !tree:
			fmt.Fprintln(p.out, dir.Dir)
			return nil
		case !watch:
			return p.printTree(cmd.Context(), client, namespace, name, dir)
		}
		return p.watchTree(cmd.Context(), client, namespace, name)
	}
	flags := cmd.Flags()
	flags.StringVarP(&namespace, "namespace", "n", "", p.flagText("namespace"))
	flags.BoolVar(&tree, "tree", false, p.flagText("tree"))
	flags.BoolVarP(&watch, "watch", "w", false, p.flagText("watch"))
	p.addOutput(cmd)
	return cmd
}

// watchTree prints the tree again whenever a link in it points elsewhere.
func (p *program) watchTree(ctx context.Context, client *remote.Client, namespace, name string) error {
	before := ""
	for {
		dir, err := client.PodDir(ctx, namespace, name)
		if err != nil {
			return err
		}
		if now := links(dir); now != before {
			before = now
			if err := p.printTree(ctx, client, namespace, name, dir); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(300 * time.Millisecond): // wall time: how soon a person sees it
		}
	}
}

// links is where ..data of each volume points.
func links(dir *remote.PodDir) string {
	var b strings.Builder
	for _, volume := range dir.Volumes {
		target, err := os.Readlink(filepath.Join(volume.Path, "..data"))
		if err != nil {
			target = "-"
		}
		b.WriteString(volume.Name + "=" + target + "\n")
	}
	return b.String()
}

func (p *program) printTree(ctx context.Context, client *remote.Client, namespace, name string, dir *remote.PodDir) error {
	clock, err := client.Clock(ctx)
	if err != nil {
		return err
	}
	mounts, err := client.Mounts(ctx, namespace, name)
	if err != nil {
		return err
	}
	// by-name leads to the same directory by a path that people can read.
	shown := filepath.Join(filepath.Dir(dir.Dir), "by-name", namespace+"_"+name)
	if _, err := os.Stat(shown); err != nil {
		shown = dir.Dir
	}
	fmt.Fprintln(p.out, shown)
	for _, volume := range dir.Volumes {
		p.printVolume(dir.Dir, volume, mounts[volume.Name], clock.Now)
	}
	switch dir.NoToken {
	case "pod":
		p.sayWrapped("pod.no-token.pod", say.Params{"pod": name})
	case "account":
		p.sayWrapped("pod.no-token.account", say.Params{"pod": name})
	}
	return nil
}

// printVolume prints one volume: where it is in the pod and on disk, where
// ..data points, each file with its source, and when a token will be renewed.
func (p *program) printVolume(root string, volume remote.Volume, mount string, now time.Time) {
	onDisk := volume.Path
	if relative, err := filepath.Rel(root, volume.Path); err == nil {
		onDisk = relative
	}
	fmt.Fprintf(p.out, "  %s\n", filepath.ToSlash(onDisk))
	if mount != "" {
		fmt.Fprintf(p.out, "  = %s\n", p.speaker.Say("tree.inside", say.Params{"path": mount}))
	}
	if target, err := os.Readlink(filepath.Join(volume.Path, "..data")); err == nil {
		fmt.Fprintf(p.out, "    %s -> %s\n", say.Pad("..data", 9), target)
		fmt.Fprintf(p.out, "    %s    %s\n", say.Pad("", 9), p.speaker.Say("tree.switch", nil))
	}
	if len(volume.Sources) == 0 {
		p.printFiles(volume.Path)
	}
	for _, source := range volume.Sources {
		line := p.speaker.Say("tree.source", say.Params{"source": p.source(source)})
		if source.RefreshAt != nil {
			line += "  " + p.speaker.Say("tree.refresh", say.Params{"at": *source.RefreshAt, "in": source.RefreshAt.Sub(now).Round(time.Second)})
		}
		fmt.Fprintf(p.out, "    %s %s\n", say.Pad(source.Path, 9), line)
	}
}

func (p *program) source(source remote.Source) string {
	if source.Name != "" {
		return source.From + " " + source.Name
	}
	return source.From
}

func (p *program) printFiles(path string) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return // the volume went away while it was looked at
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), "..") {
			continue
		}
		mode := ""
		if entry.Type()&fs.ModeSymlink == 0 && entry.IsDir() {
			mode = "/"
		}
		fmt.Fprintf(p.out, "    %s%s\n", entry.Name(), mode)
	}
}
