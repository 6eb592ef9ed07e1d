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

// tokenVerb looks into tokens, and fetches them for programs.
func (p *program) tokenVerb() *cobra.Command {
	return p.group("token", p.tokenInspect(), p.tokenExec())
}

// toldToken is a token as the cluster explains it.
type toldToken struct {
	token.Report
	AskedBy *struct {
		User   string    `json:"user"`
		Real   string    `json:"impersonatedBy,omitempty"`
		At     time.Time `json:"at"`
		Number int64     `json:"number"`
	} `json:"askedBy,omitempty"`
	File *struct {
		Node      string     `json:"node"`
		Volume    string     `json:"volume"`
		Path      string     `json:"path"`
		Current   bool       `json:"current"`
		RefreshAt *time.Time `json:"refreshAt,omitempty"`
	} `json:"file,omitempty"`
	NoToken *toldNoToken `json:"noToken,omitempty"`

	noSuchFile string // the word was taken for a token because no file has this name
}

type toldNoToken struct {
	Pod         string `json:"pod"`
	Account     string `json:"account"`
	By          string `json:"by"`
	PodSays     *bool  `json:"podSays,omitempty"`
	AccountSays *bool  `json:"accountSays,omitempty"`
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
		report, err := p.inspect(cmd.Context(), client, args[0], namespace, audiences)
		if err != nil {
			return err
		}
		if p.output == "json" {
			err = p.printJSON(report)
		} else {
			err = p.tellToken(report)
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

// longestToken is far more than any token has; what is longer is no token.
const longestToken = 256 << 10

// inspect asks the cluster about what a word stands for: the token of a pod,
// standard input, a file, or a token itself.
func (p *program) inspect(ctx context.Context, client *remote.Client, word, namespace string, audiences []string) (*toldToken, error) {
	question := map[string]any{"audiences": audiences}
	report := &toldToken{}
	if strings.HasPrefix(word, "pod/") {
		who, err := remote.ParseWho(word)
		if err != nil {
			return nil, err
		}
		if who.Namespace == "" {
			who.Namespace = namespace
		}
		if who.Namespace == "" {
			who.Namespace = "default"
		}
		question["pod"] = who.Namespace + "/" + who.Name
	} else {
		content, file, err := p.shown(word)
		if err != nil {
			return nil, err
		}
		if len(content) > longestToken {
			return nil, say.Failure("inspect.too-long", say.Params{"most": longestToken >> 10}, nil)
		}
		if !file && len(word) < 64 && !strings.ContainsAny(word, " \n") {
			report.noSuchFile = word
		}
		question["token"] = token.Clean(content)
	}
	if err := client.Do(ctx, http.MethodPost, "/kubemint/v1/tokens/inspect", question, report); err != nil {
		return nil, err
	}
	return report, nil
}

// shown reads standard input or a file; a word that is neither stands for itself.
func (p *program) shown(word string) (content []byte, file bool, err error) {
	if word == "-" {
		content, err = io.ReadAll(io.LimitReader(p.in, longestToken+1))
	} else {
		info, statErr := os.Stat(word)
		if statErr != nil || info.IsDir() {
			return []byte(word), false, nil
		}
		var f *os.File
		if f, err = os.Open(filepath.Clean(word)); err == nil {
			defer f.Close()
			content, err = io.ReadAll(io.LimitReader(f, longestToken+1))
		}
	}
	if err != nil {
		return nil, false, say.Failure("file.unreadable", say.Params{"path": word, "why": err.Error()}, err)
	}
	return content, true, nil
}
