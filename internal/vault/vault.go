package vault

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Bounds of what is kept.
const (
	maxVersions = 10       // of a secret, as KV version 2 has it
	maxBytes    = 16 << 20 // of everything, as it lies on disk
	maxTokens   = 250      // that have not ended
)

// Config is what a vault stands on.
type Config struct {
	// Path is the file that it is kept in. Empty: memory.
	Path string
	// Now is the cluster's time.
	Now func() time.Time
	// Review asks the cluster about a token, by TokenReview. No audiences: the API server's own.
	Review func(ctx context.Context, token string, audiences []string) (Reviewed, error)
	// Prepare sees to it that the cluster lets the vault ask; it runs before a role is written. May be nil.
	Prepare func(ctx context.Context) error
	Log     *slog.Logger // nil: slog.Default()
}

// Reviewed is what a TokenReview says.
type Reviewed struct {
	Authenticated bool
	User, UID     string
}

// Request is one request. Method is GET, PUT, DELETE or LIST; Path is without /v1/.
type Request struct {
	Method  string         `json:"method"`
	Path    string         `json:"path"`
	Token   string         `json:"token,omitempty"` // the vault's own, not the cluster's
	Version int            `json:"version,omitempty"`
	Data    map[string]any `json:"data,omitempty"`
}

// String keeps tokens and secrets out of logs.
func (r Request) String() string { return r.Method + " " + r.Path }

// Answer is the answer to a Request. Code is an HTTP status.
type Answer struct {
	RequestID string         `json:"request_id"`
	Code      int            `json:"code"`
	Errors    []string       `json:"errors,omitempty"`
	Data      map[string]any `json:"data,omitempty"`
	Auth      *Auth          `json:"auth,omitempty"`
}

// Auth is what a login yields.
type Auth struct {
	Token    string            `json:"client_token"`
	Accessor string            `json:"accessor"`
	Policies []string          `json:"policies"`
	Metadata map[string]string `json:"metadata"`
	Seconds  int64             `json:"lease_duration"`
}

// Vault is a vault that is open.
type Vault struct {
	cfg   Config
	write sync.Mutex // held while a change is made and put on disk: one after the other
	now   atomic.Pointer[state]
}

// state is all that is kept. It is never changed once it is in a Vault: a change makes another one.
type state struct {
	Secrets  map[string]secret `json:"secrets"`
	Roles    map[string]role   `json:"roles"`
	Policies map[string]string `json:"policies"`
	Tokens   map[string]ticket `json:"tokens"` // by the SHA-256 of each
}

func (s *state) clone() *state {
	return &state{Secrets: maps.Clone(s.Secrets), Roles: maps.Clone(s.Roles), Policies: maps.Clone(s.Policies), Tokens: maps.Clone(s.Tokens)}
}

// change makes a change that is on disk when it returns, or none.
func (v *Vault) change(f func(*state) *Answer) Answer {
	v.write.Lock()
	defer v.write.Unlock()
	next := v.now.Load().clone()
	if a := f(next); a.Code >= http.StatusBadRequest {
		return *a
	} else if err := next.save(v.cfg.Path); errors.Is(err, errFull) {
		return refuse(http.StatusInternalServerError, err.Error())
	} else if err != nil { // it names files of the computer, which are none of the containers' business
		v.cfg.Log.Error("cannot write the vault", "err", err)
		return refuse(http.StatusInternalServerError, "the vault cannot be written")
	} else {
		v.now.Store(next)
		return *a
	}
}

func refuse(code int, errors ...string) Answer { return Answer{Code: code, Errors: errors} }

func denied() Answer { return refuse(http.StatusForbidden, "permission denied") }

// Do answers a request by the rights of the token in it.
func (v *Vault) Do(ctx context.Context, r Request) Answer {
	return v.answer(ctx, r, v.holder(r.Token))
}

// Operate answers a request of whoever runs the vault: with a token in it by that token's rights, without one by all of them.
func (v *Vault) Operate(ctx context.Context, r Request) Answer {
	if r.Token == "" {
		return v.answer(ctx, r, &holder{root: true, ticket: ticket{Policies: []string{"root"}, Display: "root", Path: "auth/token/root"}})
	}
	return v.Do(ctx, r)
}

func (v *Vault) answer(ctx context.Context, r Request, who *holder) Answer {
	a := v.route(ctx, r, who)
	a.RequestID = random(16)
	return a
}

// route finds what a path is about. who is nil for somebody without a token that is good.
func (v *Vault) route(ctx context.Context, r Request, who *holder) Answer {
	r.Path = strings.Trim(r.Path, "/")
	switch {
	case r.Path == "sys/seal-status":
		return status()
	case r.Path == "auth/kubernetes/login" && r.Method == http.MethodPut:
		return v.login(ctx, r)
	case who == nil:
		return denied()
	case r.Path == "auth/token/lookup-self":
		return v.lookup(r.Token, who)
	}
	s := v.now.Load()
	for _, e := range []struct {
		root string
		do   func(ctx context.Context, r Request, name string) Answer
	}{
		{"secret/data", v.data}, {"secret/metadata", v.list}, {"auth/kubernetes/role", v.role}, {"sys/policies/acl", v.policy},
	} {
		name, ok := strings.CutPrefix(r.Path+"/", e.root+"/")
		if !ok {
			continue
		}
		path := r.Path
		if r.Method == "LIST" {
			path += "/" // as a policy writes a folder
		}
		if !who.may(s, path, s.capability(r)) {
			return denied()
		}
		if clean := strings.TrimSuffix(name, "/"); clean == "" && r.Method == "LIST" || valid(clean) {
			return e.do(ctx, r, clean)
		}
		return refuse(http.StatusBadRequest, "unsupported path")
	}
	if !who.may(s, r.Path, "read") {
		return denied()
	}
	return refuse(http.StatusNotFound, `no handler for route "`+r.Path+`". route entry not found.`)
}

// valid says whether a name can be that of a secret, a role or a policy.
func valid(name string) bool {
	if name == "" || len(name) > 512 {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part == "." || part == ".." || strings.ContainsFunc(part, func(r rune) bool { return r < ' ' || r == 0x7f || r == '*' }) {
			return false
		}
	}
	return true
}

func status() Answer {
	return Answer{Code: http.StatusOK, Data: map[string]any{
		"type": "shamir", "initialized": true, "sealed": false, "n": 1, "t": 1, "version": "kubemint", "storage_type": "file", "ha_enabled": false,
	}}
}

// keys answers a LIST.
func keys(names []string) Answer {
	if len(names) == 0 {
		return refuse(http.StatusNotFound)
	}
	slices.Sort(names)
	return Answer{Code: http.StatusOK, Data: map[string]any{"keys": slices.Compact(names)}}
}

// random is n bytes that nobody can guess, in hexadecimal.
func random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // it never fails
	return hex.EncodeToString(b)
}
