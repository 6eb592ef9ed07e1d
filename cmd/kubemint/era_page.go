package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/kubemint/kubemint/apiserver/token"
	"github.com/kubemint/kubemint/internal/era"
	"github.com/kubemint/kubemint/internal/say"

	"golang.org/x/term"
)

// sideBySide is from how many columns on two eras fit beside each other.
const sideBySide = 100

// eraRow is one thing that both eras have an answer for.
type eraRow struct {
	label string
	cells [2]string
}

// columns is how wide the output is: that of the terminal, or of COLUMNS.
func (p *program) columns() int {
	if n, err := strconv.Atoi(p.env("COLUMNS")); err == nil && n > 0 {
		return n
	}
	if f, ok := p.out.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			return width
		}
	}
	return say.Columns
}

// tellEras prints what differs, and then what does not.
func (p *program) tellEras(sides [2]eraSide) {
	heading, same := "", []string{}
	var differ []eraRow
	flush := func() {
		if len(differ) > 0 {
			p.printRows(heading, sides, differ)
		}
		differ = nil
	}
	add := func(label string, cells [2]string) {
		if cells[0] == cells[1] {
			same = append(same, p.speaker.Say(label, nil)+": "+strings.ReplaceAll(cells[0], "\n", ", "))
			return
		}
		differ = append(differ, eraRow{p.speaker.Say(label, nil), cells})
	}
	for _, pass := range pairs(sides[0].Outside, sides[1].Outside) {
		heading = p.speaker.Say("era.account", say.Params{"name": pass[0].Namespace + "/" + pass[0].Account})
		add("era.secrets", each(pass, p.eraSecrets))
		add("era.column", [2]string{p.eraColumn(sides[0].Version, pass[0]), p.eraColumn(sides[1].Version, pass[1])})
		add("era.outside", [2]string{p.eraOutside(sides[0].Version, pass[0]), p.eraOutside(sides[1].Version, pass[1])})
		flush()
	}
	for _, pod := range pairs(sides[0].Pods, sides[1].Pods) {
		heading = p.speaker.Say("era.pod", say.Params{"name": pod[0].Namespace + "/" + pod[0].Name})
		add("era.phase", each(pod, func(e eraPod) string { return e.Phase }))
		add("era.mount", each(pod, p.eraMount))
		add("era.files", each(pod, func(e eraPod) string { return strings.Join(e.Files, ", ") }))
		add("era.claims", each(pod, func(e eraPod) string { return strings.Join(e.Claims, ", ") }))
		add("era.ends", each(pod, p.eraEnds))
		add("era.renewed", each(pod, p.eraRenewed))
		add("era.dies", each(pod, p.eraDies))
		flush()
	}
	if len(same) > 0 {
		fmt.Fprintln(p.out, p.speaker.Say("era.same", nil))
		for _, line := range same {
			fmt.Fprintln(p.out, say.Wrap(line, p.columns()-2, "  "))
		}
	}
}

// pairs puts together what both sides have, in order.
func pairs[T any](a, b []T) [][2]T {
	var out [][2]T
	for i := range min(len(a), len(b)) {
		out = append(out, [2]T{a[i], b[i]})
	}
	return out
}

func each[T any](pair [2]T, f func(T) string) [2]string { return [2]string{f(pair[0]), f(pair[1])} }

// printRows shows two eras side by side, or one under the other where that is too
// narrow to read.
func (p *program) printRows(heading string, sides [2]eraSide, rows []eraRow) {
	width := p.columns()
	fmt.Fprintln(p.out, heading)
	label := 0
	for _, row := range rows {
		label = max(label, say.Width(row.label)+2)
	}
	if width < sideBySide {
		for i, side := range sides {
			fmt.Fprintln(p.out, "  "+side.Version)
			for _, row := range rows {
				printCell(p, "    "+say.Pad(row.label, label), row.cells[i], width)
			}
		}
		fmt.Fprintln(p.out)
		return
	}
	half := (width - label - 4) / 2
	fmt.Fprintf(p.out, "  %s%s  %s\n", say.Pad("", label), say.Pad(sides[0].Version, half), sides[1].Version)
	for _, row := range rows {
		left := strings.Split(say.Wrap(row.cells[0], half, ""), "\n")
		right := strings.Split(say.Wrap(row.cells[1], half, ""), "\n")
		heading := row.label
		for i := range max(len(left), len(right)) {
			l, r := "", ""
			if i < len(left) {
				l = left[i]
			}
			if i < len(right) {
				r = right[i]
			}
			fmt.Fprintln(p.out, strings.TrimRight("  "+say.Pad(heading, label)+say.Pad(l, half)+"  "+r, " "))
			heading = ""
		}
	}
	fmt.Fprintln(p.out)
}

func printCell(p *program, label, text string, width int) {
	for _, line := range strings.Split(say.Wrap(text, width-say.Width(label), ""), "\n") {
		fmt.Fprintln(p.out, strings.TrimRight(label+line, " "))
		label = strings.Repeat(" ", say.Width(label))
	}
}

func (p *program) eraSecrets(pass eraPass) string {
	if len(pass.Secrets) == 0 {
		return p.speaker.Say("era.secrets.none", nil)
	}
	return strings.Join(pass.Secrets, ", ")
}

// eraColumn is what `kubectl get serviceaccounts` shows.
func (p *program) eraColumn(version string, pass eraPass) string {
	if e, err := era.Parse(version); err == nil && !e.SecretsColumn() {
		return p.speaker.Say("era.column.gone", nil)
	}
	return strconv.Itoa(len(pass.Secrets))
}

// eraOutside is how a program outside the cluster got its token.
func (p *program) eraOutside(version string, pass eraPass) string {
	if len(pass.Secrets) > 0 {
		return p.speaker.Say("era.outside.secret", say.Params{"secret": pass.Secrets[0], "namespace": pass.Namespace})
	}
	return p.speaker.Say("era.outside.request", say.Params{"account": pass.Account, "namespace": pass.Namespace})
}

func (p *program) eraMount(e eraPod) string {
	switch e.Kind {
	case "secret":
		return p.speaker.Say("era.mount.secret", say.Params{"name": e.Volume})
	case "projected":
		name := e.Volume
		if strings.HasPrefix(name, "kube-api-access-") {
			name = "kube-api-access-*" // what follows is chance
		}
		return p.speaker.Say("era.mount.projected", say.Params{"name": name, "seconds": e.Asked})
	}
	return p.speaker.Say("era.mount.none", nil)
}

func (p *program) eraEnds(e eraPod) string {
	t := e.Token
	switch {
	case t == nil:
		return "-"
	case t.Ends == nil:
		return p.speaker.Say("era.ends.never", nil)
	case t.Issued == nil || t.Told == nil || t.Told.Equal(*t.Ends):
		return p.speaker.Say("era.ends.once", say.Params{"d": t.Ends.Sub(*t.Issued)})
	}
	return p.speaker.Say("era.ends.two", say.Params{"told": t.Told.Sub(*t.Issued), "signed": t.Ends.Sub(*t.Issued)})
}

func (p *program) eraRenewed(e eraPod) string {
	switch t := e.Token; {
	case t == nil:
		return "-"
	case t.Refresh == nil || t.Issued == nil:
		return p.speaker.Say("era.renewed.never", nil)
	default:
		return p.speaker.Say("era.renewed.after", say.Params{"d": t.Refresh.From.Sub(*t.Issued)})
	}
}

func (p *program) eraDies(e eraPod) string {
	switch t := e.Token; {
	case t == nil || t.Bound == nil:
		return "-"
	case t.Form == token.FormLegacy:
		return p.speaker.Say("era.dies.secret", nil)
	default:
		return p.speaker.Say("era.dies.pod", nil)
	}
}
