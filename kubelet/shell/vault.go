package shell

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/kubemint/kubemint/internal/vault"
)

// Bounds of a request to the vault: wall time, and bytes either way.
const (
	vaultWait = 30 * time.Second
	vaultMax  = 4 << 20
)

// Vault asks the parent to pass a request on to the vault outside of the cluster.
func (p *process) Vault(ctx context.Context, q vault.Request) (vault.Answer, error) {
	var a vault.Answer
	asked, done, err := p.server.ask(ctx, call{Do: "vault"})
	if err != nil {
		return a, err
	}
	defer done()
	var t *tunnel
	select {
	case t = <-asked.conn:
	case e := <-asked.answer:
		return a, errors.New(e.Error)
	case <-ctx.Done():
		return a, ctx.Err()
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
	answer, write := io.Pipe()
	defer func() { _ = answer.Close() }()
	// The transport does not look at ctx while it waits for more to send.
	defer context.AfterFunc(ctx, func() { _ = answer.CloseWithError(context.Canceled) })()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/conns/"+strconv.FormatUint(c.ID, 10), answer)
	if err != nil {
		return
	}
	resp, err := l.client.RoundTrip(req)
	if err != nil {
		return
	}
	defer func() { _ = resp.Body.Close() }()
	var q vault.Request
	if json.NewDecoder(io.LimitReader(resp.Body, vaultMax)).Decode(&q) != nil {
		return
	}
	_ = json.NewEncoder(write).Encode(l.runtime.vault(ctx, q))
	_ = write.Close()
	_, _ = io.Copy(io.Discard, resp.Body) // until the container's side has read it all
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

// maxVaults is how many requests of a node's containers the vault gets at the same time.
const maxVaults = 8
