package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"strconv"
	"strings"

	"github.com/kubemint/kubemint"
	"github.com/kubemint/kubemint/internal/remote"
	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/scenario"

	"github.com/spf13/cobra"
)

// scenarioVerb plays lessons and checks their files.
func (p *program) scenarioVerb() *cobra.Command {
	return p.group("scenario", p.scenarioList(), p.scenarioShow(), p.scenarioRun(), p.scenarioVerify(), p.scenarioCheck())
}

func (p *program) scenarioList() *cobra.Command {
	cmd := p.subverb("help.scenario.", "list", func(*cobra.Command, []string) error {
		type entry struct {
			Name    string `json:"name"`
			Title   string `json:"title"`
			Level   string `json:"level"`
			Minutes int    `json:"minutes"`
		}
		var entries []entry
		for _, name := range scenario.Names() {
			s, err := scenario.Load(name)
			if err != nil {
				return err
			}
			entries = append(entries, entry{name, s.Title.In(p.speaker.Language()), s.Level, s.Minutes})
		}
		if p.output == "json" {
			return p.printJSON(entries)
		}
		for _, e := range entries {
			fmt.Fprintf(p.out, "%s %s %s\n", say.Pad(e.Name, 20),
				say.Pad(p.speaker.Say("scenario.minutes", say.Params{"n": e.Minutes}), 7), e.Title)
		}
		return nil
	})
	p.addOutput(cmd)
	return cmd
}

// scenarioShow prints a scenario without playing it: what it asks for, and how.
func (p *program) scenarioShow() *cobra.Command {
	return p.subverb("help.scenario.", "show NAME|FILE", func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return wrongArguments(cmd)
		}
		s, err := loadScenario(args[0])
		if err != nil {
			return err
		}
		return s.Outline(p.out, p.speaker)
	})
}

func (p *program) scenarioRun() *cobra.Command {
	var here bool
	cmd := p.subverb("help.scenario.", "run NAME|FILE", nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return wrongArguments(cmd)
		}
		s, err := loadScenario(args[0])
		if err != nil {
			return err
		}
		p.sayTitle(s)
		err = p.play(cmd.Context(), s, here)
		if errors.Is(err, scenario.ErrLeft) {
			return nil
		}
		if err == nil {
			p.say("scenario.done", nil)
		}
		return err
	}
	cmd.Flags().BoolVar(&here, "here", false, p.flagText("here"))
	return cmd
}

// scenarioVerify plays scenarios straight through and tells which did not do
// what they say. Without a name: all that come with kubemint.
func (p *program) scenarioVerify() *cobra.Command {
	return p.subverb("help.scenario.", "verify [NAME|FILE...]", func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			args = scenario.Names()
		}
		failed := 0
		for _, name := range args {
			s, err := loadScenario(name)
			if err == nil {
				silent := *p
				silent.in, silent.out = strings.NewReader(""), &strings.Builder{}
				err = silent.play(cmd.Context(), s, false)
			}
			if err != nil {
				failed++
				fmt.Fprintln(p.out, "FAILED", name+":", p.speaker.Error(err))
				continue
			}
			fmt.Fprintln(p.out, "ok", name)
		}
		if failed > 0 {
			return exit(1)
		}
		return nil
	})
}

// scenarioCheck reads files and names every mistake with line and column.
func (p *program) scenarioCheck() *cobra.Command {
	return p.subverb("help.scenario.", "check FILE...", func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return wrongArguments(cmd)
		}
		wrong := false
		for _, file := range args {
			if _, err := loadScenario(file); err != nil {
				wrong = true
				fmt.Fprintln(p.err, p.speaker.Error(err))
			}
		}
		if wrong {
			return exit(1)
		}
		return nil
	})
}

// subverb begins a verb of a group; its text is filed under code and its name.
func (p *program) subverb(code, use string, run func(*cobra.Command, []string) error) *cobra.Command {
	cmd := p.verb(use, run)
	cmd.Short = p.speaker.Say(code+cmd.Name(), nil)
	return cmd
}

func loadScenario(name string) (*scenario.Scenario, error) {
	s, err := scenario.Load(name)
	var problems scenario.Problems
	switch {
	case errors.As(err, &problems):
		return nil, problems
	case errors.Is(err, fs.ErrNotExist):
		return nil, say.Failure("scenario.unknown", say.Params{"name": name, "known": scenario.Names()}, err)
	}
	return s, err
}

func (p *program) sayTitle(s *scenario.Scenario) {
	p.say("scenario.title", say.Params{
		"title": s.Title.In(p.speaker.Language()), "steps": len(s.Steps), "minutes": strconv.Itoa(s.Minutes),
	})
}

// play plays a scenario on a cluster of its own, or on the running one.
func (p *program) play(ctx context.Context, s *scenario.Scenario, here bool) error {
	if here {
		path, err := p.kubeconfigPath()
		if err != nil {
			return err
		}
		dir, err := p.dataDir()
		if err != nil {
			return err
		}
		client, err := remote.Open(path)
		if err != nil {
			return err
		}
		defer client.Close()
		return p.playOn(ctx, s, p.screen(), client, path, dir)
	}
	cluster, err := startEphemeral(ctx, scenarioCluster(s))
	if err != nil {
		return err
	}
	defer cluster.stop()
	client, err := cluster.connect()
	if err != nil {
		return err
	}
	defer client.Close()
	return p.playOn(ctx, s, p.screen(), client, cluster.KubeconfigPath(), cluster.DataDir())
}

// scenarioCluster is the cluster that a scenario asks for.
func scenarioCluster(s *scenario.Scenario) kubemint.Config {
	return kubemint.Config{Nodes: 1, EmulatedVersion: s.Cluster.Version, Start: s.Cluster.Start}
}

// screen is where a scenario is shown: step by step if a person is there.
func (p *program) screen() *scenario.Screen {
	screen := &scenario.Screen{Out: p.out, Speaker: p.speaker}
	if !p.plain() {
		screen.In = p.in
	}
	return screen
}

func (p *program) playOn(ctx context.Context, s *scenario.Scenario, screen *scenario.Screen, client *remote.Client, kubeconfig, dataDir string) error {
	return scenario.Run(ctx, scenario.Config{
		Scenario: s, Cluster: client, Kubeconfig: kubeconfig, Screen: screen,
		Kubemint: func(ctx context.Context, args ...string) *exec.Cmd { return p.self(ctx, dataDir, args...) },
	})
}
