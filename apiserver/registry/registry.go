package registry

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubemint/kubemint/apiserver/cache"
	"github.com/kubemint/kubemint/apiserver/registry/validate"
	"github.com/kubemint/kubemint/internal/clock"
	"github.com/kubemint/kubemint/storage"
)

// Config is what a Registry needs.
type Config struct {
	Storage storage.Store
	Clock   *clock.Clock
	// Guards refuse writes whose senders may not make them although the verb is allowed (ESC-1).
	Guards map[schema.GroupResource]func(ctx context.Context, obj, old runtime.Object, subresource string) error
	// Validate is what validation needs beside the objects.
	Validate validate.Context
}

// Registry holds a store for each kind.
type Registry struct {
	cache   *cache.Cache
	backend storage.Store
	rows    []*Resource
	byName  map[schema.GroupVersionResource]*Resource
	stores  map[schema.GroupResource]*Store

	clock     *clock.Clock
	addresses *addresses
	validate  validate.Context
	guards    map[schema.GroupResource]func(ctx context.Context, obj, old runtime.Object, subresource string) error
}

// New makes the stores of all rows of the table. It reads nothing yet: see Fill and Run.
func New(c Config) *Registry {
	r := &Registry{
		cache:   cache.New(c.Storage, Root),
		backend: c.Storage,
		byName:  map[schema.GroupVersionResource]*Resource{},
		stores:  map[schema.GroupResource]*Store{},
		clock:   c.Clock, addresses: newAddresses(), validate: c.Validate, guards: c.Guards,
	}
	for _, row := range Table() {
		res := &row
		r.rows = append(r.rows, res)
		r.byName[res.GroupVersionResource()] = res
		if !res.Stored || res.StoredAs != nil {
			continue
		}
		s := &Store{res: res, strategy: r.special(res), backend: c.Storage, cache: r.cache, clock: c.Clock}
		s.kind = r.cache.Add(cache.KindConfig{
			Name: res.GroupResource().String(), Prefix: res.Prefix(),
			New: res.New, Decode: decode, Fields: s.strategy.Fields, Hot: res.Hot,
		})
		r.stores[res.GroupResource()] = s
	}
	r.Core("services").kind.Observe(r.addresses.observe)
	return r
}

// Resources are the rows of the table, in the order of discovery.
func (r *Registry) Resources() []*Resource { return r.rows }

// Resource finds a row, or nil.
func (r *Registry) Resource(gvr schema.GroupVersionResource) *Resource { return r.byName[gvr] }

// Store finds the store of a resource, or nil for kinds that are only computed.
func (r *Registry) Store(gr schema.GroupResource) *Store { return r.stores[gr] }

// Core finds the store of a resource of the core group.
func (r *Registry) Core(resource string) *Store {
	return r.stores[schema.GroupResource{Resource: resource}]
}

// Cache is the cache behind all stores.
func (r *Registry) Cache() *cache.Cache { return r.cache }

// Backend is the storage behind all stores.
func (r *Registry) Backend() storage.Store { return r.backend }

// Fill loads what is stored; call it once, before Run.
func (r *Registry) Fill(ctx context.Context) error {
	if err := r.cache.Fill(ctx); err != nil {
		return fmt.Errorf("load the registry: %w", err)
	}
	return nil
}

// Run keeps the stores up to date until the context ends.
func (r *Registry) Run(ctx context.Context) error { return r.cache.Run(ctx) }
