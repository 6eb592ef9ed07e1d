package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kubemint/kubemint/internal/remote"
	"github.com/kubemint/kubemint/internal/say"

	"golang.org/x/term"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// program is one run of kubemint: its streams and what every verb needs.
type program struct {
	name string
	args []string
	in   io.Reader
	out  io.Writer
	err  io.Writer
	env  func(string) string

	speaker say.Speaker

	// Flags that every verb has.
	dataDirFlag    string
	kubeconfigFlag string
	plainFlag      bool
	output         string
}

// exit ends a verb with a code and without a sentence: it has said what it had
// to, or a child has.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

func (p *program) run(ctx context.Context) int {
	language, err := say.Choose(flagValue(p.args, "lang"), p.env("LC_ALL"), p.env("LANG"))
	p.speaker = say.In(language)
	if err != nil {
		return p.fail(err)
	}
	args := p.args
	if base := strings.TrimSuffix(filepath.Base(p.name), ".exe"); base == "kubectl" {
		args = append([]string{"kubectl"}, args...)
	}
	root := p.root()
	root.SetArgs(args)
	root.SetIn(p.in)
	root.SetOut(p.out)
	root.SetErr(p.err)
	return p.fail(root.ExecuteContext(ctx))
}

// fail says what went wrong and returns the exit code; nil is success.
func (p *program) fail(err error) int {
	var code exit
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	case errors.Is(err, context.Canceled):
		return 130
	}
	if p.output == "json" {
		p.failJSON(err)
		return 1
	}
	text := p.speaker.Error(err)
	var own *say.Error
	var refused *apierrors.StatusError
	if !errors.As(err, &own) && errors.As(err, &refused) {
		text = p.speaker.Say("error.server", say.Params{"reason": string(refused.ErrStatus.Reason), "text": refused.ErrStatus.Message})
	}
	fmt.Fprintln(p.err, "kubemint: "+text)
	return 1
}

func (p *program) failJSON(err error) {
	answer := struct {
		Code   string     `json:"code"`
		Params say.Params `json:"params,omitempty"`
		Text   string     `json:"text"`
	}{Code: "error", Text: p.speaker.Error(err)}
	var failure *say.Error
	if errors.As(err, &failure) {
		answer.Code, answer.Params = failure.Code, failure.Params
		for name, value := range answer.Params {
			if e, ok := value.(error); ok {
				answer.Params[name] = e.Error()
			}
		}
	}
	encoded, _ := json.Marshal(answer) //nolint:errchkjson // strings and numbers only
	fmt.Fprintln(p.err, string(encoded))
}

// say prints a sentence on standard output.
func (p *program) say(code string, params say.Params) {
	fmt.Fprintln(p.out, p.speaker.Say(code, params))
}

// sayWrapped prints a long sentence within 80 columns.
func (p *program) sayWrapped(code string, params say.Params) {
	fmt.Fprintln(p.out, say.Wrap(p.speaker.Say(code, params), say.Columns, ""))
}

// note prints a sentence on standard error, where it does not get into a pipe.
func (p *program) note(code string, params say.Params) {
	fmt.Fprintln(p.err, "kubemint: "+p.speaker.Say(code, params))
}

// printJSON prints a value for programs.
func (p *program) printJSON(v any) error {
	encoder := json.NewEncoder(p.out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}

// plain reports whether to do without cursor movement and questions: asked for,
// a dumb terminal, or no terminal at all.
func (p *program) plain() bool {
	return p.plainFlag || p.env("TERM") == "dumb" || !p.terminal()
}

// terminal reports whether a person sits at both ends.
func (p *program) terminal() bool {
	return isTerminal(p.in) && isTerminal(p.out)
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// connect opens the cluster that the flags and the environment name, as its
// administrator.
func (p *program) connect() (*remote.Client, error) {
	path, err := p.kubeconfigPath()
	if err != nil {
		return nil, err
	}
	return remote.Open(path)
}

// flagValue looks a flag up before the flags are parsed: the language must be
// known before the first text of a flag is asked for.
func flagValue(args []string, name string) string {
	if end := slices.Index(args, "--"); end >= 0 {
		args = args[:end]
	}
	for i, arg := range args {
		if value, ok := strings.CutPrefix(arg, "--"+name+"="); ok {
			return value
		}
		if arg == "--"+name && i+1 < len(args) {
			return args[i+1]
		}
	}
	return ""
}
