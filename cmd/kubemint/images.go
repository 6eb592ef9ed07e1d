package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/kubelet/image"

	"github.com/spf13/cobra"
)

// knownImage is an image that simulated nodes know, for programs.
type knownImage struct {
	Name    string   `json:"name"`
	Aliases []string `json:"aliases,omitempty"`
	Runs    []string `json:"runs"` // without command and args
	Does    string   `json:"does"`
	Ports   []uint16 `json:"ports,omitempty"`
}

// imagesVerb lists the images whose containers do something by themselves. It needs no cluster.
func (p *program) imagesVerb() *cobra.Command {
	cmd := p.verb("images", func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return wrongArguments(cmd)
		}
		var all []knownImage
		for _, i := range image.All() {
			all = append(all, knownImage{Name: i.Name, Aliases: i.Aliases, Runs: image.Argv(i, nil, nil), Does: string(i.Does), Ports: i.Ports})
		}
		if p.output == "json" {
			return p.printJSON(all)
		}
		p.tellImages(all)
		return nil
	})
	p.addOutput(cmd)
	return cmd
}

func (p *program) tellImages(all []knownImage) {
	rows := [][]string{{"IMAGE", "PORT", p.speaker.Say("images.does", nil)}}
	for _, i := range all {
		var ports []string
		for _, port := range i.Ports {
			ports = append(ports, strconv.Itoa(int(port)))
		}
		rows = append(rows, []string{i.Name, strings.Join(ports, ","), p.speaker.Say("image.does."+i.Does, nil)})
	}
	p.table(rows)
	fmt.Fprintln(p.out)
	p.sayWrapped("images.other", say.Params{"missing": image.Missing + "/…"})
}
