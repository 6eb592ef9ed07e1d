package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubemint/kubemint/apiserver/cache"
	"github.com/kubemint/kubemint/apiserver/registry"
	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/apiserver/schema"
)

// Error writes the Status of an error: the one place where it meets the wire.
func Error(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) { // API-7
		err = apierrors.NewTimeoutError(fmt.Sprintf("request did not complete within requested timeout - %s", context.DeadlineExceeded), 0)
	}
	status := schema.StatusOf(err)
	request.ScopeFrom(r.Context()).Answered(string(status.Reason), status.Message)
	if status.Code == http.StatusInternalServerError && status.Reason == "" {
		request.Annotate(r.Context(), "internal-error", err.Error())
	}
	if d := status.Details; d != nil && d.RetryAfterSeconds > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(d.RetryAfterSeconds)))
	}
	Object(w, r, int(status.Code), status)
}

// Object writes any object as JSON, YAML or protobuf, as the client accepts. An error it cannot accept is JSON; anything else is then
// an error.
func Object(w http.ResponseWriter, r *http.Request, code int, obj runtime.Object) {
	accepted, err := schema.Choose(r.Header.Get("Accept"), schema.Plain)
	if err != nil {
		if code < http.StatusBadRequest {
			status := schema.StatusOf(err)
			code, obj = int(status.Code), status
		}
		// what cannot be said as the client wants it is indented
		if b, err := json.MarshalIndent(obj, "", "  "); err == nil {
			send(w, r, code, schema.MediaTypeJSON, b)
			return
		}
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
	_, _ = fmt.Fprintln(w, "404 page not found") // a client that went away is not our error
}

// item answers with one object in the form that was asked for.
func (h *Handler) item(w http.ResponseWriter, r *http.Request, t *target, code int, o *cache.Object) error {
	if t.accepted.As == schema.AsObject && t.lens.plain() {
		return h.plain(w, r, t.res, code, o, t.accepted)
	}
	if t.scales() {
		return h.scaleOf(w, r, t, o)
	}
	b, err := h.view(r, t, []*cache.Object{o}, metav1.ListMeta{}, true)
	if err != nil {
		return err
	}
	return reformatted(w, r, code, b, t.accepted)
}

func (h *Handler) plain(w http.ResponseWriter, r *http.Request, res *registry.Resource, code int, o *cache.Object, accepted schema.Accepted) error {
	if accepted.Format == schema.JSON && !accepted.Pretty && !pretty(r) {
		withBuffer(func(b []byte) []byte {
			b = append(append(append(append(b, '{'), res.Head()...), o.Body[1:]...), '\n')
			send(w, r, code, schema.MediaTypeJSON, b)
			return b
		})
		return nil
	}
	return reformatted(w, r, code, encoded(res, o), accepted)
}

// status answers with a Status that is no error: it is shown as nothing else, whatever was asked for.
func (h *Handler) status(w http.ResponseWriter, r *http.Request, t *target, code int, s *metav1.Status) error {
	body, err := schema.Encode(s, t.accepted.Format, t.accepted.Pretty || pretty(r))
	if err != nil {
		return err
	}
	send(w, r, code, t.accepted.Format.String(), body)
	return nil
}

// object answers with one object that is made for the answer.
func (h *Handler) object(w http.ResponseWriter, r *http.Request, t *target, code int, obj runtime.Object) error {
	m := metaOf(obj)
	switch t.accepted.As {
	case schema.AsTable:
		include, err := includeObject(r)
		if err != nil {
			return err
		}
		table, err := schema.Table(t.lens.kind, []schema.TableItem{{Object: obj}}, metav1.ListMeta{ResourceVersion: m.GetResourceVersion()},
			schema.TableOptions{Version: t.accepted.Version, IncludeObject: include, Now: h.Clock.Now(), Resource: t.res.GroupResource()})
		if err != nil {
			return err
		}
		obj = table
	case schema.AsPartialObjectMetadata:
		obj = schema.PartialMetadata(m, t.accepted.Version)
	case schema.AsPartialObjectMetadataList:
		return notAList(obj)
	}
	body, err := schema.Encode(obj, t.accepted.Format, t.accepted.Pretty || pretty(r))
	if err != nil {
		return err
	}
	send(w, r, code, t.accepted.Format.String(), body)
	return nil
}

// items answers with a list in the form that was asked for.
func (h *Handler) items(w http.ResponseWriter, r *http.Request, t *target, objs []*cache.Object, lm metav1.ListMeta) error {
	if t.accepted.As != schema.AsObject || !t.lens.plain() {
		b, err := h.view(r, t, objs, lm, false)
		if err != nil {
			return err
		}
		return reformatted(w, r, http.StatusOK, b, t.accepted)
	}
	if t.accepted.Format == schema.JSON && !t.accepted.Pretty && !pretty(r) {
		sendList(w, r, t.res, objs, lm)
		return nil
	}
	return reformatted(w, r, http.StatusOK, appendList(nil, t.res, objs, lm), t.accepted)
}

// reformatted sends what is encoded as JSON in another format, or indented.
func reformatted(w http.ResponseWriter, r *http.Request, code int, b []byte, accepted schema.Accepted) error {
	b, err := schema.Reformat(b, accepted.Format, accepted.Pretty || pretty(r))
	if err != nil {
		return err
	}
	send(w, r, code, accepted.Format.String(), b)
	return nil
}

// view encodes objects in a form other than their own: one object if single, else a list.
func (h *Handler) view(r *http.Request, t *target, objs []*cache.Object, lm metav1.ListMeta, single bool) ([]byte, error) {
	switch t.accepted.As {
	case schema.AsTable:
		include, err := includeObject(r)
		if err != nil {
			return nil, err
		}
		if single {
			shown, err := objs[0].Typed()
			if err != nil {
				return nil, err
			}
			lm.ResourceVersion = metaOf(shown).GetResourceVersion() // what a dry run made has none
		}
		table, err := h.table(t, objs, lm, schema.TableOptions{Version: t.accepted.Version, IncludeObject: include})
		if err != nil {
			return nil, err
		}
		return schema.EncodeTable(table)
	case schema.AsPartialObjectMetadata:
		if !single {
			return nil, notAcceptable(fmt.Sprintf("you requested PartialObjectMetadata, but the requested object is a list (%s)", internalName(t.res.List())))
		}
		return partial(objs[0], t.accepted.Version)
	case schema.AsPartialObjectMetadataList:
		if single {
			return nil, notAList(t.res.New())
		}
		return partials(objs, lm, t.accepted.Version)
	}
	shown := make([]runtime.Object, len(objs))
	for i, o := range objs {
		obj, err := o.Typed()
		if err != nil {
			return nil, err
		}
		if shown[i], err = t.lens.shown(obj); err != nil {
			return nil, err
		}
	}
	if single {
		return schema.EncodeJSON(shown[0])
	}
	b := appendListHead(nil, t.res, lm)
	for i, obj := range shown {
		item, err := schema.EncodeItemJSON(obj)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, item...)
	}
	return append(b, ']', '}'), nil
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
		if items[i].Object, err = t.lens.shown(typed); err != nil {
			return nil, err
		}
		if t.lens.plain() {
			items[i].Encoded = encoded(t.res, obj)
		}
	}
	return schema.Table(t.lens.kind, items, lm, o)
}

// encoded is an object as it goes over the wire.
func encoded(res *registry.Resource, o *cache.Object) []byte {
	return append(append(append(make([]byte, 0, len(o.Body)+len(res.Head())+1), '{'), res.Head()...), o.Body[1:]...)
}

// partial is an object reduced to its metadata (API-60), cut out of its encoded form.
func partial(o *cache.Object, version string) ([]byte, error) {
	b, ok := schema.PartialMetadataJSON(o.Body, version)
	if !ok {
		return nil, fmt.Errorf("stored object %q has no metadata", o.Key)
	}
	return b, nil
}

func partials(objs []*cache.Object, lm metav1.ListMeta, version string) ([]byte, error) {
	out := append([]byte(`{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/`), version...)
	out = append(append(append(out, `","metadata":`...), raw(lm)...), `,"items":[`...)
	for i, o := range objs {
		if i > 0 {
			out = append(out, ',')
		}
		b, err := partial(o, version)
		if err != nil {
			return nil, err
		}
		out = append(out, b...)
	}
	return append(out, ']', '}'), nil
}

func notAList(obj runtime.Object) error {
	return notAcceptable(fmt.Sprintf("you requested PartialObjectMetadataList, but the requested object is not a list (%s)", internalName(obj)))
}

func notAcceptable(text string) error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusNotAcceptable, Reason: metav1.StatusReasonNotAcceptable, Message: text,
	}}
}

// internalName is what a real server calls an object inside: *core.Pod, *apps.DeploymentList.
func internalName(obj runtime.Object) string {
	kind := reflect.TypeOf(obj).Elem()
	group := "core"
	if parts := strings.Split(kind.PkgPath(), "/"); len(parts) > 1 {
		group = parts[len(parts)-2]
	}
	return "*" + group + "." + kind.Name()
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
