package rest

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/kubemint/kubemint/apiserver/cache"
	"github.com/kubemint/kubemint/apiserver/registry"
	"github.com/kubemint/kubemint/storage"
)

// prefix is the part of a kind's keys that a request is about.
func (h *Handler) prefix(t *target) string {
	if t.res.Namespaced && t.info.Namespace != "" {
		return t.info.Namespace + "/"
	}
	return ""
}

// list answers with a collection at one revision (API-110 to API-119).
func (h *Handler) list(w http.ResponseWriter, r *http.Request, t *target) error {
	o, sel, err := listOptions(r, t)
	if err != nil {
		return err
	}
	p := &page{handler: h, target: t, options: o, sel: sel, prefix: h.prefix(t)}
	if err := p.read(r); err != nil {
		return err
	}
	return h.items(w, r, t, p.objects, p.meta)
}

// page is one answer to a list.
type page struct {
	handler *Handler
	target  *target
	options *metav1.ListOptions
	sel     selection
	prefix  string
	objects []*cache.Object
	meta    metav1.ListMeta
}

func (p *page) read(r *http.Request) error {
	now := p.target.store.Kind().Snapshot()
	o := p.options
	if o.Continue != "" {
		return p.next(r, now)
	}
	wanted, err := parseVersion(o.ResourceVersion)
	if err != nil {
		return apierrors.NewBadRequest("invalid resource version: " + err.Error())
	}
	switch {
	case wanted > now.Revision:
		return registry.TooLarge(wanted, now.Revision)
	case o.ResourceVersion == "0":
		o.Limit = 0 // a real server answers this out of its cache, whole (API-115)
	case o.ResourceVersionMatch == metav1.ResourceVersionMatchExact || o.ResourceVersionMatch == "" && o.Limit > 0 && wanted > 0:
		if wanted < now.Revision {
			return p.fromStorage(r, wanted, "", false)
		}
	}
	p.fromSnapshot(now, "")
	return nil
}

// parseVersion reads a resourceVersion parameter; none is 0.
func parseVersion(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(s, 10, 63)
	if err != nil {
		return 0, field.ErrorList{field.Invalid(field.NewPath("resourceVersion"), s, err.Error())}.ToAggregate()
	}
	return int64(n), nil
}

// next goes on where a continue token says, at the revision of the first page.
func (p *page) next(r *http.Request, now cache.Snapshot) error {
	revision, from, err := parseContinue(p.options.Continue)
	if err != nil {
		return err
	}
	if v := p.options.ResourceVersion; v != "" && v != "0" {
		return apierrors.NewBadRequest("specifying resource version is not allowed when using continue")
	}
	if p.options.ResourceVersion == "0" {
		p.options.Limit = 0 // the rest at once, as without a token (API-115)
	}
	after := strings.TrimSuffix(from, "\x00")
	after = p.prefix + after
	switch {
	case revision > now.Revision:
		return registry.TooLarge(revision, now.Revision)
	case revision < 0 || revision == now.Revision:
		p.fromSnapshot(now, after)
		return nil
	}
	return p.fromStorage(r, revision, after, true)
}

func (p *page) fromSnapshot(s cache.Snapshot, after string) {
	if p.options.Limit <= 0 && p.prefix == "" && p.sel.every && after == "" {
		p.objects = make([]*cache.Object, 0, s.Len())
	}
	more, rest := false, int64(0)
	s.Each(p.prefix, after, func(o *cache.Object) bool {
		if p.full() {
			more = true
			rest++
			return p.sel.every // the others are only counted, and only if it is told how many they are
		}
		if p.sel.matches(o) {
			p.objects = append(p.objects, o)
		}
		return true
	})
	p.finish(s.Revision, more, rest)
}

func (p *page) full() bool {
	return p.options.Limit > 0 && int64(len(p.objects)) >= p.options.Limit
}

// finish notes where the list stands, and how to go on.
func (p *page) finish(revision int64, more bool, rest int64) {
	p.meta.ResourceVersion = format(revision)
	if !more {
		return
	}
	p.meta.Continue = resume(strings.TrimPrefix(p.objects[len(p.objects)-1].Key, p.prefix), revision)
	if p.sel.every {
		p.meta.RemainingItemCount = &rest
	}
}

// fromStorage lists at an older revision.
func (p *page) fromStorage(r *http.Request, revision int64, after string, continuing bool) error {
	store := p.target.store
	root := store.Resource().Prefix()
	o := storage.ListOptions{Revision: revision}
	if after != "" {
		o.After = root + after
	}
	if p.options.Limit > 0 && p.sel.every {
		o.Limit = int(p.options.Limit)
	}
	found, err := p.handler.Registry.Backend().List(r.Context(), root+p.prefix, o)
	if errors.Is(err, storage.ErrCompacted) {
		return p.expired(after, continuing)
	}
	if err != nil {
		return err
	}
	more := found.More
	for _, e := range found.Entries {
		obj, err := store.Kind().Make(strings.TrimPrefix(e.Key, root), e.Value, e.Revision, nil)
		if err != nil {
			return err
		}
		if p.full() {
			more = true // as in a real server, whether they match or not
			break
		}
		if p.sel.matches(obj) {
			p.objects = append(p.objects, obj)
		}
	}
	p.finish(revision, more && len(p.objects) > 0, found.Remaining)
	return nil
}

// expired is the answer when the revision of a list is gone (API-117, API-118).
func (p *page) expired(after string, continuing bool) error {
	if !continuing {
		return apierrors.NewResourceExpired("The resourceVersion for the provided list is too old.")
	}
	err := apierrors.NewResourceExpired("The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.")
	err.ErrStatus.Continue = resume(strings.TrimPrefix(after, p.prefix), -1)
	return err
}

func format(revision int64) string { return strconv.FormatInt(revision, 10) }
