package statefulset

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/controller/workload"
)

// ordinal is the number in a pod's name, or -1 if the name is none of the set's.
func ordinal(set, pod string) int {
	rest, ok := strings.CutPrefix(pod, set+"-")
	if !ok {
		return -1
	}
	n, err := strconv.Atoi(rest)
	if err != nil || n < 0 || strconv.Itoa(n) != rest {
		return -1
	}
	return n
}

func podName(set *appsv1.StatefulSet, n int) string { return fmt.Sprintf("%s-%d", set.Name, n) }

// first is the lowest ordinal, and replicas how many there are.
func first(set *appsv1.StatefulSet) int {
	if set.Spec.Ordinals == nil {
		return 0
	}
	return int(set.Spec.Ordinals.Start)
}

func replicas(set *appsv1.StatefulSet) int {
	if set.Spec.Replicas == nil {
		return 1
	}
	return int(*set.Spec.Replicas)
}

// claimName is the name of the claim that a pod has of a template.
func claimName(template, pod string) string { return template + "-" + pod }

// newPod makes the pod of an ordinal, of a template that bears a revision.
func (c *controller) newPod(set *appsv1.StatefulSet, t *corev1.PodTemplateSpec, revision string, n int) *corev1.Pod {
	p := workload.NewPod(t, set, c.pods.Kind)
	p.Name = podName(set, n)
	if p.Labels == nil {
		p.Labels = map[string]string{}
	}
	p.Labels[appsv1.StatefulSetPodNameLabel] = p.Name
	p.Labels[appsv1.PodIndexLabel] = strconv.Itoa(n)
	p.Labels[appsv1.ControllerRevisionHashLabelKey] = revision
	p.Spec.Hostname, p.Spec.Subdomain = p.Name, set.Spec.ServiceName
	for _, t := range set.Spec.VolumeClaimTemplates {
		v := corev1.Volume{Name: t.Name, VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: claimName(t.Name, p.Name)}}}
		if i := slices.IndexFunc(p.Spec.Volumes, func(v corev1.Volume) bool { return v.Name == t.Name }); i >= 0 {
			p.Spec.Volumes[i] = v
		} else {
			p.Spec.Volumes = append(p.Spec.Volumes, v)
		}
	}
	return p
}

// newClaim makes the claim of a pod.
func newClaim(set *appsv1.StatefulSet, t *corev1.PersistentVolumeClaim, pod string) *corev1.PersistentVolumeClaim {
	claim := t.DeepCopy()
	claim.ObjectMeta = metav1.ObjectMeta{Namespace: set.Namespace, Name: claimName(t.Name, pod), Labels: maps.Clone(t.Labels), Annotations: maps.Clone(t.Annotations)}
	if set.Spec.Selector != nil {
		if claim.Labels == nil {
			claim.Labels = map[string]string{}
		}
		maps.Copy(claim.Labels, set.Spec.Selector.MatchLabels)
	}
	claim.Status = corev1.PersistentVolumeClaimStatus{}
	return claim
}
