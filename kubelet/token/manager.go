package token

import (
	"context"
	"fmt"
	"sync"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Request asks the API server for a token of an account: POST serviceaccounts/ACCOUNT/token.
type Request func(ctx context.Context, namespace, account string, tr *authenticationv1.TokenRequest) (*authenticationv1.TokenRequest, error)

// Token is a cached answer. Its text appears in no log: see LogValue.
type Token struct {
	Text string
	Life Life
}

// Result is what Get found. Refused holds the error of a refresh that failed while the old token
// is still good: the caller logs it and comes back at its next sync (KUB-5).
type Result struct {
	Token     Token
	Requested bool // the API server was asked, with success
	Refused   error
}

// Manager keeps the tokens of one node's pods in memory only (KUB-1, KUB-7). It has no goroutine
// and no back-off of its own: a token is looked at when somebody asks for it.
type Manager struct {
	request Request
	now     func() time.Time

	mu     sync.Mutex
	tokens map[Key]Token
}

// New makes an empty cache. now is the node's clock.
func New(request Request, now func() time.Time) *Manager {
	return &Manager{request: request, now: now, tokens: map[Key]Token{}}
}

// Get returns the cached token if it needs no refresh, else asks for a new one. The jitter is what
// this sync drew (Schedule.Pass). If that fails and
// the old one has not ended, the old one is returned and the error is in Result.Refused; if it has
// ended, or there is none, Get fails with the real kubelet's words (KUB-5).
func (m *Manager) Get(ctx context.Context, namespace, account string, tr *authenticationv1.TokenRequest, jitter time.Duration) (Result, error) {
	key := KeyOf(namespace, account, tr)
	m.mu.Lock()
	old, have := m.tokens[key]
	m.mu.Unlock()
	if have && !NeedsRefresh(m.now(), old.Life, jitter) {
		return Result{Token: old}, nil
	}
	answer, err := m.request(ctx, namespace, account, tr)
	if err != nil {
		switch {
		case !have:
			return Result{}, fmt.Errorf("failed to fetch token: %w", err)
		case m.now().After(old.Life.Expires):
			return Result{}, fmt.Errorf("token %s expired and refresh failed: %w", key, err)
		}
		return Result{Token: old, Refused: err}, nil
	}
	fresh := Token{Text: answer.Status.Token, Life: Life{Expires: answer.Status.ExpirationTimestamp.Time}}
	if s := answer.Spec.ExpirationSeconds; s != nil {
		fresh.Life.Seconds = *s
	}
	m.mu.Lock()
	m.tokens[key] = fresh
	m.mu.Unlock()
	return Result{Token: fresh, Requested: true}, nil
}

// Peek returns the life of a cached token without asking anybody.
func (m *Manager) Peek(key Key) (Life, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t, ok := m.tokens[key]
	return t.Life, ok
}

// DropPod forgets every token bound to the pod, at the teardown of its volumes. Nothing is
// revoked: the tokens end by themselves or with the pod's object (KUB-6).
func (m *Manager) DropPod(uid types.UID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for k := range m.tokens {
		if k.BoundUID == uid {
			delete(m.tokens, k)
		}
	}
}

// Prune forgets the tokens that have ended; the kubelet calls it once a minute (KUB-6).
func (m *Manager) Prune() {
	now := m.now()
	m.mu.Lock()
	defer m.mu.Unlock()
	for k, t := range m.tokens {
		if now.After(t.Life.Expires) {
			delete(m.tokens, k)
		}
	}
}

// Len is the number of tokens held.
func (m *Manager) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.tokens)
}
