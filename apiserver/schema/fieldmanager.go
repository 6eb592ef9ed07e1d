package schema

import (
	"fmt"
	"reflect"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
	"sigs.k8s.io/structured-merge-diff/v6/schema"
	"sigs.k8s.io/yaml"
)

// FieldManagers hands out the FieldManager of an endpoint, each made when first asked for. The zero
// value is ready; it must not be copied.
type FieldManagers struct {
	managers sync.Map // endpointKey → *FieldManager
	// Defaults fills in defaults after server-side apply merged an object; nil does nothing.
	Defaults func(runtime.Object)
}

type endpointKey struct {
	kind        runtimeschema.GroupVersionKind
	subresource string
}

// For returns the manager for writes to objects of a kind, through a subresource if it is not empty.
func (m *FieldManagers) For(kind runtimeschema.GroupVersionKind, subresource string) (*FieldManager, error) {
	key := endpointKey{kind, subresource}
	if known, ok := m.managers.Load(key); ok {
		return known.(*FieldManager), nil
	}
	made, err := newFieldManager(kind, subresource, m.Defaults)
	if err != nil {
		return nil, fmt.Errorf("field manager of %s: %w", kind.Kind, err)
	}
	known, _ := m.managers.LoadOrStore(key, made)
	return known.(*FieldManager), nil
}

// FieldManager keeps metadata.managedFields (API-163 to API-165) on writes through one endpoint. It
// is that of k8s.io/apimachinery, told the time by its caller.
type FieldManager struct {
	kind        runtimeschema.GroupVersionKind
	subresource string
	inner       *managedfields.FieldManager
	reset       *fieldpath.Set

	// For created: the type of the kind, and the fields of an object that nobody owns. root is nil where only inner knows them.
	types   *schema.Schema
	root    *schema.Map
	unowned map[string]bool
}

func newFieldManager(kind runtimeschema.GroupVersionKind, subresource string, defaults func(runtime.Object)) (*FieldManager, error) {
	m := &FieldManager{kind: kind, subresource: subresource, reset: ResetFields(kind.GroupKind(), subresource)}
	filters := map[fieldpath.APIVersion]fieldpath.Filter{}
	if m.reset != nil {
		filters[fieldpath.APIVersion(kind.GroupVersion().String())] = fieldpath.NewExcludeSetFilter(m.reset)
	}
	var err error
	m.inner, err = managedfields.NewDefaultFieldManager(TypeConverter(), oneVersion{}, defaulter{defaults}, Scheme(),
		kind, kind.GroupVersion(), subresource, filters)
	m.prepareCreated()
	return m, err
}

// Update records in updated that manager changed live into it, now: what create, update and the
// patches other than apply end with. For a create, live is nil. Only the managed fields of updated
// change. If they cannot be computed those of live stay, as in the reference server.
func (m *FieldManager) Update(live, updated runtime.Object, manager string, now time.Time) {
	accessor, err := meta.Accessor(updated)
	if err != nil {
		return // no metadata, nothing to keep
	}
	var before, after runtime.Object
	var kept []metav1.ManagedFieldsEntry
	if live == nil {
		if entries, ok := m.created(updated, manager, now); ok {
			accessor.SetManagedFields(entries)
			return
		}
		before, after = m.empty(), shallowCopy(updated)
	} else {
		before, after = withoutUnchanged(live, updated)
		if old, err := meta.Accessor(live); err == nil {
			kept = old.GetManagedFields()
		}
	}
	shift := newTimeShift(now)
	shift.into(before)
	shift.into(after)
	done, err := m.inner.Update(before, after, manager)
	if err == nil {
		kept = shift.back(managedFieldsOf(done))
	}
	accessor.SetManagedFields(kept)
}

// Apply merges an applied configuration, in YAML or JSON, into live as manager, now, and returns the
// merged object. For an object that does not exist yet live is nil; live is not changed.
//
// Errors are API errors: 400 for a body that cannot be read, names another version or carries managed
// fields (API-161), and, with Strict, for duplicate fields, which otherwise become warnings; 409 for
// conflicts unless force is set (API-165). A field that the schema does not know is an error of no
// code, which answers 500 as in the reference server (API-97).
func (m *FieldManager) Apply(live runtime.Object, body []byte, manager string, force bool, validation FieldValidation, now time.Time) (merged runtime.Object, warnings []string, err error) {
	patch, err := readApplied(body)
	if err != nil {
		return nil, nil, err
	}
	if live == nil {
		live = m.empty()
	}
	live = shallowCopy(live)
	shift := newTimeShift(now)
	shift.into(live)
	merged, err = m.inner.Apply(live, patch, manager, force)
	if err != nil {
		return nil, nil, err
	}
	accessor, err := meta.Accessor(merged)
	if err != nil {
		return nil, nil, fmt.Errorf("apply %s: %w", m.kind.Kind, err)
	}
	accessor.SetManagedFields(shift.back(accessor.GetManagedFields()))
	merged.GetObjectKind().SetGroupVersionKind(m.kind)
	if validation != Ignore {
		if err := yaml.UnmarshalStrict(body, &map[string]any{}); err != nil {
			if validation == Strict {
				return nil, nil, apierrors.NewBadRequest(fmt.Sprintf("error strict decoding YAML: %v", err))
			}
			warnings = append(warnings, err.Error())
		}
	}
	return merged, warnings, nil
}

// readApplied reads the body of an apply request.
func readApplied(body []byte) (*unstructured.Unstructured, error) {
	patch := &unstructured.Unstructured{Object: map[string]any{}}
	err := checkDepth(body, YAML)
	if err == nil {
		err = yaml.Unmarshal(body, &patch.Object)
	}
	if err != nil {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("error decoding YAML: %v", err))
	}
	if patch.Object == nil { // the body was null
		patch.Object = map[string]any{}
	}
	return patch, nil
}

func (m *FieldManager) empty() runtime.Object {
	obj, err := Scheme().New(m.kind)
	if err != nil {
		panic("schema: no type for " + m.kind.String()) // newFieldManager would have failed
	}
	obj.GetObjectKind().SetGroupVersionKind(m.kind)
	return obj
}

// defaulter fills in defaults after a merge.
type defaulter struct{ apply func(runtime.Object) }

// Default implements runtime.ObjectDefaulter.
func (d defaulter) Default(obj runtime.Object) {
	if d.apply != nil {
		d.apply(obj)
	}
}

// oneVersion is the conversion of a server that keeps each object in one version: between the
// decoded forms of that version, and to another only for the few kinds that Convert knows.
type oneVersion struct{}

// ConvertToVersion implements runtime.ObjectConvertor. A typed object is not copied but for its
// outermost struct, from which the managed fields are taken away: the library only reads what it
// gets here, and would spend most of its time on turning the field sets into values of their own.
func (oneVersion) ConvertToVersion(in runtime.Object, target runtime.GroupVersioner) (runtime.Object, error) {
	kind := in.GetObjectKind().GroupVersionKind()
	if kind.Empty() {
		kinds, _, err := Scheme().ObjectKinds(in)
		if err != nil {
			return nil, err
		}
		kind = kinds[0]
	}
	wanted, ok := target.KindForGroupVersionKinds(siblings(kind))
	if !ok {
		return nil, runtime.NewNotRegisteredErrForTarget(Scheme().Name(), reflect.TypeOf(in), target)
	}
	var out runtime.Object
	if loose, ok := in.(runtime.Unstructured); ok {
		typed, err := Scheme().New(kind)
		if err != nil {
			return nil, err
		}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(loose.UnstructuredContent(), typed); err != nil {
			return nil, fmt.Errorf("unable to convert unstructured object to %v: %w", kind, err)
		}
		out = typed
	} else {
		out = shallowCopy(in)
	}
	out.GetObjectKind().SetGroupVersionKind(kind)
	if accessor, err := meta.Accessor(out); err == nil {
		accessor.SetManagedFields(nil)
	}
	return Convert(out, wanted)
}

// Convert implements runtime.ObjectConvertor; nothing needs it.
func (oneVersion) Convert(in, out, _ any) error {
	return fmt.Errorf("no conversion from %T to %T", in, out)
}

// ConvertFieldLabel implements runtime.ObjectConvertor; nothing needs it.
func (oneVersion) ConvertFieldLabel(_ runtimeschema.GroupVersionKind, label, value string) (string, string, error) {
	return label, value, nil
}

// shallowCopy copies the struct that obj points to, and nothing that it points to in turn.
func shallowCopy(obj runtime.Object) runtime.Object {
	from := reflect.ValueOf(obj).Elem()
	to := reflect.New(from.Type())
	to.Elem().Set(from)
	return to.Interface().(runtime.Object)
}
