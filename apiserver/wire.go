package apiserver

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	apischema "k8s.io/apimachinery/pkg/runtime/schema"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubemint/kubemint/apiserver/admission"
	"github.com/kubemint/kubemint/apiserver/audit"
	"github.com/kubemint/kubemint/apiserver/authn"
	"github.com/kubemint/kubemint/apiserver/authz"
	"github.com/kubemint/kubemint/apiserver/cache"
	"github.com/kubemint/kubemint/apiserver/registry"
	"github.com/kubemint/kubemint/apiserver/registry/defaults"
	"github.com/kubemint/kubemint/apiserver/registry/validate"
	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/apiserver/rest"
	"github.com/kubemint/kubemint/apiserver/reviews"
	"github.com/kubemint/kubemint/apiserver/schema"
	"github.com/kubemint/kubemint/apiserver/schema/openapi"
	"github.com/kubemint/kubemint/apiserver/story"
	"github.com/kubemint/kubemint/apiserver/token"
	"github.com/kubemint/kubemint/internal/clock"
	"github.com/kubemint/kubemint/internal/era"
	"github.com/kubemint/kubemint/rbac"
	"github.com/kubemint/kubemint/storage"
)

// Config is what a Server is made of.
type Config struct {
	Storage storage.Store
	Clock   *clock.Clock
	Era     era.Era
	Build   Build
	Log     *slog.Logger

	// ClientCA vouches for people and components.
	ClientCA *x509.CertPool
	// StaticTokens are those of --token-auth-file; nil: none.
	StaticTokens *authn.StaticTokens
	// Keys sign and verify ServiceAccount tokens. Issuers are accepted, the first one signs.
	Keys    *token.KeySet
	Issuers []string
	// Tokens are the settings for TokenRequests.
	Tokens token.Options
	// Address is host:port under which clients reach the server, for the issuer's documents.
	Address string

	// MaxReadOnly and MaxMutating bound how many requests are in work at once; 0 means 400 and 200 (API-6).
	MaxReadOnly, MaxMutating int
	// Patience is how long an answer waits for a client that does not read once the time of its request is over, and a watch at any
	// time, in wall time; 0 means 30 s.
	Patience time.Duration

	// Audit keeps the audit log; nil: nobody does. The server runs it.
	Audit *audit.Log

	// Own makes kubemint's own paths, by pattern, from the server that they are about; nil: there are none.
	Own func(*Server) map[string]http.Handler
	// DialNode connects to the node of this name, for logs and exec; nil: no node can be reached. NodeTLS trusts the nodes'
	// certificates and shows the API server's own.
	DialNode func(ctx context.Context, node string) (net.Conn, error)
	NodeTLS  *tls.Config
	// DialPod connects to ADDRESS:PORT in the pods' network, for the proxies of pods and services; nil: nobody listens there.
	DialPod func(ctx context.Context, address string) (net.Conn, error)
}

// New wires a server. It starts nothing and reads nothing.
func New(c Config) (*Server, error) {
	s := &Server{
		log: c.Log, clock: c.Clock, stories: &story.Ring{}, audit: c.Audit, metrics: prometheus.NewRegistry(),
		uses:     make(chan use, 64),
		readOnly: make(chan struct{}, cmp.Or(c.MaxReadOnly, maxReadOnly)), mutating: make(chan struct{}, cmp.Or(c.MaxMutating, maxMutating)),
		patience: cmp.Or(c.Patience, patience),
	}
	s.Era, s.Build = c.Era, c.Build
	s.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))

	policy, graph := rbac.NewIndex(), authz.NewGraph()
	s.Authz = authz.New(authz.Config{Policy: policy, Graph: graph,
		NodesReadAll: !c.Era.NodeSelectors(), NodesReadNoAccounts: !c.Era.NodeReadsAccounts()})
	s.registry = registry.New(registry.Config{Storage: c.Storage, Clock: c.Clock, Guards: s.guards(), Validate: validate.Context{}})
	follow(s.registry, policy, graph)
	known := map[apischema.GroupResource]bool{}
	for _, r := range s.registry.Resources() {
		known[r.GroupResource()] = true
	}
	s.observe = newObservations(s.metrics, known, func() float64 { return float64(s.inFlight.Load()) })

	now := live{s.registry}
	verifier := token.NewVerifier(token.Config{Keys: c.Keys, Issuers: c.Issuers, APIAudiences: c.Tokens.APIAudiences, Getter: now, Clock: c.Clock, Era: c.Era, Stamp: s.stamp})
	s.Authn = authn.New(authn.Config{ClientCA: c.ClientCA, Clock: c.Clock, Era: c.Era, Tokens: verifier, Static: c.StaticTokens, Bootstrap: true})
	s.Impersonator = authn.NewImpersonator(c.Era, s.permit, func(u *request.User, what *request.Info, reason string) error {
		return authz.Forbidden(authz.FromRequest(what, u), reason)
	})

	fields := &schema.FieldManagers{Defaults: defaults.Apply}
	admit := admission.New(admission.Config{
		Getter: now, Authorize: s.Authz.May, NodeRestriction: true, Quotas: &quotas{live: now, clock: c.Clock, fields: fields},
		SecretMounts: c.Era.PodMounts() == era.LegacySecret, EnforceAudience: c.Era.RestrictsNodeAudiences(),
	})
	issuer := &token.Issuer{Keys: c.Keys, Name: c.Issuers[0], Era: c.Era}
	tokens := &token.Handler{Getter: plural{now}, Issuer: issuer, Clock: c.Clock, Options: c.Tokens}
	access := reviews.Access{Authorizer: s.Authz}
	identity := reviews.Identity{Authenticator: s.Authn}

	s.rest = rest.New(rest.Config{
		Registry: s.registry, Admission: admit, Clock: c.Clock,
		Fields: func(kind apischema.GroupVersionKind, sub string) (rest.FieldManager, error) {
			return fields.For(kind, sub)
		},
		Patience:      s.patience,
		SecretsColumn: c.Era.SecretsColumn(), DeprecatesEndpoints: c.Era.DeprecatesEndpoints(),
		Authorize:  s.permit,
		Creators:   s.creators(tokens, access, identity),
		Connectors: s.streams(c),
	})
	var err error
	if s.discovery, err = newDiscovery(s.registry.Resources()); err != nil {
		return nil, err
	}
	s.openAPI = newOpenAPIRoutes(schema.NewOpenAPI(s.Era.String(), described(s.registry.Resources())))
	if token.Discoverable(c.Issuers[0]) {
		s.OIDC = oidc{keys: c.Keys, issuer: c.Issuers[0], address: c.Address}
	}
	s.health = newHealth(s.checkStorage(c.Storage), s.checkPrepared, s.checkPrepared)
	if c.Own != nil {
		s.Own = c.Own(s)
	}
	s.handler = s.chain(s.routes)
	return s, nil
}

// follow keeps the RBAC index and the node graph as new as the cache.
func follow(r *registry.Registry, policy *rbac.Index, graph *authz.Graph) {
	for _, name := range []string{"roles", "rolebindings", "clusterroles", "clusterrolebindings"} {
		store := r.Store(apischema.GroupResource{Group: "rbac.authorization.k8s.io", Resource: name})
		kind := store.Resource().Kind
		store.Kind().Observe(func(obj, prev *cache.Object) {
			if obj == nil {
				m := meta(prev)
				policy.Delete(kind, m.GetNamespace(), m.GetName())
				return
			}
			if typed, err := obj.Typed(); err == nil {
				policy.Set(typed)
			}
		})
	}
	r.Core("pods").Kind().Observe(func(obj, prev *cache.Object) {
		if obj == nil {
			m := meta(prev)
			graph.DeletePod(m.GetNamespace(), m.GetName())
			return
		}
		if typed, err := obj.Typed(); err == nil {
			graph.SetPod(typed.(*corev1.Pod))
		}
	})
	r.Core("persistentvolumes").Kind().Observe(func(obj, prev *cache.Object) {
		if obj == nil {
			graph.DeleteVolume(meta(prev).GetName())
			return
		}
		if typed, err := obj.Typed(); err == nil {
			graph.SetVolume(typed.(*corev1.PersistentVolume))
		}
	})
}

func meta(o *cache.Object) metav1.Object {
	typed, err := o.Typed()
	if err != nil {
		return &metav1.ObjectMeta{}
	}
	return typed.(metav1.ObjectMetaAccessor).GetObjectMeta()
}

// guards keep people from granting what they do not hold (ESC-1).
func (s *Server) guards() map[apischema.GroupResource]func(context.Context, runtime.Object, runtime.Object, string) error {
	guard := func(ctx context.Context, obj, old runtime.Object, _ string) error {
		w := authz.Write{User: request.UserFrom(ctx), Old: old, New: obj}
		if info := request.InfoFrom(ctx); info != nil {
			w.Namespace, w.URLName = info.Namespace, info.URLName
		}
		err := s.Authz.CheckWrite(w)
		if e := new(authz.Escalation); errors.As(err, &e) {
			tellStory(ctx, e)
		}
		return err
	}
	out := map[apischema.GroupResource]func(context.Context, runtime.Object, runtime.Object, string) error{}
	for _, name := range []string{"roles", "rolebindings", "clusterroles", "clusterrolebindings"} {
		out[apischema.GroupResource{Group: "rbac.authorization.k8s.io", Resource: name}] = guard
	}
	return out
}

// permit asks for a second permission in the course of a request (AUTHZ-12).
func (s *Server) permit(ctx context.Context, user *request.User, info *request.Info) error {
	a := authz.FromRequest(info, user)
	d := s.Authz.Authorize(a)
	if d.Allowed {
		return nil
	}
	tellStory(ctx, &authz.Asked{Attributes: a, Decision: d})
	return authz.Forbidden(a, d.Reason)
}

// tellStory keeps what a step found for the story of the context's request.
func tellStory(ctx context.Context, n any) {
	if scope := request.ScopeFrom(ctx); scope != nil {
		scope.Note(n)
	}
}

func (s *Server) checkStorage(store storage.Store) func() error {
	return func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		_, err := store.Revision(ctx)
		return err
	}
}

func (s *Server) checkPrepared() error {
	if !s.prepared.Load() {
		return fmt.Errorf("the system's own objects are not all there yet")
	}
	return nil
}

// described are the rows of the table as OpenAPI describes them.
func described(rows []*registry.Resource) []openapi.Resource {
	var out []openapi.Resource
	for _, r := range rows {
		d := openapi.Resource{Group: r.Group, Version: r.Version, Name: r.Name, Kind: r.Kind, Namespaced: r.Namespaced, Verbs: r.Verbs}
		for _, sub := range r.Subresources {
			d.Subresources = append(d.Subresources, openapi.Subresource{Name: sub.Name, Group: sub.Group, Version: sub.Version, Kind: sub.Kind, Verbs: sub.Verbs})
		}
		out = append(out, d)
	}
	return out
}
