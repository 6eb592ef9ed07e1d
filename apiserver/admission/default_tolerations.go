package admission

import (
	"context"
	"strconv"

	corev1 "k8s.io/api/core/v1"
)

// tolerationSeconds is how long pods stay on a node that is not ready or not reachable, unless they say otherwise.
const tolerationSeconds int64 = 300

// defaultTolerations is the plugin DefaultTolerationSeconds (API-217).
type defaultTolerations struct{}

func (defaultTolerations) mutate(_ context.Context, a *Attributes) error {
	if !a.is("", "pods", "") || (a.Operation != Create && a.Operation != Update) {
		return nil
	}
	pod, ok := a.Object.(*corev1.Pod)
	if !ok {
		return wrongType(a, a.Object)
	}
	added := 0
	own := pod.Spec.Tolerations
	for _, key := range []string{corev1.TaintNodeNotReady, corev1.TaintNodeUnreachable} {
		if tolerates(own, key) {
			continue
		}
		seconds := tolerationSeconds
		pod.Spec.Tolerations = append(pod.Spec.Tolerations, corev1.Toleration{
			Key: key, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute, TolerationSeconds: &seconds})
		added++
	}
	if added > 0 {
		a.note("DefaultTolerationSeconds", NoteTolerations, "count", strconv.Itoa(added), "seconds", strconv.FormatInt(tolerationSeconds, 10))
	}
	return nil
}

// tolerates says whether the pod has its own word about the taint: a toleration of the key or of all keys, for evictions.
func tolerates(list []corev1.Toleration, key string) bool {
	for _, t := range list {
		if (t.Key == key || t.Key == "") && (t.Effect == corev1.TaintEffectNoExecute || t.Effect == "") {
			return true
		}
	}
	return false
}
