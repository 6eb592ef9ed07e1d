package rest

import (
	"context"
	"reflect"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubemint/kubemint/apiserver/admission"
	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/apiserver/story"
)

// sentObject keeps the object as it came to admission, if the request's story is to tell what admission makes of it; nil if not. What
// holds secrets is never kept.
func sentObject(ctx context.Context, a *admission.Attributes) runtime.Object {
	scope := request.ScopeFrom(ctx)
	if scope == nil || !scope.Told || a.Object == nil || scope.Info != nil && scope.Info.Secretive() {
		return nil
	}
	return a.Object.DeepCopyObject()
}

// tellChange keeps what admission made of an object for the story. What is compared is kept apart from the object, which goes on to
// be stamped and stored.
func tellChange(ctx context.Context, before, after runtime.Object) {
	if reflect.DeepEqual(before, after) {
		return
	}
	if scope := request.ScopeFrom(ctx); scope != nil {
		scope.Note(story.NewChange(before, after.DeepCopyObject(), size(before)+size(after)))
	}
}

// size is about what an object takes, by the length of its binary encoding.
func size(obj runtime.Object) int {
	if o, ok := obj.(interface{ Size() int }); ok {
		return 2 * o.Size() // decoded it takes more
	}
	return 4 << 10
}
