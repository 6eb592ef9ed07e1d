package rest

import (
	"fmt"
	"net/http"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	apischema "k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"github.com/kubemint/kubemint/apiserver/cache"
	"github.com/kubemint/kubemint/apiserver/registry/prepare"
)

// scaleLens shows a workload as the Scale of it: the number of pods and who owns that number.
func scaleLens(t *target) *lens {
	version := apischema.GroupVersion{Group: t.res.Group, Version: t.res.Version}
	paths := managedfields.ResourcePathMappings{version.String(): fieldpath.MakePathOrDie("spec", "replicas")}
	owners := func(m metav1.Object) *managedfields.ScaleHandler {
		return managedfields.NewScaleHandler(m.GetManagedFields(), version, paths)
	}
	return &lens{
		kind: t.sub.BodyKind(t.res), fresh: t.sub.New,
		show: func(stored runtime.Object) (runtime.Object, error) {
			s, err := prepare.ScaleOf(stored)
			if err != nil {
				return nil, err
			}
			s.ManagedFields, err = owners(metaOf(stored)).ToSubresource()
			return s, err
		},
		store: func(sent, present runtime.Object) (runtime.Object, error) {
			s, ok := sent.(*autoscalingv1.Scale)
			if !ok {
				return nil, apierrors.NewBadRequest(fmt.Sprintf("expected input object type to be Scale, but %T", sent))
			}
			present = present.DeepCopyObject()
			present = present.DeepCopyObject()
			m := metaOf(present)
			if s.Spec.Replicas < 0 {
				return nil, apierrors.NewInvalid(apischema.GroupKind{Group: "autoscaling", Kind: "Scale"}, m.GetName(), field.ErrorList{
					field.Invalid(field.NewPath("spec", "replicas"), int64(s.Spec.Replicas), "must be greater than or equal to 0")})
			}
			if s.UID != "" && s.UID != m.GetUID() {
				gr := t.res.GroupResource()
				gr.Resource += "/scale"
				return nil, apierrors.NewConflict(gr, m.GetName(), fmt.Errorf("Precondition failed: UID in precondition: %v, UID in object meta: %v", s.UID, m.GetUID())) //nolint:staticcheck // the wire text
			}
			if err := prepare.SetScale(present, s); err != nil {
				return nil, err
			}
			m.SetResourceVersion(s.ResourceVersion)
			entries, err := owners(m).ToParent(s.ManagedFields)
			m.SetManagedFields(entries)
			return present, err
		},
	}
}

// scaleOf answers with the Scale of a workload. Who owns its fields is told with the workload alone.
func (h *Handler) scaleOf(w http.ResponseWriter, r *http.Request, t *target, o *cache.Object) error {
	obj, err := o.Typed()
	if err != nil {
		return err
	}
	s, err := prepare.ScaleOf(obj)
	if err != nil {
		return err
	}
	return h.object(w, r, t, http.StatusOK, s)
}
