package quota

import (
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Equal says whether two lists hold the same names with the same amounts.
func Equal(a, b corev1.ResourceList) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if w, ok := b[k]; !ok || v.Cmp(w) != 0 {
			return false
		}
	}
	return true
}

// Add returns a + b, with the names of both.
func Add(a, b corev1.ResourceList) corev1.ResourceList {
	sum := make(corev1.ResourceList, max(len(a), len(b)))
	for k, v := range a {
		sum[k] = v.DeepCopy()
	}
	for k, v := range b {
		q := sum[k]
		if _, ok := sum[k]; !ok {
			sum[k] = v.DeepCopy()
			continue
		}
		q.Add(v)
		sum[k] = q
	}
	return sum
}

// Rise returns by how much the amounts of next exceed those of before; names that do not rise are left out.
func Rise(next, before corev1.ResourceList) corev1.ResourceList {
	rise := corev1.ResourceList{}
	for k, v := range next {
		q := v.DeepCopy()
		if w, ok := before[k]; ok {
			q.Sub(w)
		}
		if q.Sign() > 0 {
			rise[k] = q
		}
	}
	return rise
}

// Mask returns the part of a list whose names another list has too.
func Mask(l, names corev1.ResourceList) corev1.ResourceList {
	part := corev1.ResourceList{}
	for k, v := range l {
		if _, ok := names[k]; ok {
			part[k] = v.DeepCopy()
		}
	}
	return part
}

// Over returns the names, sorted, of which used has more than hard allows.
func Over(used, hard corev1.ResourceList) []corev1.ResourceName {
	var over []corev1.ResourceName
	for k, v := range used {
		if most, ok := hard[k]; ok && v.Cmp(most) > 0 {
			over = append(over, k)
		}
	}
	slices.Sort(over)
	return over
}

// Text writes a part of a list as messages do: "limits.cpu=2,pods=1".
func Text(l corev1.ResourceList, names []corev1.ResourceName) string {
	parts := make([]string, 0, len(names))
	for _, k := range names {
		if v, ok := l[k]; ok {
			parts = append(parts, string(k)+"="+v.String())
		}
	}
	return strings.Join(parts, ",")
}

// Names lists the names of l, sorted.
func Names(l corev1.ResourceList) []corev1.ResourceName { return slices.Sorted(maps.Keys(l)) }

func one() resource.Quantity { return *resource.NewQuantity(1, resource.DecimalSI) }
