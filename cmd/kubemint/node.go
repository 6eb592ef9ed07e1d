package main

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/kubemint/kubemint/internal/remote"
	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/internal/told"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// nodeVerb shows and changes the simulated nodes.
func (p *program) nodeVerb() *cobra.Command {
	return p.group("node", p.nodeList(), p.nodeAdd(), p.nodeRemove(), p.nodeDrain(),
		p.nodeSteer("cut", p.tellCut),
		p.nodeSteer("heal", func(n *told.Node) { p.sayWrapped("node.healed", say.Params{"node": n.Name}) }),
		p.nodeSkew())
}

const nodesPath = "/kubemint/v1/nodes"

// nodeDo is one of the verbs: ask sends the question for its words, of which there are least to most, and returns the answer and what tells
// it.
func (p *program) nodeDo(use string, least, most int, ask func(ctx context.Context, client *remote.Client, args []string) (answer any, tell func(), err error)) *cobra.Command {
	cmd := p.subverb("help.node.", use, nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) < least || len(args) > most {
			return wrongArguments(cmd)
		}
		client, err := p.connect()
		if err != nil {
			return err
		}
		defer client.Close()
		answer, tell, err := ask(cmd.Context(), client, args)
		switch {
		case err != nil:
			return nodeFailure(err)
		case p.output == "json":
			return p.printJSON(answer)
		}
		tell()
		return nil
	}
	p.addOutput(cmd)
	return cmd
}

// nodeFailure has the server's refusal told in our own language.
func nodeFailure(err error) error {
	var refused *apierrors.StatusError
	if !errors.As(err, &refused) || refused.ErrStatus.Details == nil {
		return err
	}
	for _, cause := range refused.ErrStatus.Details.Causes {
		if code := string(cause.Type); say.Knows(code) {
			return say.Failure(code, say.Params{"node": refused.ErrStatus.Details.Name}, err)
		}
	}
	return err
}

// askNode sends a question about a node.
func askNode(ctx context.Context, client *remote.Client, method, path string, in any) (*told.Node, error) {
	var n told.Node
	return &n, client.Do(ctx, method, nodesPath+path, in, &n)
}

func (p *program) nodeList() *cobra.Command {
	return p.nodeDo("list", 0, 0, func(ctx context.Context, client *remote.Client, args []string) (any, func(), error) {
		var all told.Nodes
		err := client.Do(ctx, http.MethodGet, nodesPath, nil, &all)
		return &all, func() { p.tellNodes(&all) }, err
	})
}

func (p *program) nodeAdd() *cobra.Command {
	return p.nodeDo("add [NAME]", 0, 1, func(ctx context.Context, client *remote.Client, args []string) (any, func(), error) {
		in := map[string]string{}
		if len(args) == 1 {
			in["name"] = args[0]
		}
		n, err := askNode(ctx, client, http.MethodPost, "", in)
		return n, func() { p.sayWrapped("node.added", say.Params{"node": n.Name}) }, err
	})
}

func (p *program) nodeRemove() *cobra.Command {
	return p.nodeDo("remove NODE", 1, 1, func(ctx context.Context, client *remote.Client, args []string) (any, func(), error) {
		n, err := askNode(ctx, client, http.MethodDelete, "/"+url.PathEscape(args[0]), nil)
		return n, func() {
			p.sayWrapped("node.removed", say.Params{"node": n.Name})
			if n.Pods > 0 {
				p.sayWrapped("node.removed.pods", say.Params{"n": n.Pods})
			}
		}, err
	})
}

// nodeSteer is a verb that does one thing to one node.
func (p *program) nodeSteer(do string, tell func(*told.Node)) *cobra.Command {
	return p.nodeDo(do+" NODE", 1, 1, func(ctx context.Context, client *remote.Client, args []string) (any, func(), error) {
		n, err := askNode(ctx, client, http.MethodPost, "/"+url.PathEscape(args[0])+"/"+do, nil)
		return n, func() { tell(n) }, err
	})
}

func (p *program) tellCut(n *told.Node) {
	p.sayWrapped("node.cut", say.Params{"node": n.Name})
	p.sayWrapped("node.cut.then", nil)
	p.say("node.cut.next", say.Params{"node": n.Name})
}

// nodeSkew reads its words itself: -5m is no flag.
func (p *program) nodeSkew() *cobra.Command {
	var by time.Duration
	cmd := p.nodeDo("skew NODE +5m|-5m|0", 2, 2, func(ctx context.Context, client *remote.Client, args []string) (any, func(), error) {
		n, err := askNode(ctx, client, http.MethodPost, "/"+url.PathEscape(args[0])+"/skew", map[string]string{"by": by.String()})
		return n, func() { p.tellSkew(n) }, err
	})
	run := cmd.RunE
	cmd.DisableFlagParsing = true
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var words, amounts []string
		for _, a := range args {
			if len(a) > 1 && a[0] == '-' && (a[1] == '.' || a[1] >= '0' && a[1] <= '9') {
				amounts = append(amounts, a)
			} else {
				words = append(words, a)
			}
		}
		cmd.DisableFlagParsing = false
		if err := cmd.ParseFlags(append(append(words, "--"), amounts...)); err != nil {
			return cmd.FlagErrorFunc()(cmd, err)
		}
		if help, err := cmd.Flags().GetBool("help"); err == nil && help {
			return cmd.Help()
		}
		var err error
		if args = cmd.Flags().Args(); len(args) == 2 {
			by, err = parseDuration(args[1])
		}
		if err != nil {
			return wrongArguments(cmd)
		}
		return run(cmd, args)
	}
	return cmd
}

func skewOf(n *told.Node) time.Duration { return time.Duration(n.SkewSeconds * float64(time.Second)) }

func (p *program) tellSkew(n *told.Node) {
	params := say.Params{"node": n.Name, "skew": skewOf(n).Abs()}
	switch d := skewOf(n); {
	case d > 0:
		p.sayWrapped("node.skew.ahead", params)
	case d < 0:
		p.sayWrapped("node.skew.behind", params)
	default:
		p.sayWrapped("node.skew.right", params)
	}
}

// nodeDrain is kubectl's own, with all its flags.
func (p *program) nodeDrain() *cobra.Command {
	cmd := p.subverb("help.node.", "drain NODE ...", nil)
	cmd.DisableFlagParsing = true
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return wrongArguments(cmd)
		}
		return p.runKubectl(append([]string{"drain"}, args...))
	}
	return cmd
}

// tellNodes prints a table.
func (p *program) tellNodes(all *told.Nodes) {
	if len(all.Nodes) == 0 {
		p.sayWrapped("node.none", nil)
		return
	}
	var heading []string
	for _, column := range []string{"name", "status", "pods", "connection", "clock", "address"} {
		heading = append(heading, p.speaker.Say("node.column."+column, nil))
	}
	rows := [][]string{heading}
	for i := range all.Nodes {
		n := &all.Nodes[i]
		address := n.Address
		if address == "" {
			address = "-"
		}
		rows = append(rows, []string{n.Name, nodeStatus(n), strconv.Itoa(n.Pods), p.nodeConnection(n, all.Now), p.nodeClock(n), address})
	}
	p.table(rows)
}

// nodeStatus is what kubectl shows.
func nodeStatus(n *told.Node) string {
	status := "NotReady"
	if n.Ready == "True" {
		status = "Ready"
	}
	if n.Cordoned {
		status += ",SchedulingDisabled"
	}
	return status
}

func (p *program) nodeConnection(n *told.Node, now time.Time) string {
	switch {
	case !n.Simulated:
		return "-"
	case !n.Cut:
		return p.speaker.Say("node.connection.whole", nil)
	case n.LastHeard == nil:
		return p.speaker.Say("node.connection.cut", nil)
	}
	return p.speaker.Say("node.connection.cut.since", say.Params{"ago": now.Sub(*n.LastHeard).Round(time.Second)})
}

func (p *program) nodeClock(n *told.Node) string {
	switch d := skewOf(n); {
	case !n.Simulated:
		return "-"
	case d > 0:
		return "+" + p.speaker.Duration(d)
	case d < 0:
		return "-" + p.speaker.Duration(-d)
	}
	return p.speaker.Say("node.clock.right", nil)
}
