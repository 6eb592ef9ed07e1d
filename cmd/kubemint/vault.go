package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/kubemint/kubemint/internal/vault"
	"github.com/kubemint/kubemint/internal/vault/cli"

	"github.com/spf13/cobra"
)

// vaultVerb is the command line of the vault outside of the cluster, for people and programs outside as well. Words behind it are the
// vault's.
func (p *program) vaultVerb() *cobra.Command {
	cmd := p.verb("vault ...", nil)
	cmd.DisableFlagParsing = true
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 || slices.Contains([]string{"-h", "-help", "--help"}, args[0]) {
			p.sayWrapped("vault.intro", nil)
			fmt.Fprintln(p.out)
		}
		var failed error
		code := cli.Run(cmd.Context(), args, cli.Host{
			In: p.in, Out: p.out, Err: p.err,
			ReadFile: readBounded,
			// A token of another vault, which is in many people's environment, is none of this one's business.
			Token: func() string {
				if t := p.env("VAULT_TOKEN"); strings.HasPrefix(t, vault.TokenPrefix) {
					return t
				}
				return ""
			},
			Do: func(ctx context.Context, q vault.Request) (a vault.Answer, err error) {
				client, err := p.connect()
				if err != nil {
					failed = err
					return a, err
				}
				defer client.Close()
				failed = client.Do(ctx, http.MethodPost, "/kubemint/v1/vault", q, &a)
				return a, failed
			},
			Silent: true, Terminal: isTerminal(p.out),
		})
		if failed != nil {
			return failed // in kubemint's words: the vault was not reached at all
		}
		return exitCode(code)
	}
	return cmd
}

// readBounded reads a file of a person's.
func readBounded(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	return io.ReadAll(io.LimitReader(f, cli.MaxInput+1))
}
