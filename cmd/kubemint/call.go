package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/kubemint/kubemint/internal/remote"
	"github.com/kubemint/kubemint/internal/say"

	"github.com/spf13/cobra"
)

// callVerb sends one request as somebody and prints the answer.
func (p *program) callVerb() *cobra.Command {
	var as, namespace, data string
	var verbose bool
	cmd := p.verb("call [METHOD] PATH", nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		method, path, ok := methodAndPath(args)
		if !ok {
			return wrongArguments(cmd)
		}
		body, err := bodyOf(data)
		if err != nil {
			return err
		}
		access, err := p.become(cmd.Context(), as, namespace)
		if err != nil {
			return err
		}
		client, err := remote.As(access)
		if err != nil {
			return err
		}
		defer client.Close()
		answer, err := client.Call(cmd.Context(), method, path, body)
		if err != nil {
			return err
		}
		return p.printAnswer(method, path, answer, client.Sent(), verbose)
	}
	flags := cmd.Flags()
	flags.StringVar(&as, "as", string(remote.Admin), p.flagText("as"))
	flags.StringVarP(&namespace, "namespace", "n", "", p.flagText("namespace"))
	flags.StringVarP(&data, "data", "d", "", p.flagText("data"))
	flags.BoolVarP(&verbose, "verbose", "v", false, p.flagText("verbose"))
	return cmd
}

func methodAndPath(args []string) (method, path string, ok bool) {
	switch len(args) {
	case 1:
		method, path = http.MethodGet, args[0]
	case 2:
		method, path = strings.ToUpper(args[0]), args[1]
	}
	return method, path, strings.HasPrefix(path, "/")
}

// bodyOf is the request body: the text itself, or @FILE.
func bodyOf(data string) ([]byte, error) {
	file, ok := strings.CutPrefix(data, "@")
	if !ok {
		return []byte(data), nil
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, say.Failure("file.unreadable", say.Params{"path": file, "why": err.Error()}, err)
	}
	return content, nil
}

// printAnswer prints the status and the body, with -v both sides' headers. It
// is an error of the verb only if the status is one, like curl --fail.
func (p *program) printAnswer(method, path string, answer *remote.Answer, sent string, verbose bool) error {
	if verbose {
		fmt.Fprintf(p.out, "> %s %s\n", method, path)
		if sent == "" {
			fmt.Fprintln(p.out, "> "+p.speaker.Say("call.no-credential", nil))
		} else {
			fmt.Fprintln(p.out, "> "+sent)
		}
		fmt.Fprintf(p.out, "< %s %d %s\n", answer.Proto, answer.Status, http.StatusText(answer.Status))
		names := make([]string, 0, len(answer.Header))
		for name := range answer.Header {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			for _, value := range answer.Header[name] {
				fmt.Fprintf(p.out, "< %s: %s\n", name, value)
			}
		}
	} else {
		fmt.Fprintf(p.out, "%d %s\n", answer.Status, http.StatusText(answer.Status))
	}
	body := answer.Body
	var pretty bytes.Buffer
	if json.Indent(&pretty, body, "", "  ") == nil {
		body = pretty.Bytes()
	}
	if len(body) > 0 {
		fmt.Fprintln(p.out, strings.TrimRight(string(body), "\n"))
	}
	if answer.Status >= 400 {
		return exit(1)
	}
	return nil
}
