package rest

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubemint/kubemint/apiserver/cache"
	"github.com/kubemint/kubemint/apiserver/registry"
	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/apiserver/schema"
)

// Error writes the Status of an error: the one place where it meets the wire.
func Error(w http.ResponseWriter, r *http.Request, err error) {
	status := schema.StatusOf(err)
	request.ScopeFrom(r.Context()).Answered(string(status.Reason), status.Message)
	if status.Code == http.StatusInternalServerError && status.Reason == "" {
		request.Annotate(r.Context(), "internal-error", err.Error())
	}
	if d := status.Details; d != nil && d.RetryAfterSeconds > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(d.RetryAfterSeconds)))
	}
	if status.Code == http.StatusForbidden {
		w.Header().Set("X-Content-Type-Options", "nosniff")
	}
	Object(w, r, int(status.Code), status)
}

// Object writes any object as JSON or YAML, as the client accepts; a Status it cannot accept is JSON.
func Object(w http.ResponseWriter, r *http.Request, code int, obj runtime.Object) {
	accepted, err := schema.Negotiate(r.Header.Get("Accept"), schema.Item)
	if err != nil {
		accepted = schema.Accepted{}
	}
	body, err := schema.Encode(obj, accepted.Format, accepted.Pretty || pretty(r))
	if err != nil {
		http.Error(w, "the answer could not be encoded", http.StatusInternalServerError)
		return
	}
	send(w, r, code, accepted.Format.String(), body)
}

// NotFoundPage is the answer outside all served groups and versions (API-10).
func NotFoundPage(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusNotFound)
	fmt.Fprintln(w, "404 page not found")
}

func pretty(r *http.Request) bool {
	asked := ""
	if r.URL.RawQuery != "" {
		asked = r.URL.Query().Get("pretty")
	}
	return schema.Pretty(asked, r.UserAgent())
}

// gzipFrom is the size from which answers are compressed for those who accept it (API-8).
const gzipFrom = 128 << 10

func send(w http.ResponseWriter, r *http.Request, code int, contentType string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	warnings(w, r)
	if len(body) > gzipFrom && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		h.Set("Vary", "Accept-Encoding")
		w.WriteHeader(code)
		z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed)
		_, _ = z.Write(body) // a client that went away is not our error
		_ = z.Close()
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(code)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

// warnings sends the texts that were collected (API-98): 299, the text quoted, cut when they are long together.
func warnings(w http.ResponseWriter, r *http.Request) {
	scope := request.ScopeFrom(r.Context())
	if scope == nil {
		return
	}
	texts := scope.Warnings()
	total := 0
	for _, t := range texts {
		total += len(t)
	}
	for _, t := range texts {
		if total > 4096 {
			if runes := []rune(t); len(runes) > 256 {
				t = string(runes[:256])
			}
		}
		w.Header().Add("Warning", "299 - "+quote(t))
	}
}

func quote(s string) string {
	s = strings.Map(func(c rune) rune {
		if c < 0x20 || c == 0x7f {
			return ' '
		}
		return c
	}, s)
	s = strings.ReplaceAll(s, `\`, `\\`)
	return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"`
}

// buffers are reused for answers that are put together out of cached bytes.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 4096); return &b }}

func withBuffer(f func(b []byte) []byte) {
	p := buffers.Get().(*[]byte)
	*p = f((*p)[:0])
	if cap(*p) <= 8<<20 {
		buffers.Put(p)
	}
}

// item answers with one object in the form that was asked for.
func (h *Handler) item(w http.ResponseWriter, r *http.Request, t *target, code int, o *cache.Object) error {
	accepted, err := schema.Negotiate(r.Header.Get("Accept"), schema.Item)
	if err != nil {
		return err
	}
	if accepted.As == schema.AsObject && t.res.StoredAs == "" {
		return h.plain(w, r, t.res, code, o, accepted)
	}
	return h.shown(w, r, t, code, o, accepted)
}

func (h *Handler) plain(w http.ResponseWriter, r *http.Request, res *registry.Resource, code int, o *cache.Object, accepted schema.Accepted) error {
	indent := accepted.Pretty || pretty(r)
	if accepted.Format == schema.JSON && !indent {
		withBuffer(func(b []byte) []byte {
			b = append(append(append(append(b, '{'), res.Head()...), o.Body[1:]...), '\n')
			send(w, r, code, schema.MediaTypeJSON, b)
			return b
		})
		return nil
	}
	b := append(append([]byte{'{'}, res.Head()...), o.Body[1:]...)
	b, err := schema.Reformat(b, accepted.Format, indent)
	if err != nil {
		return err
	}
	send(w, r, code, accepted.Format.String(), b)
	return nil
}

// shown answers with an object as a Table, as its metadata or as the kind of another group.
func (h *Handler) shown(w http.ResponseWriter, r *http.Request, t *target, code int, o *cache.Object, accepted schema.Accepted) error {
	b, err := h.view(r, t, []*cache.Object{o}, metav1.ListMeta{}, accepted, true)
	if err != nil {
		return err
	}
	if b, err = schema.Reformat(b, accepted.Format, accepted.Pretty || pretty(r)); err != nil {
		return err
	}
	send(w, r, code, accepted.Format.String(), b)
	return nil
}

// view encodes objects in a form other than their own: one object if single, else a list.
func (h *Handler) view(r *http.Request, t *target, objs []*cache.Object, lm metav1.ListMeta, accepted schema.Accepted, single bool) ([]byte, error) {
	switch accepted.As {
	case schema.AsTable:
		include, err := includeObject(r)
		if err != nil {
			return nil, err
		}
		if single {
			lm.ResourceVersion = format(objs[0].Revision)
		}
		table, err := h.table(t, objs, lm, schema.TableOptions{Version: accepted.Version, IncludeObject: include})
		if err != nil {
			return nil, err
		}
		return schema.EncodeTable(table)
	case schema.AsPartialObjectMetadata, schema.AsPartialObjectMetadataList:
		return partials(objs, lm, accepted.Version, single)
	}
	if !single {
		list, err := h.aliasList(t.res, objs, lm)
		if err != nil {
			return nil, err
		}
		return schema.EncodeJSON(list)
	}
	obj, err := objs[0].Typed()
	if err != nil {
		return nil, err
	}
	if obj, err = h.alias(t.res, obj); err != nil {
		return nil, err
	}
	return schema.EncodeJSON(obj)
}

// table makes a Table of objects (API-57).
func (h *Handler) table(t *target, objs []*cache.Object, lm metav1.ListMeta, o schema.TableOptions) (*metav1.Table, error) {
	o.Now, o.SecretsColumn, o.Resource = h.Clock.Now(), h.SecretsColumn, t.res.GroupResource()
	items := make([]schema.TableItem, len(objs))
	for i, obj := range objs {
		typed, err := obj.Typed()
		if err != nil {
			return nil, err
		}
		if items[i].Object, err = h.alias(t.res, typed); err != nil {
			return nil, err
		}
		if t.res.StoredAs == "" {
			items[i].Encoded = encoded(t.res, obj)
		}
	}
	return schema.Table(t.res.GroupVersionKind(), items, lm, o)
}

// encoded is an object as it goes over the wire.
func encoded(res *registry.Resource, o *cache.Object) []byte {
	return append(append(append(make([]byte, 0, len(o.Body)+len(res.Head())), '{'), res.Head()...), o.Body[1:]...)
}

// partials are objects reduced to their metadata (API-60), cut out of their encoded form.
func partials(objs []*cache.Object, lm metav1.ListMeta, version string, single bool) ([]byte, error) {
	one := func(o *cache.Object) ([]byte, error) {
		b, ok := schema.PartialMetadataJSON(o.Body, version)
		if !ok {
			return nil, fmt.Errorf("stored object %q has no metadata", o.Key)
		}
		return b, nil
	}
	if single {
		return one(objs[0])
	}
	out := append([]byte(`{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/`), version...)
	out = append(append(append(out, `","metadata":`...), raw(lm)...), `,"items":[`...)
	for i, o := range objs {
		if i > 0 {
			out = append(out, ',')
		}
		b, err := one(o)
		if err != nil {
			return nil, err
		}
		out = append(out, b...)
	}
	return append(out, ']', '}'), nil
}

// raw encodes what is small and not an API object.
func raw(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		return []byte("{}")
	}
	return b
}

// JSON answers with something that is no API object.
func JSON(w http.ResponseWriter, r *http.Request, code int, v any) {
	send(w, r, code, schema.MediaTypeJSON, append(raw(v), '\n'))
}

// Indented is JSON for people.
func Indented(w http.ResponseWriter, r *http.Request, code int, v any) {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		b = []byte("{}")
	}
	send(w, r, code, schema.MediaTypeJSON, b)
}

// Bytes answers with a ready-made document.
func Bytes(w http.ResponseWriter, r *http.Request, contentType string, doc []byte) {
	send(w, r, http.StatusOK, contentType, doc)
}
