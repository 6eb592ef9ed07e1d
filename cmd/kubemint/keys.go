package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/kubemint/kubemint/internal/remote"
	"github.com/kubemint/kubemint/internal/say"

	"github.com/spf13/cobra"
)

// keysVerb shows and changes the keys that sign ServiceAccount tokens.
func (p *program) keysVerb() *cobra.Command {
	return p.group("keys", p.keysList(), p.keysRotate(), p.keysRetire())
}

// toldKeys are the keys as the cluster tells of them.
type toldKeys struct {
	Now       time.Time `json:"now"`
	Keys      []toldKey `json:"keys"`
	Rotatable bool      `json:"rotatable"`
	New       string    `json:"new,omitempty"`
	Old       string    `json:"old,omitempty"`
	Retired   []string  `json:"retired,omitempty"`
}

type toldKey struct {
	Kid         string     `json:"kid"`
	Alg         string     `json:"alg"`
	Signing     bool       `json:"signing"`
	Fixed       bool       `json:"fixed"`
	SignedUntil *time.Time `json:"signedUntil,omitempty"`
	Endless     bool       `json:"endless,omitempty"`
	Until       *time.Time `json:"until,omitempty"`
}

// keysDo is one of the verbs: what it asks for, and how the answer is told.
func (p *program) keysDo(use string, ask func(args []string) (move any, ok bool), tell func(*toldKeys)) *cobra.Command {
	cmd := p.subverb("help.keys.", use, nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		move, ok := ask(args)
		if !ok {
			return wrongArguments(cmd)
		}
		client, err := p.connect()
		if err != nil {
			return err
		}
		defer client.Close()
		answer, err := moveKeys(cmd.Context(), client, move)
		if err != nil {
			return err
		}
		if p.output == "json" {
			return p.printJSON(answer)
		}
		tell(answer)
		return nil
	}
	p.addOutput(cmd)
	return cmd
}

// moveKeys asks for a change, or for none.
func moveKeys(ctx context.Context, client *remote.Client, move any) (*toldKeys, error) {
	how := http.MethodPost
	if move == nil {
		how = http.MethodGet
	}
	var answer toldKeys
	return &answer, client.Do(ctx, how, "/kubemint/v1/keys", move, &answer)
}

func (p *program) keysList() *cobra.Command {
	return p.keysDo("list", func(args []string) (any, bool) { return nil, len(args) == 0 }, p.tellKeys)
}

func (p *program) keysRotate() *cobra.Command {
	var alg string
	var drill bool
	cmd := p.keysDo("rotate", func(args []string) (any, bool) {
		return map[string]any{"do": "rotate", "alg": alg, "retireOld": drill}, len(args) == 0
	}, func(answer *toldKeys) {
		p.sayWrapped("keys.rotated", say.Params{"new": kidShort(answer.New), "alg": answer.key(answer.New).Alg})
		if len(answer.Retired) > 0 {
			p.sayWrapped("keys.retired", say.Params{"kid": kidShort(answer.Old)})
			return
		}
		p.tellOverlap(answer, answer.key(answer.Old))
	})
	cmd.Flags().StringVar(&alg, "algorithm", "", p.flagText("key-algorithm"))
	cmd.Flags().BoolVar(&drill, "retire-old", false, p.flagText("retire-old"))
	return cmd
}

func (p *program) keysRetire() *cobra.Command {
	return p.keysDo("retire KEY", func(args []string) (any, bool) {
		if len(args) != 1 {
			return nil, false
		}
		return map[string]any{"do": "retire", "kid": args[0]}, true
	}, func(answer *toldKeys) {
		for _, kid := range answer.Retired {
			p.sayWrapped("keys.retired", say.Params{"kid": kidShort(kid)})
		}
	})
}

func (k *toldKeys) key(kid string) toldKey {
	for _, key := range k.Keys {
		if key.Kid == kid {
			return key
		}
	}
	return toldKey{Kid: kid}
}

// tellOverlap says until when a key that no longer signs is needed.
func (p *program) tellOverlap(answer *toldKeys, old toldKey) {
	params := say.Params{"kid": kidShort(old.Kid), "argument": keyArgument(old.Kid), "until": p.signedUntil(old, answer.Now)}
	if old.SignedUntil == nil && !old.Endless {
		p.sayWrapped("keys.overlap.none", params)
		return
	}
	p.sayWrapped("keys.overlap", params)
}

// keyArgument is a key as a word of a command line: its id may begin with a dash.
func keyArgument(kid string) string {
	if kid = kidShort(kid); strings.HasPrefix(kid, "-") {
		return "-- " + kid
	}
	return kid
}

// signedUntil says when the last token that a key signed ends.
func (p *program) signedUntil(k toldKey, now time.Time) string {
	switch {
	case k.Endless:
		return p.speaker.Say("keys.endless", nil)
	case k.SignedUntil == nil:
		return p.speaker.Say("keys.unused", nil)
	}
	return p.when(*k.SignedUntil, now)
}

// tellKeys prints a table.
func (p *program) tellKeys(answer *toldKeys) {
	rows := [][]string{{
		p.speaker.Say("keys.column.key", nil), p.speaker.Say("keys.column.alg", nil),
		p.speaker.Say("keys.column.state", nil), p.speaker.Say("keys.column.until", nil),
	}}
	for _, k := range answer.Keys {
		state := "keys.state.verifies"
		switch {
		case k.Signing:
			state = "keys.state.signs"
		case k.Fixed:
			state = "keys.state.fixed"
		}
		until := p.signedUntil(k, answer.Now)
		if k.Fixed && k.SignedUntil == nil && !k.Endless {
			until = "-" // nobody here knows what it signed
		}
		rows = append(rows, []string{kidShort(k.Kid), k.Alg, p.speaker.Say(state, nil), until})
	}
	p.table(rows)
}

// table prints rows in columns of equal width.
func (p *program) table(rows [][]string) {
	widths := map[int]int{}
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], say.Width(cell))
		}
	}
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			if i < len(row)-1 {
				cell = say.Pad(cell, widths[i]) + "  "
			}
			line += cell
		}
		fmt.Fprintln(p.out, line)
	}
}
