package controller

import (
	"context"
	"encoding/json"
	"io"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
)

// thinMetadata is a metadata client whose watches tell only what ownership is about: name, namespace, UID, resource version, owners,
// finalizers and the time of deletion. The garbage collector hears of every write to every kind, so what is not read here is the
// larger part of what it costs.
type thinMetadata struct {
	metadata.Interface
	rest rest.Interface
}

// Resource implements metadata.Interface.
func (m thinMetadata) Resource(r schema.GroupVersionResource) metadata.Getter {
	all := m.Interface.Resource(r)
	return thinGetter{thinResource{all, m.rest, r, ""}, all}
}

type thinGetter struct {
	thinResource
	all metadata.Getter
}

// Namespace implements metadata.Getter.
func (g thinGetter) Namespace(namespace string) metadata.ResourceInterface {
	return thinResource{g.all.Namespace(namespace), g.rest, g.resource, namespace}
}

type thinResource struct {
	metadata.ResourceInterface
	rest      rest.Interface
	resource  schema.GroupVersionResource
	namespace string
}

const partialMetadata = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"

// Watch implements metadata.ResourceInterface.
func (r thinResource) Watch(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
	o.Watch = true
	path := []string{"apis", r.resource.Group, r.resource.Version}
	if r.resource.Group == "" {
		path = []string{"api", r.resource.Version}
	}
	if r.namespace != "" {
		path = append(path, "namespaces", r.namespace)
	}
	body, err := r.rest.Get().AbsPath(append(path, r.resource.Resource)...).SetHeader("Accept", partialMetadata).
		VersionedParams(&o, scheme.ParameterCodec).Stream(ctx)
	if err != nil {
		return nil, err
	}
	return watch.NewStreamWatcher(newThinDecoder(body), apierrors.NewClientErrorReporter(http.StatusInternalServerError, http.MethodGet, "ClientWatchDecoding")), nil
}

// thinDecoder implements watch.Decoder.
type thinDecoder struct {
	body   io.Closer
	events *json.Decoder
}

func newThinDecoder(body io.ReadCloser) *thinDecoder {
	return &thinDecoder{body: body, events: json.NewDecoder(body)}
}

// thinEvent is what is read of an event: the object is one of any kind or, in an ERROR, a Status.
type thinEvent struct {
	Type   watch.EventType `json:"type"`
	Object struct {
		Metadata struct {
			Name              string                  `json:"name"`
			Namespace         string                  `json:"namespace"`
			UID               types.UID               `json:"uid"`
			ResourceVersion   string                  `json:"resourceVersion"`
			DeletionTimestamp *metav1.Time            `json:"deletionTimestamp"`
			OwnerReferences   []metav1.OwnerReference `json:"ownerReferences"`
			Finalizers        []string                `json:"finalizers"`
			Annotations       struct {
				InitialEventsEnd string `json:"k8s.io/initial-events-end"` // metav1.InitialEventsAnnotationKey
			} `json:"annotations"`
		} `json:"metadata"`
		Message string                `json:"message"`
		Reason  metav1.StatusReason   `json:"reason"`
		Details *metav1.StatusDetails `json:"details"`
		Code    int32                 `json:"code"`
	} `json:"object"`
}

// Decode implements watch.Decoder.
func (d *thinDecoder) Decode() (watch.EventType, runtime.Object, error) {
	var e thinEvent
	if err := d.events.Decode(&e); err != nil {
		return "", nil, err
	}
	o := &e.Object
	if e.Type == watch.Error {
		return e.Type, &metav1.Status{Status: metav1.StatusFailure, Message: o.Message, Reason: o.Reason, Details: o.Details, Code: o.Code}, nil
	}
	p := &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{
		Name: o.Metadata.Name, Namespace: o.Metadata.Namespace, UID: o.Metadata.UID, ResourceVersion: o.Metadata.ResourceVersion,
		DeletionTimestamp: o.Metadata.DeletionTimestamp, OwnerReferences: o.Metadata.OwnerReferences, Finalizers: o.Metadata.Finalizers,
	}}
	if end := o.Metadata.Annotations.InitialEventsEnd; end != "" {
		p.Annotations = map[string]string{metav1.InitialEventsAnnotationKey: end}
	}
	return e.Type, p, nil
}

// Close implements watch.Decoder.
func (d *thinDecoder) Close() { _ = d.body.Close() } // it was only read
