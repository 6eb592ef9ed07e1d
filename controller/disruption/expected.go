package disruption

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// expected says how many pods there should be and how many of them have to stay healthy. What a budget asks for in
// percent, or as what may be missing, is measured by the wishes of the pods' owners; pods without one (unmanaged) are
// left out of that.
func (c *controller) expected(b *policyv1.PodDisruptionBudget, pods []*corev1.Pod) (expected, desired int32, unmanaged bool, err error) {
	least, most := b.Spec.MinAvailable, b.Spec.MaxUnavailable
	if most == nil && least == nil {
		return 0, 0, false, nil
	}
	if most == nil && least.Type == intstr.Int {
		return int32(len(pods)), least.IntVal, false, nil
	}
	if expected, unmanaged, err = c.wished(pods); err != nil {
		return 0, 0, unmanaged, err
	}
	bound := least
	if most != nil {
		bound = most
	}
	n, err := intstr.GetScaledValueFromIntOrPercent(bound, int(expected), true)
	if err != nil {
		return 0, 0, unmanaged, err
	}
	if most != nil {
		return expected, max(0, expected-int32(n)), unmanaged, nil
	}
	return expected, int32(n), unmanaged, nil
}

// wished adds up how many pods the owners of these want.
func (c *controller) wished(pods []*corev1.Pod) (sum int32, unmanaged bool, err error) {
	scales := map[types.UID]int32{}
	known := map[types.UID]bool{} // owners of pods, which need not be those that are scaled
	for _, p := range pods {
		ref := metav1.GetControllerOf(p)
		if ref == nil {
			unmanaged = true
			continue
		}
		if known[ref.UID] {
			continue
		}
		uid, n, ok := c.scale(p.Namespace, ref)
		if !ok {
			return 0, unmanaged, fmt.Errorf("found no controllers for pod %q", p.Name)
		}
		known[ref.UID], scales[uid] = true, n
	}
	for _, n := range scales {
		sum += n
	}
	return sum, unmanaged, nil
}

// scale finds who is scaled: a Deployment stands for all its ReplicaSets.
func (c *controller) scale(namespace string, ref *metav1.OwnerReference) (types.UID, int32, bool) {
	apps := c.Factory.Apps().V1()
	switch ref.Kind {
	case "ReplicaSet":
		rs, err := apps.ReplicaSets().Lister().ReplicaSets(namespace).Get(ref.Name)
		if err != nil || rs.UID != ref.UID {
			return "", 0, false
		}
		if up := metav1.GetControllerOf(rs); up != nil && up.Kind == "Deployment" {
			d, err := apps.Deployments().Lister().Deployments(namespace).Get(up.Name)
			if err == nil && d.UID == up.UID {
				return d.UID, wish(d.Spec.Replicas), true
			}
		}
		return rs.UID, wish(rs.Spec.Replicas), true
	case "StatefulSet":
		s, err := apps.StatefulSets().Lister().StatefulSets(namespace).Get(ref.Name)
		if err != nil || s.UID != ref.UID {
			return "", 0, false
		}
		return s.UID, wish(s.Spec.Replicas), true
	}
	return "", 0, false // such as a DaemonSet or a Job, which cannot be scaled
}

func wish(replicas *int32) int32 {
	if replicas == nil {
		return 1
	}
	return *replicas
}
