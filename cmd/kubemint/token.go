package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/kubemint/kubemint/apiserver/token"
	"github.com/kubemint/kubemint/internal/remote"
	"github.com/kubemint/kubemint/internal/say"

	"github.com/spf13/cobra"
)

// tokenVerb looks into tokens.
func (p *program) tokenVerb() *cobra.Command {
	return p.group("token", p.tokenInspect())
}

// tokenInspect explains a token. Its exit code is 0 only for one that would be
// accepted now.
func (p *program) tokenInspect() *cobra.Command {
	var namespace string
	var audiences []string
	cmd := p.subverb("help.token.", "inspect TOKEN|FILE|-|pod/NAME", nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return wrongArguments(cmd)
		}
		client, err := p.connect()
		if err != nil {
			return err
		}
		defer client.Close()
		raw, err := p.shownToken(cmd.Context(), client, args[0], namespace)
		if err != nil {
			return err
		}
		var report token.Report
		err = client.Do(cmd.Context(), http.MethodPost, "/kubemint/v1/tokens/inspect",
			map[string]any{"token": raw, "audiences": audiences}, &report)
		if err != nil {
			return err
		}
		if p.output == "json" {
			err = p.printJSON(report)
		} else {
			err = p.tellToken(&report)
		}
		if err == nil && !report.Accepted {
			return exit(1)
		}
		return err
	}
	cmd.Flags().StringVarP(&namespace, "namespace", "n", "", p.flagText("namespace"))
	cmd.Flags().StringArrayVar(&audiences, "audience", nil, p.flagText("audience"))
	p.addOutput(cmd)
	return cmd
}

// shownToken is what somebody wants explained: the token of a pod, standard
// input, a file, or the word itself.
func (p *program) shownToken(ctx context.Context, client *remote.Client, word, namespace string) (string, error) {
	var content []byte
	var err error
	switch {
	case word == "-":
		content, err = io.ReadAll(io.LimitReader(p.in, 1<<20))
	case strings.HasPrefix(word, "pod/"):
		var who remote.Who
		if who, err = remote.ParseWho(word); err != nil {
			return "", err
		}
		if who.Namespace == "" {
			who.Namespace = namespace
		}
		access, becomeErr := client.Become(ctx, who)
		if becomeErr != nil {
			return "", becomeErr
		}
		content, err = os.ReadFile(access.TokenFile)
	default:
		if info, statErr := os.Stat(word); statErr != nil || info.IsDir() {
			return word, nil
		}
		content, err = os.ReadFile(filepath.Clean(word))
	}
	if err != nil {
		return "", say.Failure("file.unreadable", say.Params{"path": word, "why": err.Error()}, err)
	}
	return token.Clean(content), nil
}

// tellToken prints a report: the verdict, who it is, what it hangs on, its times
// and the checks in their order.
func (p *program) tellToken(r *token.Report) error {
	page := p.page()
	if r.Accepted {
		page.text(p.speaker.Say("token.accepted", nil))
	} else {
		page.text(p.speaker.Say("token.refused", say.Params{"why": p.reason(r.Code, r.Params)}))
	}
	switch r.Form {
	case token.FormStatic:
		page.entry("why.who", p.speaker.Say("token.static", say.Params{"user": r.User, "line": r.Line}))
		return page.print(p)
	case token.FormBootstrap:
		page.entry("why.who", p.speaker.Say("token.bootstrap", say.Params{"user": r.User}))
		return page.print(p)
	case token.FormOpaque:
		page.entry("why.who", p.speaker.Say("token.opaque", nil))
		p.tellAdvice(page, r)
		return page.print(p)
	}
	p.tellOwner(page, r)
	p.tellTimes(page, r)
	page.entry("why.checks", p.tokenChecks(r))
	p.tellAdvice(page, r)
	if r.Accepted {
		page.entry("token.note", p.speaker.Say("token.guard", nil))
	}
	return page.print(p)
}

// tellOwner says whose token it is and what it dies with. Without a good
// signature all of it is only claimed.
func (p *program) tellOwner(page *page, r *token.Report) {
	code := "token.who"
	if !r.Proven {
		code = "token.who.claimed"
	} else if !r.Accepted {
		code = "token.who.would"
	}
	who := p.speaker.Say(code, say.Params{"user": r.User})
	page.entry("why.who", who, p.remade(r.Account))
	switch {
	case r.Bound == nil && r.Form == token.FormBound:
		page.entry("token.bound", p.speaker.Say("token.bound.nothing", nil))
	case r.Bound != nil:
		text := p.speaker.Say("token.bound.to", say.Params{"kind": r.Bound.Kind, "name": r.Bound.Name})
		if r.Bound.State != "" {
			text += " " + p.speaker.Say("token.state."+string(r.Bound.State), nil)
		}
		if r.Node != "" && r.Bound.Kind == "pod" {
			text += " " + p.speaker.Say("token.on-node", say.Params{"node": r.Node})
		}
		page.entry("token.bound", text)
	}
	if len(r.Audiences) > 0 {
		text := strings.Join(r.Audiences, ", ")
		if r.ForAPI {
			text += "  " + p.speaker.Say("token.for-api", nil)
		}
		page.entry("token.for", text)
	}
}

// remade tells of an account that took the name of the token's own.
func (p *program) remade(account *token.Object) string {
	if account == nil || account.State != token.Replaced {
		return ""
	}
	return p.speaker.Say("token.remade", say.Params{"old": short(account.UID), "new": short(account.Current)})
}

func short(uid string) string { return uid[:min(len(uid), 8)] }

// tellTimes says when it was made, when it is renewed and when it ends. The
// standard mount has two ends.
func (p *program) tellTimes(page *page, r *token.Report) {
	if r.Issued != nil {
		page.entry("token.issued", p.when(*r.Issued, r.Now))
	}
	if r.Refresh != nil && r.Accepted {
		page.entry("token.refresh", p.when(r.Refresh.From, r.Now)+" "+p.speaker.Say("token.refresh.then", nil))
	}
	switch {
	case r.Ends == nil:
		page.entry("token.ends", p.speaker.Say("token.ends.never", nil))
	case r.Told != nil && !r.Told.Equal(*r.Ends):
		page.entry("token.ends",
			p.speaker.Say("token.ends.told", say.Params{"when": p.when(*r.Told, r.Now)}),
			p.speaker.Say("token.ends.signed", say.Params{"when": p.when(*r.Ends, r.Now)}),
			p.speaker.Say("token.ends.two", nil))
	default:
		page.entry("token.ends", p.when(*r.Ends, r.Now))
	}
}

// when says a moment as people do: how far away first, then the time of day or,
// if it is far, the date.
func (p *program) when(t, now time.Time) string {
	at := t.UTC().Format("15:04:05")
	if t.Sub(now).Abs() > 24*time.Hour {
		at = t.UTC().Format("2006-01-02")
	}
	code, d := "when.in", t.Sub(now)
	if d < 0 {
		code, d = "when.ago", -d
	}
	return p.speaker.Say(code, say.Params{"d": d.Round(time.Second), "at": at})
}

func (p *program) tokenChecks(r *token.Report) string {
	checks := make([]toldCheck, 0, len(r.Checks))
	beyond := map[token.Step]token.Check{}
	for _, check := range r.Beyond {
		beyond[check.Step] = check
	}
	for _, check := range r.Checks {
		// What was not reached was made all the same, to say what would be.
		if later, ok := beyond[check.Step]; ok {
			check = later
		}
		checks = append(checks, toldCheck{Step: string(check.Step), Outcome: string(check.Outcome), Code: check.Code, Params: check.Params})
	}
	text := p.checks(checks, "", nil)
	if r.Proven {
		text += "\n" + p.speaker.Say("token.key", say.Params{"alg": r.Alg, "kid": short(r.Kid)})
	}
	return text
}

func (p *program) tellAdvice(page *page, r *token.Report) {
	for _, advice := range r.Advice {
		page.entry("token.do", p.reason(advice.Code, advice.Params))
	}
}
