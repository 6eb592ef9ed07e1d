package shell

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/kubemint/kubemint/internal/vault"
)

// Bounds of requests to the vault: wall time and bytes either way of each, and how many of a node's containers there are at a time.
const (
	vaultWait = 30 * time.Second
	vaultMax  = 4 << 20
	maxVaults = 8
)

// Vault asks the parent to pass a request on to the vault outside of the cluster.
func (p *process) Vault(ctx context.Context, q vault.Request) (vault.Answer, error) {
	var a vault.Answer
	t, err := p.server.channel(ctx, call{Do: "vault"})
	if err != nil {
		return a, err
	}
	defer func() { _ = t.Close() }()
	defer context.AfterFunc(ctx, func() { _ = t.Close() })()
	if err := json.NewEncoder(t).Encode(q); err != nil {
		return a, errors.New("the vault cannot be reached")
	}
	if err := json.NewDecoder(io.LimitReader(t, vaultMax)).Decode(&a); err != nil {
		if ctx.Err() != nil {
			return a, ctx.Err()
		}
		return a, errors.New("the vault cannot be reached")
	}
	return a, nil
}

// vault passes one request of a container on. What may be done is the vault's to judge, by the token in the request: the container
// itself is nobody there.
func (l *link) vault(c call) {
	ctx, cancel := context.WithTimeout(l.runtime.ctx, vaultWait)
	defer cancel()
	l.channel(ctx, c, func(in io.Reader, out io.Writer) {
		var q vault.Request
		if json.NewDecoder(io.LimitReader(in, vaultMax)).Decode(&q) == nil {
			_ = json.NewEncoder(out).Encode(l.runtime.vault(ctx, q))
		}
	})
}

func (r *Runtime) vault(ctx context.Context, q vault.Request) vault.Answer {
	if r.cfg.Vault == nil {
		return vault.Answer{Code: http.StatusServiceUnavailable, Errors: []string{"there is no vault beside this cluster"}}
	}
	select {
	case r.vaults <- struct{}{}:
		defer func() { <-r.vaults }()
	case <-ctx.Done():
		return vault.Answer{Code: http.StatusServiceUnavailable, Errors: []string{fmt.Sprintf("more than %d requests at the same time", maxVaults)}}
	}
	return r.cfg.Vault(ctx, q)
}
