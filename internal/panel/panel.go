package panel

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubemint/kubemint/apiserver"
	"github.com/kubemint/kubemint/apiserver/rest"
	"github.com/kubemint/kubemint/apiserver/token"
	"github.com/kubemint/kubemint/internal/clock"
	"github.com/kubemint/kubemint/internal/vault"
	"github.com/kubemint/kubemint/kubelet"
)

// Config is what the panel asks and steers.
type Config struct {
	Server *apiserver.Server
	Clock  *clock.Clock
	// Keys sign and verify tokens. Ring are the same keys where they are the cluster's to rotate; nil if flags give them.
	Keys  *token.KeySet
	Ring  *token.Ring
	Nodes Nodes
	// Vault is the one outside of the cluster.
	Vault *vault.Vault
	// Settle returns when the cluster is quiet, or what is still pending.
	Settle func(context.Context) []string
}

// Nodes are the cluster's simulated nodes.
type Nodes interface {
	// Named returns the node of this name, or nil.
	Named(name string) *kubelet.Kubelet
	// Heartbeat has every node that can renew its lease, and returns how many did.
	Heartbeat(ctx context.Context) int
	// States tells of each what only the cluster knows, in the order of their coming.
	States() []NodeState
	// What changes nodes. An error that is a say.Error says why nothing is done.
	Add(ctx context.Context, name string) (string, error)
	Remove(ctx context.Context, name string) error
	Cut(ctx context.Context, name string) error
	Heal(ctx context.Context, name string) error
	Skew(ctx context.Context, name string, d time.Duration) error
}

// panel answers.
type panel struct{ Config }

// Handlers are the paths, as patterns, and what answers there.
func Handlers(c Config) map[string]http.Handler {
	p := &panel{c}
	h := func(f func(w http.ResponseWriter, r *http.Request) (any, error)) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			out, err := f(w, r)
			if err != nil {
				rest.Error(w, r, err)
				return
			}
			rest.JSON(w, r, http.StatusOK, out)
		})
	}
	return map[string]http.Handler{
		"/kubemint/v1/clock":                   h(p.clock),
		"/kubemint/v1/pods/{namespace}/{name}": h(p.pod),
		"/kubemint/v1/stories":                 h(p.stories),
		"/kubemint/v1/stories/next":            h(p.nextStories),
		"/kubemint/v1/stories/{id}":            h(p.story),
		"/kubemint/v1/explain":                 h(p.explain),
		"/kubemint/v1/who-can":                 h(p.whoCan),
		"/kubemint/v1/access":                  h(p.access),
		"/kubemint/v1/access/diff":             h(p.accessDiff),
		"/kubemint/v1/rbac/lint":               h(p.lint),
		"/kubemint/v1/tokens/inspect":          h(p.tokens),
		"/kubemint/v1/keys":                    h(p.keys),
		"/kubemint/v1/vault":                   h(p.vault),
		"/kubemint/v1/nodes":                   h(p.nodes),
		"/kubemint/v1/nodes/{name}":            h(p.node),
		"/kubemint/v1/nodes/{name}/{do}":       h(p.steerNode),
	}
}

// bodyLimit is plenty for the questions asked here, manifestLimit for all the roles and bindings of a large cluster.
const (
	bodyLimit     = 1 << 20
	manifestLimit = 32 << 20
)

func readJSON(w http.ResponseWriter, r *http.Request, into any) error {
	return readLimited(w, r, into, bodyLimit)
}

func readLargeJSON(w http.ResponseWriter, r *http.Request, into any) error {
	return readLimited(w, r, into, manifestLimit)
}

func readLimited(w http.ResponseWriter, r *http.Request, into any, limit int64) error {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, limit))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return apierrors.NewBadRequest(fmt.Sprintf("the body cannot be read: %v", err))
	}
	return nil
}

func method(r *http.Request, allowed ...string) error {
	for _, m := range allowed {
		if r.Method == m {
			return nil
		}
	}
	return &apierrors.StatusError{ErrStatus: rest.NotAllowedStatus()}
}
