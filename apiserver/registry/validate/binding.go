package validate

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Binding checks what a scheduler posts to pods/binding (API-219).
func Binding(b *corev1.Binding) field.ErrorList {
	r := &report{}
	if b.Target.Kind != "" && b.Target.Kind != "Node" {
		r.list = append(r.list, field.NotSupported(field.NewPath("target", "kind"), b.Target.Kind, []string{"Node", "<empty>"}))
	}
	if b.Target.Name == "" {
		r.required(field.NewPath("target", "name"), "")
	}
	return r.list
}
