package schema

import (
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"sigs.k8s.io/structured-merge-diff/v6/typed"
	"sigs.k8s.io/structured-merge-diff/v6/value"

	"github.com/kubemint/kubemint/apiserver/schema/openapi"
)

// TypeConverter returns what turns objects of the served kinds into typed values and back. It is
// built once, from the embedded type schema.
func TypeConverter() managedfields.TypeConverter { return typeConverter() }

var typeConverter = sync.OnceValue(func() managedfields.TypeConverter {
	return &converter{checked: managedfields.NewSchemeTypeConverter(Scheme(), openapi.Fields()), parser: openapi.Fields()}
})

// converter is the library's, without the check that a Go object has the fields of its own type.
// What a client applies is decoded loosely and is checked.
type converter struct {
	checked managedfields.TypeConverter
	parser  *typed.Parser
	names   sync.Map // runtimeschema.GroupVersionKind → string
}

// ObjectToTyped implements managedfields.TypeConverter.
func (c *converter) ObjectToTyped(obj runtime.Object, opts ...typed.ValidationOptions) (*typed.TypedValue, error) {
	if _, loose := obj.(*unstructured.Unstructured); loose {
		return c.checked.ObjectToTyped(obj, opts...)
	}
	name, err := c.name(obj.GetObjectKind().GroupVersionKind())
	if err != nil {
		return nil, err
	}
	v, err := value.NewValueReflect(obj)
	if err != nil {
		return nil, err
	}
	t := c.parser.Type(name)
	return typed.AsTypedUnvalidated(v, t.Schema, t.TypeRef), nil //nolint:staticcheck // the check is a third of the work and cannot fail for a Go type
}

// TypedToObject implements managedfields.TypeConverter.
func (c *converter) TypedToObject(v *typed.TypedValue) (runtime.Object, error) {
	return c.checked.TypedToObject(v)
}

func (c *converter) name(kind runtimeschema.GroupVersionKind) (string, error) {
	if known, ok := c.names.Load(kind); ok {
		return known.(string), nil
	}
	name, err := Scheme().ToOpenAPIDefinitionName(kind)
	if err == nil {
		c.names.Store(kind, name)
	}
	return name, err
}
