package schema

import (
	"k8s.io/apimachinery/pkg/runtime"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// documented is a type of k8s.io/api: most columns are described in the words of the field they show.
type documented interface{ SwaggerDoc() map[string]string }

func doc(of documented, field string) string { return of.SwaggerDoc()[field] }

func columns(list ...metav1.TableColumnDefinition) []metav1.TableColumnDefinition { return list }

// column is a column of strings.
func column(name, description string) metav1.TableColumnDefinition {
	return metav1.TableColumnDefinition{Name: name, Type: "string", Description: description}
}

func ofType(kind string, c metav1.TableColumnDefinition) metav1.TableColumnDefinition {
	c.Type = kind
	return c
}

// wide marks a column that kubectl shows with -o wide only.
func wide(c metav1.TableColumnDefinition) metav1.TableColumnDefinition {
	c.Priority = 1
	return c
}

func integer(name, description string) metav1.TableColumnDefinition {
	return ofType("integer", column(name, description))
}

func nameColumn() metav1.TableColumnDefinition {
	c := column("Name", doc(metav1.ObjectMeta{}, "name"))
	c.Format = "name"
	return c
}

func ageColumn() metav1.TableColumnDefinition {
	return column("Age", doc(metav1.ObjectMeta{}, "creationTimestamp"))
}

func containersColumn() metav1.TableColumnDefinition {
	return wide(column("Containers", "Names of each container in the template."))
}

func imagesColumn() metav1.TableColumnDefinition {
	return wide(column("Images", "Images referenced by each container in the template."))
}

// shown makes a tableKind of the columns and cells of objects of type T.
func shown[T runtime.Object](columns []metav1.TableColumnDefinition, cells func(T, *TableOptions) []any) *tableKind {
	return &tableKind{
		columns: columns,
		cells:   func(obj runtime.Object, o *TableOptions) []any { return cells(obj.(T), o) },
	}
}

// orElse returns s, or instead if s is empty.
func orElse(s, instead string) string {
	if s == "" {
		return instead
	}
	return s
}

// pointed returns what p points to, or instead if it points to nothing.
func pointed[T ~string](p *T, instead string) string {
	if p == nil {
		return instead
	}
	return string(*p)
}
