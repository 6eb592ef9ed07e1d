package rest

import (
	"time"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubemint/kubemint/apiserver/schema"
)

// FieldManager keeps track of who owns which field (API-163); *schema.FieldManager is one.
type FieldManager interface {
	Update(live, updated runtime.Object, manager string, now time.Time)
	Apply(live runtime.Object, body []byte, manager string, force bool, validation schema.FieldValidation, now time.Time) (merged runtime.Object, warnings []string, err error)
}

// owned notes which fields of obj the manager set, compared with live, which is nil for a new object. Both are as the endpoint shows them.
func (h *Handler) owned(t *target, live, obj runtime.Object, mgr string) error {
	fm, err := h.fieldManager(t)
	if err != nil {
		return err
	}
	if live != nil {
		live.GetObjectKind().SetGroupVersionKind(t.lens.kind)
	}
	obj.GetObjectKind().SetGroupVersionKind(t.lens.kind)
	fm.Update(live, obj, mgr, h.Clock.Now())
	return nil
}

func (h *Handler) fieldManager(t *target) (FieldManager, error) {
	sub := ""
	if t.sub != nil {
		sub = t.sub.Name
	}
	return h.Fields(t.lens.kind, sub)
}
