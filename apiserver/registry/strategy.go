package registry

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Strategy is what one kind does differently from all others. A nil function is the ordinary behaviour.
type Strategy struct {
	// Default fills what the client left out, on create, update and patch.
	Default func(obj runtime.Object)
	// PrepareCreate wipes and stamps what a client may not set: status, generation, phase.
	PrepareCreate func(ctx context.Context, obj runtime.Object) error
	// PrepareUpdate carries over from old what the endpoint may not change, and raises the generation.
	PrepareUpdate func(ctx context.Context, obj, old runtime.Object, subresource string) error
	// Reserve gives an object what there is only once, after it was prepared: addresses and ports. old is nil on create. The store calls
	// release when the write is over and, if it succeeded, seen by the cache.
	Reserve func(obj, old runtime.Object) (release func(), err error)
	// Validate and ValidateUpdate list what is wrong.
	Validate       func(ctx context.Context, obj runtime.Object) field.ErrorList
	ValidateUpdate func(ctx context.Context, obj, old runtime.Object, subresource string) field.ErrorList
	// Warnings are sent beside the answer (API-98). old is nil on create.
	Warnings func(ctx context.Context, obj, old runtime.Object, subresource string) []string
	// Guard refuses a write that its sender may not make although the verb is allowed (ESC-1). old is nil on create.
	Guard func(ctx context.Context, obj, old runtime.Object, subresource string) error
	// Fields are the selectable fields.
	Fields func(obj runtime.Object) fields.Set
	// Grace returns the seconds that the first delete leaves an object to end; asked are those of the request, nil if it names none.
	// Only kinds with a Grace end gracefully (API-178).
	Grace func(obj runtime.Object, asked *int64) int64
	// Terminate marks an object whose deletion begins and is somebody else's to end, and Held says that it has not ended: a namespace
	// with its spec.finalizers (API-184).
	Terminate func(obj runtime.Object, now time.Time)
	Held      func(obj runtime.Object) bool
	// Propagation is what a delete does when its options do not say (API-180); empty is Background.
	Propagation metav1.DeletionPropagation
	// DeleteWarning is sent beside the answer to a delete, if not empty.
	DeleteWarning func(o *metav1.DeleteOptions) string
}

// Alone is the propagation of a kind that never has dependents: its deletes take no policy.
const Alone metav1.DeletionPropagation = "Alone"
