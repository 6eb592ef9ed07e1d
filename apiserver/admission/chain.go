package admission

import (
	"context"
	"math/rand/v2"
	"time"

	corev1 "k8s.io/api/core/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	storagev1 "k8s.io/api/storage/v1"

	"github.com/kubemint/kubemint/apiserver/request"
)

// Getter reads live objects. A missing one is a NotFound StatusError. Returned objects may be shared: the plugins never change them.
type Getter interface {
	Namespace(name string) (*corev1.Namespace, error)
	ServiceAccount(namespace, name string) (*corev1.ServiceAccount, error)
	Secret(namespace, name string) (*corev1.Secret, error)
	Pod(namespace, name string) (*corev1.Pod, error)
	Node(name string) (*corev1.Node, error)
	PriorityClass(name string) (*schedulingv1.PriorityClass, error)
	PriorityClasses() ([]*schedulingv1.PriorityClass, error)
	StorageClasses() ([]*storagev1.StorageClass, error)
	LimitRanges(namespace string) ([]*corev1.LimitRange, error)
}

// Authorize asks whether a user may do something beyond the request itself: approve or sign for a signer, have a token for an audience.
type Authorize func(ctx context.Context, user *request.User, verb, group, resource, namespace, name string) (bool, error)

// Config is what a Chain needs. Getter is required.
type Config struct {
	Getter Getter
	// Authorize nil allows nothing.
	Authorize Authorize
	// SecretMounts gives pods the Secret with their account's token in place of a projected volume, as up to 1.20 (ERA-27).
	SecretMounts bool
	// EnforceAudience limits the audiences that a node may ask tokens for to those in its pods (NODE-10, on since 1.33).
	EnforceAudience bool
	// Quotas is what ResourceQuota works with; nil leaves that plugin out.
	Quotas Quotas
	// NodeRestriction switches the plugin of that name on (NODE-8).
	NodeRestriction bool
	// Suffix makes the five random characters of a generated name; nil: as the API server does.
	Suffix func() string
	// Pause waits between two looks for an account that is about to appear (ADM-5); nil waits in wall time, so that a stopped
	// cluster clock holds no request up. It returns early with the context's error.
	Pause func(ctx context.Context, d time.Duration) error
}

// mutator and validator are the two things a plugin can do. A plugin may do both.
type mutator interface {
	mutate(ctx context.Context, a *Attributes) error
}
type validator interface {
	validate(ctx context.Context, a *Attributes) error
}

// Chain is the list of plugins in order. It may be used concurrently.
type Chain struct {
	plugins []any
}

// New builds the chain. It starts nothing.
func New(c Config) *Chain {
	if c.Authorize == nil {
		c.Authorize = func(context.Context, *request.User, string, string, string, string, string) (bool, error) {
			return false, nil
		}
	}
	if c.Suffix == nil {
		c.Suffix = suffix
	}
	if c.Pause == nil {
		c.Pause = pause
	}
	accounts := &serviceAccount{Config: c}
	plugins := []any{&namespaceLifecycle{c.Getter}, &limitRanger{c.Getter}, accounts}
	if c.NodeRestriction {
		plugins = append(plugins, &nodeRestriction{Config: c})
	}
	plugins = append(plugins,
		nodeTaint{},
		&priority{c.Getter},
		&defaultTolerations{},
		&defaultStorageClass{c.Getter},
		&storageProtection{},
		&runtimeClass{},
		&certificateApproval{c.Authorize},
		&certificateSigning{c.Authorize},
		&certificateSubject{},
	)
	if c.Quotas != nil { // the last of all: it charges, and nobody after it may refuse
		plugins = append(plugins, newResourceQuota(c.Quotas))
	}
	return &Chain{plugins: plugins}
}

// Mutate runs the plugins that change. The first error ends it and is a *apierrors.StatusError.
func (c *Chain) Mutate(ctx context.Context, a *Attributes) error {
	for _, p := range c.plugins {
		if m, ok := p.(mutator); ok {
			if err := m.mutate(ctx, a); err != nil {
				return status(err)
			}
		}
	}
	return nil
}

// Validate runs the plugins that check. The first error ends it and is a *apierrors.StatusError.
func (c *Chain) Validate(ctx context.Context, a *Attributes) error {
	for _, p := range c.plugins {
		if v, ok := p.(validator); ok {
			if err := v.validate(ctx, a); err != nil {
				return status(err)
			}
		}
	}
	return nil
}

// alphabet is that of all generated names: no vowels, so no words, and nothing that looks alike.
const alphabet = "bcdfghjklmnpqrstvwxz2456789"

func suffix() string {
	b := make([]byte, 5)
	for i := range b {
		b[i] = alphabet[rand.IntN(len(alphabet))]
	}
	return string(b)
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
