package rest

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubemint/kubemint/apiserver/cache"
	"github.com/kubemint/kubemint/apiserver/registry"
	"github.com/kubemint/kubemint/apiserver/registry/selectable"
	"github.com/kubemint/kubemint/apiserver/schema"
	"github.com/kubemint/kubemint/storage"
)

// selection is what a list or watch picks out.
type selection struct {
	label labels.Selector
	field fields.Selector
	every bool
}

func (s selection) matches(o *cache.Object) bool {
	if s.every {
		return true
	}
	l, f := o.Selectable()
	return s.label.Matches(l) && s.field.Matches(f)
}

// selectors parses those of a request and checks the fields against the kind's (API-110, API-111).
func selectors(res *registry.Resource, o *metav1.ListOptions) (selection, error) {
	sel := selection{label: labels.Everything(), field: fields.Everything(), every: o.LabelSelector == "" && o.FieldSelector == ""}
	if sel.every {
		return sel, nil
	}
	var err error
	if o.LabelSelector != "" {
		if sel.label, err = labels.Parse(o.LabelSelector); err != nil {
			return sel, apierrors.NewBadRequest(err.Error())
		}
	}
	if o.FieldSelector != "" {
		if sel.field, err = fields.ParseSelector(o.FieldSelector); err != nil {
			return sel, apierrors.NewBadRequest(err.Error())
		}
		convert := func(label, value string) (string, string, error) {
			return selectable.Convert(res.GroupKind(), label, value)
		}
		if sel.field, err = sel.field.Transform(convert); err != nil {
			return sel, apierrors.NewBadRequest(err.Error())
		}
	}
	return sel, nil
}

// prefix is the part of a kind's keys that a request is about.
func (h *Handler) prefix(t *target) string {
	if t.res.Namespaced && t.info.Namespace != "" {
		return t.info.Namespace + "/"
	}
	return ""
}

// list answers with a collection at one revision (API-110 to API-119).
func (h *Handler) list(w http.ResponseWriter, r *http.Request, t *target) error {
	if t.store == nil {
		return notAllowed()
	}
	o, err := listOptions(r)
	if err != nil {
		return err
	}
	if err := validListOptions(o); err != nil {
		return err
	}
	sel, err := selectors(t.res, o)
	if err != nil {
		return err
	}
	p := &page{handler: h, target: t, options: o, sel: sel}
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
	objects []*cache.Object
	meta    metav1.ListMeta
}

// continuation is what a continue token holds (API-116).
type continuation struct {
	Version  string `json:"v"`
	Revision int64  `json:"rv"`
	Start    string `json:"start"`
}

const tokenVersion = "meta.k8s.io/v1"

func (c continuation) String() string {
	b, err := json.Marshal(c)
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func parseContinue(s string) (c continuation, after string, err error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return c, "", apierrors.NewBadRequest("continue key is not valid: " + err.Error())
	}
	if err := json.Unmarshal(b, &c); err != nil {
		return c, "", apierrors.NewBadRequest("continue key is not valid: " + err.Error())
	}
	if c.Version != tokenVersion {
		return c, "", apierrors.NewBadRequest(`continue key is not valid: server does not recognize this encoded version "` + c.Version + `"`)
	}
	if c.Revision == 0 {
		return c, "", apierrors.NewBadRequest("continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)")
	}
	after, ok := strings.CutSuffix(c.Start, "\x00")
	if !ok || after == "" || strings.Contains("/"+after+"/", "/../") {
		return c, "", apierrors.NewBadRequest("continue key is not valid: encoded start key empty (version meta.k8s.io/v1)")
	}
	return c, after, nil
}

func (p *page) read(r *http.Request) error {
	now := p.target.store.Kind().Snapshot()
	o := p.options
	if o.Continue != "" {
		return p.next(r, now)
	}
	if o.ResourceVersion == "" || o.ResourceVersion == "0" {
		p.fromSnapshot(now, "", now.Revision)
		return nil
	}
	wanted, err := strconv.ParseUint(o.ResourceVersion, 10, 63)
	if err != nil {
		return apierrors.NewBadRequest("invalid resource version: " + err.Error())
	}
	if int64(wanted) > now.Revision {
		return registry.TooLarge(int64(wanted), now.Revision)
	}
	if o.ResourceVersionMatch != metav1.ResourceVersionMatchExact || int64(wanted) == now.Revision {
		p.fromSnapshot(now, "", now.Revision)
		return nil
	}
	return p.fromStorage(r, int64(wanted), "", false)
}

// next goes on where a continue token says, at the revision of the first page.
func (p *page) next(r *http.Request, now cache.Snapshot) error {
	c, after, err := parseContinue(p.options.Continue)
	if err != nil {
		return err
	}
	prefix := p.handler.prefix(p.target)
	if prefix != "" { // the token holds the key below the collection
		after = prefix + after
	}
	if c.Revision < 0 || c.Revision == now.Revision {
		p.fromSnapshot(now, after, now.Revision)
		return nil
	}
	if c.Revision > now.Revision {
		return apierrors.NewBadRequest("continue key is not valid: its resource version does not exist yet")
	}
	return p.fromStorage(r, c.Revision, after, true)
}

func (p *page) fromSnapshot(s cache.Snapshot, after string, revision int64) {
	prefix := p.handler.prefix(p.target)
	if p.options.Limit == 0 && prefix == "" && p.sel.every && after == "" {
		p.objects = make([]*cache.Object, 0, s.Len())
	}
	more, rest := false, int64(0)
	s.Each(prefix, after, func(o *cache.Object) bool {
		if !p.sel.matches(o) {
			return true
		}
		if p.options.Limit > 0 && int64(len(p.objects)) >= p.options.Limit {
			more = true
			if !p.sel.every {
				return false
			}
			rest++
			return true
		}
		p.objects = append(p.objects, o)
		return true
	})
	p.finish(revision, more, rest)
}

func (p *page) finish(revision int64, more bool, rest int64) {
	p.meta.ResourceVersion = format(revision)
	if !more {
		return
	}
	last := strings.TrimPrefix(p.objects[len(p.objects)-1].Key, p.handler.prefix(p.target))
	p.meta.Continue = continuation{Version: tokenVersion, Revision: revision, Start: last + "\x00"}.String()
	if p.sel.every {
		p.meta.RemainingItemCount = &rest
	}
}

// fromStorage lists at an older revision.
func (p *page) fromStorage(r *http.Request, revision int64, after string, continuing bool) error {
	store, res := p.target.store, p.target.store.Resource()
	prefix := res.Prefix() + p.handler.prefix(p.target)
	o := storage.ListOptions{Revision: revision}
	if after != "" {
		o.After = res.Prefix() + after
	}
	if p.options.Limit > 0 && p.sel.every {
		o.Limit = int(p.options.Limit)
	}
	found, err := p.handler.Registry.Backend().List(r.Context(), prefix, o)
	if errors.Is(err, storage.ErrCompacted) {
		return p.expired(after, continuing)
	}
	if err != nil {
		return err
	}
	more := found.More
	for _, e := range found.Entries {
		obj, err := store.Kind().Make(strings.TrimPrefix(e.Key, res.Prefix()), e.Value, e.Revision, nil)
		if err != nil {
			return err
		}
		if !p.sel.matches(obj) {
			continue
		}
		if p.options.Limit > 0 && int64(len(p.objects)) >= p.options.Limit {
			more = true
			break
		}
		p.objects = append(p.objects, obj)
	}
	if more && len(p.objects) == 0 {
		more = false
	}
	p.finish(revision, more, found.Remaining)
	return nil
}

// expired is the answer when the revision of a list is gone (API-117).
func (p *page) expired(after string, continuing bool) error {
	if !continuing {
		return apierrors.NewResourceExpired("The resourceVersion for the provided list is too old.")
	}
	err := apierrors.NewResourceExpired("The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.")
	start := strings.TrimPrefix(after, p.handler.prefix(p.target))
	err.ErrStatus.ListMeta.Continue = continuation{Version: tokenVersion, Revision: -1, Start: start + "\x00"}.String()
	return err
}

func format(revision int64) string { return strconv.FormatInt(revision, 10) }

// items answers with a list in the form that was asked for.
func (h *Handler) items(w http.ResponseWriter, r *http.Request, t *target, objs []*cache.Object, lm metav1.ListMeta) error {
	accepted, err := schema.Negotiate(r.Header.Get("Accept"), schema.Collection)
	if err != nil {
		return err
	}
	indent := accepted.Pretty || pretty(r)
	if accepted.As == schema.AsObject && t.res.StoredAs == "" {
		if accepted.Format == schema.JSON && !indent {
			sendList(w, r, t.res, objs, lm)
			return nil
		}
		b, err := schema.Reformat(appendList(nil, t.res, objs, lm), accepted.Format, indent)
		if err != nil {
			return err
		}
		send(w, r, http.StatusOK, accepted.Format.String(), b)
		return nil
	}
	b, err := h.view(r, t, objs, lm, accepted, false)
	if err != nil {
		return err
	}
	if b, err = schema.Reformat(b, accepted.Format, indent); err != nil {
		return err
	}
	send(w, r, http.StatusOK, accepted.Format.String(), b)
	return nil
}

// appendList puts a list together out of the items' cached bytes.
func appendList(b []byte, res *registry.Resource, objs []*cache.Object, lm metav1.ListMeta) []byte {
	b = appendListHead(b, res, lm)
	for i, o := range objs {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, o.Body...)
	}
	return append(b, ']', '}')
}
