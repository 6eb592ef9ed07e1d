package registry

import (
	"context"

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
	// Validate and ValidateUpdate list what is wrong.
	Validate       func(ctx context.Context, obj runtime.Object) field.ErrorList
	ValidateUpdate func(ctx context.Context, obj, old runtime.Object, subresource string) field.ErrorList
	// Warnings are sent beside a success (API-98). old is nil on create.
	Warnings func(ctx context.Context, obj, old runtime.Object) []string
	// Guard refuses a write that its sender may not make although the verb is allowed (ESC-1). old is nil on create.
	Guard func(ctx context.Context, obj, old runtime.Object, subresource string) error
	// Fields are the selectable fields.
	Fields func(obj runtime.Object) fields.Set
	// Grace returns the seconds for which a delete is put off; 0 removes at once.
	Grace func(obj runtime.Object, o *metav1.DeleteOptions) int64
	// Held says that something other than metadata.finalizers keeps a deleted object in being (a namespace's spec.finalizers).
	Held func(obj runtime.Object) bool
	// Deleting changes an object whose deletion has begun but cannot end yet (a namespace's phase).
	Deleting func(obj runtime.Object)
	// Propagation is what a delete does when its options do not say (API-180).
	Propagation func(ctx context.Context) metav1.DeletionPropagation
	// Removed is called when an object is gone, to give back what it held (a service's address).
	Removed func(obj runtime.Object)
}
