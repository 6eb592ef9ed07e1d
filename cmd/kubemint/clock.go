package main

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/kubemint/kubemint/internal/remote"
	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/internal/told"

	"github.com/spf13/cobra"
)

// clockVerb shows and moves the cluster's clock.
func (p *program) clockVerb() *cobra.Command {
	show := p.clockMove("show", func(args []string) (told.Move, bool) { return told.Move{}, len(args) == 0 })
	p.addShort(show)
	pause := p.clockMove("pause", func(args []string) (told.Move, bool) { return told.Move{Do: "pause"}, len(args) == 0 })
	resume := p.clockMove("resume", func(args []string) (told.Move, bool) { return told.Move{Do: "resume"}, len(args) == 0 })
	rate := p.clockMove("rate N", func(args []string) (told.Move, bool) {
		if len(args) != 1 {
			return told.Move{}, false
		}
		n, err := strconv.ParseFloat(trimSuffixX(args[0]), 64)
		return told.Move{Do: "rate", Rate: n}, err == nil && n > 0 && !math.IsInf(n, 0)
	})
	byDuration := func(do string) func(args []string) (told.Move, bool) {
		return func(args []string) (told.Move, bool) {
			if len(args) != 1 {
				return told.Move{}, false
			}
			d, err := parseDuration(args[0])
			return told.Move{Do: do, Duration: d.String()}, err == nil && d > 0
		}
	}
	advance := p.clockMove("advance DURATION", byDuration("advance"))
	leap := p.clockMove("leap DURATION", byDuration("leap"))
	next := p.clockMove("next [refresh|expiry|job|any]", func(args []string) (told.Move, bool) {
		switch {
		case len(args) == 0:
			return told.Move{Do: "next"}, true
		case len(args) == 1 && args[0] == "any":
			return told.Move{Do: "next", Kinds: []string{"refresh", "expiry", "job", "grace", "backoff", "other"}}, true
		case len(args) == 1:
			return told.Move{Do: "next", Kinds: args}, args[0] == "refresh" || args[0] == "expiry" || args[0] == "job"
		}
		return told.Move{}, false
	})
	return p.group("clock", show, pause, resume, rate, advance, leap, next)
}

// clockMove is one of the clock's verbs: how its words become a move.
func (p *program) clockMove(use string, read func(args []string) (told.Move, bool)) *cobra.Command {
	var verbose bool
	cmd := p.subverb("help.clock.", use, nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		move, ok := read(args)
		if !ok {
			return wrongArguments(cmd)
		}
		client, err := p.connect()
		if err != nil {
			return err
		}
		defer client.Close()
		switch move.Do {
		case "advance", "leap", "next":
			return p.moveClock(cmd.Context(), client, move, verbose)
		case "":
		default:
			if err := client.Do(cmd.Context(), "POST", "/kubemint/v1/clock", move, nil); err != nil {
				return err
			}
		}
		return p.showClock(cmd.Context(), client)
	}
	p.addOutput(cmd)
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, p.flagText("verbose"))
	return cmd
}

// addShort gives `show` a form for prompts: hours and minutes, or nothing if the
// cluster does not answer.
func (p *program) addShort(cmd *cobra.Command) {
	var short bool
	cmd.Flags().BoolVar(&short, "short", false, p.flagText("short"))
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !short {
			return run(cmd, args)
		}
		if client, err := p.connect(); err == nil {
			if clock, err := client.Clock(cmd.Context()); err == nil {
				fmt.Fprintln(p.out, clock.Now.UTC().Format("15:04"))
			}
		}
		return nil
	}
}

func trimSuffixX(s string) string {
	if n := len(s); n > 1 && s[n-1] == 'x' {
		return s[:n-1]
	}
	return s
}

// parseDuration reads Go's durations and whole days: 50m, 1h30m, 3d.
func parseDuration(s string) (time.Duration, error) {
	if n := len(s); n > 1 && s[n-1] == 'd' {
		days, err := strconv.ParseFloat(s[:n-1], 64)
		if err != nil || math.Abs(days) > 36500 {
			return 0, fmt.Errorf("duration %q is not a number of days", s)
		}
		return time.Duration(days * float64(24*time.Hour)), nil
	}
	return time.ParseDuration(s)
}

func (p *program) showClock(ctx context.Context, client *remote.Client) error {
	clock, err := client.Clock(ctx)
	if err != nil {
		return err
	}
	if p.output == "json" {
		return p.printJSON(clock)
	}
	offset := time.Duration(clock.OffsetSeconds * float64(time.Second)).Round(time.Second)
	rate := strconv.FormatFloat(clock.Rate, 'f', -1, 64)
	code := "clock.same"
	switch {
	case offset > 0:
		code = "clock.ahead"
	case offset < 0:
		code = "clock.behind"
	}
	p.say(code, say.Params{"now": clock.Now.UTC().Format("2006-01-02 15:04:05"), "rate": rate, "offset": offset.Abs()})
	if clock.Paused {
		p.say("clock.paused", nil)
	}
	p.sayUpcoming(clock.Now, clock.Upcoming, 5)
	return nil
}

// moveClock moves the clock and tells what happened on the way.
func (p *program) moveClock(ctx context.Context, client *remote.Client, move told.Move, verbose bool) error {
	moved, err := client.MoveClock(ctx, move)
	if err != nil {
		return err
	}
	if p.output == "json" {
		return p.printJSON(moved)
	}
	params := say.Params{
		"from": moved.From, "to": moved.To, "passed": moved.To.Sub(moved.From).Round(time.Second),
		"took": strconv.FormatFloat(float64(moved.TookMillis)/1000, 'f', 1, 64),
	}
	if move.Do == "leap" {
		p.say("clock.leapt", params)
	} else {
		p.say("clock.moved", params)
	}
	shown := 0
	for _, stop := range moved.Stops {
		if shown == 16 && !verbose {
			p.say("clock.more", say.Params{"n": len(moved.Stops) - shown})
			break
		}
		fmt.Fprintf(p.out, "  %s  %s  %s\n", say.Clock(stop.At), say.Pad(p.kind(stop.Kind), 8), stop.What)
		shown++
	}
	p.sayRefusals(moved.Refused, verbose)
	if moved.Heartbeats > 0 {
		p.say("clock.heartbeats", say.Params{"n": moved.Heartbeats})
	}
	for _, pending := range moved.Pending {
		p.say("clock.pending", say.Params{"what": pending})
	}
	p.sayUpcoming(moved.To, moved.Upcoming, 1)
	return nil
}

// sayUpcoming tells what the clock will reach next.
func (p *program) sayUpcoming(now time.Time, upcoming []told.Moment, most int) {
	if len(upcoming) == 0 {
		p.say("clock.nothing-next", nil)
		return
	}
	for i, moment := range upcoming {
		if i == most {
			break
		}
		p.say("clock.next", say.Params{
			"at": moment.At, "kind": p.kind(moment.Kind), "what": moment.What, "in": moment.At.Sub(now).Round(time.Second),
		})
	}
}

// kind is the word for a kind of moment.
func (p *program) kind(kind string) string {
	if code := "kind." + kind; say.Knows(code) {
		return p.speaker.Say(code, nil)
	}
	return kind
}
