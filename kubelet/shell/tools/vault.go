package tools

import (
	"context"
	"os"
	"strings"

	"github.com/kubemint/kubemint/internal/vault/cli"
)

// vaultTool is the vault's command line. Files and the token of the last login are the container's.
func vaultTool(ctx context.Context, c *Call) int {
	own := strings.TrimSuffix(c.Getenv("HOME"), "/") + "/.vault-token"
	code := cli.Run(ctx, c.Args[1:], cli.Host{
		In: c.In, Out: c.Out, Err: c.Err, Do: c.Host.Vault, Account: accountDir + "/token",
		ReadFile: func(name string) ([]byte, error) {
			f, err := c.open(name)
			if err != nil {
				return nil, err
			}
			defer func() { _ = f.Close() }()
			return all(f)
		},
		Token: func() string {
			if t := c.Getenv("VAULT_TOKEN"); t != "" {
				return t
			}
			b, err := c.FS.ReadFile(own, 4096)
			if err != nil {
				return ""
			}
			return strings.TrimSpace(string(b))
		},
		Store: func(token string) error {
			f, err := c.Open(own, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
			if err != nil {
				return err
			}
			_, err = f.Write([]byte(token))
			if cerr := f.Close(); err == nil {
				err = cerr
			}
			return err
		},
	})
	if ctx.Err() != nil {
		return 137
	}
	return code
}
