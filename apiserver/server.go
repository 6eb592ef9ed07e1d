package apiserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/apiserver/audit"
	"github.com/kubemint/kubemint/apiserver/authn"
	"github.com/kubemint/kubemint/apiserver/authz"
	"github.com/kubemint/kubemint/apiserver/registry"
	"github.com/kubemint/kubemint/apiserver/rest"
	"github.com/kubemint/kubemint/apiserver/story"
	"github.com/kubemint/kubemint/internal/clock"
	"github.com/kubemint/kubemint/internal/era"
	"github.com/kubemint/kubemint/rbac"
)

// Limits of requests that are not watches (API-6, API-7).
const (
	requestTimeout = 60 * time.Second
	patience       = 30 * time.Second
	maxReadOnly    = 400
	maxMutating    = 200
)

// Build says which kubemint this is.
type Build struct{ Commit, State, Date string }

// parts are what the chain and the routes hand requests to; New (wire.go) puts them in.
type parts struct {
	Authn        *authn.Authenticator
	Authz        *authz.Authorizer
	Impersonator *authn.Impersonator
	// OIDC serves the issuer's documents; nil where the issuer's form does not allow it (OIDC-4).
	OIDC http.Handler
	// Own are kubemint's own paths.
	Own   map[string]http.Handler
	Era   era.Era
	Build Build
}

// Server is the API server.
type Server struct {
	parts
	log       *slog.Logger
	clock     *clock.Clock
	registry  *registry.Registry
	rest      *rest.Handler
	discovery *discovery
	openAPI   openAPIRoutes
	health    *health
	metrics   *prometheus.Registry
	stories   *story.Ring
	observe   *observations
	audit     *audit.Log // nil: nobody keeps one

	toldPolicy         atomic.Pointer[rbac.Policy] // that of the newest story
	prepared           atomic.Bool
	uses               chan use
	inFlight           atomic.Int64
	readOnly, mutating chan struct{}
	patience           time.Duration
	handler            http.Handler
}

var errUnauthorized = &apierrors.StatusError{ErrStatus: metav1.Status{
	Status: metav1.StatusFailure, Code: http.StatusUnauthorized, Reason: metav1.StatusReasonUnauthorized, Message: "Unauthorized",
}}

// Handler is what a listener serves.
func (s *Server) Handler() http.Handler { return s.handler }

// Stories are what happened to each request.
func (s *Server) Stories() *story.Ring { return s.stories }

// Registry is what is stored.
func (s *Server) Registry() *registry.Registry { return s.registry }

// Authorizer answers who may do what.
func (s *Server) Authorizer() *authz.Authorizer { return s.Authz }

// InFlight is the number of requests in work, watches and streams not counted.
func (s *Server) InFlight() int { return int(s.inFlight.Load()) }

// Stop makes /readyz fail, so that nobody new is sent here.
func (s *Server) Stop() { s.health.stopping.Store(true) }

// Run keeps the server's picture of the store up to date until the context ends.
func (s *Server) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var marking sync.WaitGroup
	if s.audit != nil {
		// What is in work when the context ends is still written: the log ends after the last request.
		auditing, end := context.WithCancel(context.WithoutCancel(ctx))
		var writing sync.WaitGroup
		writing.Go(func() {
			if err := s.audit.Run(auditing); err != nil {
				s.log.Error("the audit log could not be closed", "error", err)
			}
		})
		defer writing.Wait()
		defer end()
	}
	marking.Go(func() { s.mark(ctx) })
	defer marking.Wait()
	defer cancel()
	if err := s.registry.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("api server: %w", err)
	}
	return nil
}
