package vault

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"
)

// TokenPrefix begins every token of this vault, and of no other.
const TokenPrefix = "hvs.kubemint-"

// ticket is what is kept of a token of the vault's.
type ticket struct {
	Accessor string            `json:"accessor"`
	Display  string            `json:"display"`
	Path     string            `json:"path"`
	Policies []string          `json:"policies"`
	Metadata map[string]string `json:"metadata"`
	Issued   time.Time         `json:"issued"`
	Ends     time.Time         `json:"ends"`
}

// holder is somebody who may do something.
type holder struct {
	ticket
	root bool
}

func digest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// holder finds who a token stands for; nil: nobody. It is looked up by its digest, so that time tells nothing of it.
func (v *Vault) holder(token string) *holder {
	if !strings.HasPrefix(token, TokenPrefix) {
		return nil
	}
	t, ok := v.now.Load().Tokens[digest(token)]
	if !ok || !v.cfg.Now().Before(t.Ends) {
		return nil
	}
	return &holder{ticket: t}
}

// lookup tells a token about itself.
func (v *Vault) lookup(token string, who *holder) Answer {
	t := who.ticket
	d := map[string]any{
		"accessor": t.Accessor, "creation_time": t.Issued.Unix(), "creation_ttl": int64(t.Ends.Sub(t.Issued) / time.Second),
		"display_name": t.Display, "entity_id": "", "expire_time": t.Ends.UTC().Format(time.RFC3339Nano), "explicit_max_ttl": "0s", "id": token,
		"issue_time": t.Issued.UTC().Format(time.RFC3339Nano), "meta": t.Metadata, "num_uses": 0, "orphan": true, "path": t.Path, "policies": t.Policies,
		"renewable": false, "ttl": int64(t.Ends.Sub(v.cfg.Now()) / time.Second), "type": "service",
	}
	if who.root { // it never ends, and this vault has no such token: who runs it needs none
		for _, k := range []string{"accessor", "creation_time", "expire_time", "id", "issue_time", "meta"} {
			d[k] = nil
		}
		d["creation_ttl"], d["ttl"] = 0, 0
	}
	return Answer{Code: http.StatusOK, Data: d}
}

// sweep forgets tokens that have ended, and makes room for another one: a job that logs in each minute, with a role whose tokens last for
// weeks, would fill the vault. The oldest go first.
func (s *state) sweep(now time.Time) {
	for k, t := range s.Tokens {
		if !now.Before(t.Ends) {
			delete(s.Tokens, k)
		}
	}
	for len(s.Tokens) >= maxTokens {
		oldest := ""
		for k, t := range s.Tokens {
			if oldest == "" || t.Issued.Before(s.Tokens[oldest].Issued) {
				oldest = k
			}
		}
		delete(s.Tokens, oldest)
	}
}
