package rest

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	apischema "k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubemint/kubemint/apiserver/schema"
)

// lens is how an endpoint shows stored objects, and how what is sent to it is stored. Most endpoints show what is stored as it is.
type lens struct {
	// kind is what goes over the wire, fresh an empty object of it.
	kind  apischema.GroupVersionKind
	fresh func() runtime.Object
	// show and store are nil where nothing changes. What show returns may share parts with the stored object; store changes
	// neither of its objects, of which present is nil if there is none yet.
	show  func(stored runtime.Object) (runtime.Object, error)
	store func(sent, present runtime.Object) (runtime.Object, error)
}

// plain says that what is stored can be answered as it is.
func (l *lens) plain() bool { return l.show == nil }

func (l *lens) shown(stored runtime.Object) (runtime.Object, error) {
	if l.show == nil {
		return stored, nil
	}
	return l.show(stored)
}

func (l *lens) stored(sent, present runtime.Object) (runtime.Object, error) {
	if l.store == nil {
		return sent, nil
	}
	return l.store(sent, present)
}

// lensOf picks the lens of a request's endpoint.
func lensOf(t *target) *lens {
	switch {
	case t.scales():
		return scaleLens(t)
	case t.res.StoredAs != nil:
		shown, stored := t.res.GroupVersionKind(), t.store.Resource().GroupVersionKind()
		return &lens{kind: shown, fresh: t.res.New,
			show:  func(obj runtime.Object) (runtime.Object, error) { return schema.Convert(obj, shown) },
			store: func(sent, _ runtime.Object) (runtime.Object, error) { return schema.Convert(sent, stored) }}
	}
	return &lens{kind: t.res.GroupVersionKind(), fresh: t.res.New}
}

// scales says that the request is about a scale subresource.
func (t *target) scales() bool { return t.sub != nil && t.sub.Name == "scale" }

// metaOf is an object's metadata; all kinds that are served have them.
func metaOf(obj runtime.Object) metav1.Object {
	return obj.(metav1.ObjectMetaAccessor).GetObjectMeta()
}
