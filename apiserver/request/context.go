package request

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Scope is what is known of a request so far. The chain fills it step by step; there is one per request, carried by the context, so
// that a request costs one context value and not one a step.
type Scope struct {
	Info *Info
	User *User
	// Real is who sent the request when User is impersonated, nil otherwise.
	Real *User
	// Constraint is the verb that allowed the impersonation in a constrained mode (IMP-11), empty otherwise.
	Constraint string
	// AuditID is the request's Audit-Id.
	AuditID string
	// Start is when the request came in, by the wall clock: how long the work takes. Zero: nobody asks.
	Start time.Time
	// Told says that a person may ask for the request's story, so that it is worth keeping what admission changed.
	Told bool

	times           [Steps]atomic.Int64 // a collection's objects may be deleted side by side
	reason, message string

	mu       sync.Mutex
	warnings []string
	notes    map[string]string
	changes  []any
	last     []func()
}

type key struct{}

// WithScope returns a context that carries s.
func WithScope(ctx context.Context, s *Scope) context.Context {
	return context.WithValue(ctx, key{}, s)
}

// ScopeFrom returns the scope of a context, or nil.
func ScopeFrom(ctx context.Context) *Scope {
	s, _ := ctx.Value(key{}).(*Scope)
	return s
}

// WithUser returns a context for work done in the name of u.
func WithUser(ctx context.Context, u *User) context.Context {
	s := &Scope{User: u}
	if old := ScopeFrom(ctx); old != nil {
		s.Info, s.AuditID = old.Info, old.AuditID
	}
	return WithScope(ctx, s)
}

// UserFrom returns the user of a context, or nil.
func UserFrom(ctx context.Context) *User {
	if s := ScopeFrom(ctx); s != nil {
		return s.User
	}
	return nil
}

// InfoFrom returns the Info of a context, or nil.
func InfoFrom(ctx context.Context) *Info {
	if s := ScopeFrom(ctx); s != nil {
		return s.Info
	}
	return nil
}

// AuditIDFrom returns the Audit-Id of a context, or "".
func AuditIDFrom(ctx context.Context) string {
	if s := ScopeFrom(ctx); s != nil {
		return s.AuditID
	}
	return ""
}

// mostWarnings bounds how many texts are kept: a body can be wrong in as many places as it has bytes.
const mostWarnings = 256

// Warn adds a text to the answer's Warning headers; the same text is sent once (API-98).
func Warn(ctx context.Context, text string) {
	s := ScopeFrom(ctx)
	if s == nil || text == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.warnings) >= mostWarnings {
		return
	}
	for _, w := range s.warnings {
		if w == text {
			return
		}
	}
	s.warnings = append(s.warnings, text)
}

// Warnings returns what Warn collected.
func (s *Scope) Warnings() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.warnings
}

// Annotate adds an audit annotation (API-252).
func Annotate(ctx context.Context, key, value string) {
	s := ScopeFrom(ctx)
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.notes == nil {
		s.notes = map[string]string{}
	}
	s.notes[key] = value
}

// Annotations returns what Annotate collected.
func (s *Scope) Annotations() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.notes
}

// Note keeps something that a later step of the same request may want to tell: what admission changed, what authentication tried.
func (s *Scope) Note(n any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes = append(s.changes, n)
}

// Forget drops what Note kept: a write that lost a race begins anew.
func (s *Scope) Forget() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes = nil
}

// Notes returns what Note kept.
func (s *Scope) Notes() []any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changes
}

// AtEnd has f called when the request has come to its end, however it ended. For work that is nobody's request it is never called.
func AtEnd(ctx context.Context, f func()) {
	s := ScopeFrom(ctx)
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = append(s.last, f)
}

// End calls what AtEnd was given, once.
func (s *Scope) End() {
	s.mu.Lock()
	last := s.last
	s.last = nil
	s.mu.Unlock()
	for _, f := range last {
		f()
	}
}
