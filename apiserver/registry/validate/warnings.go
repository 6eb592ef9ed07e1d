package validate

import (
	"crypto/tls"
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// caution gathers warnings, which go to the client beside a success.
type caution struct{ list []string }

func (w *caution) say(p *field.Path, message string) {
	w.list = append(w.list, p.String()+": "+message)
}

func (w *caution) sayf(format string, args ...any) {
	w.list = append(w.list, fmt.Sprintf(format, args...))
}

func (w *caution) ip(p *field.Path, value string) {
	w.list = append(w.list, validation.GetWarningsForIP(p, value)...)
}

func (w *caution) cidr(p *field.Path, value string) {
	w.list = append(w.list, validation.GetWarningsForCIDR(p, value)...)
}

// Warnings are what to tell the sender of a valid object (API-98, SA-8). old is nil for a new object.
func Warnings(obj, old runtime.Object, _ Context) []string {
	w := &caution{}
	isNew := old == nil
	spec := field.NewPath("spec")
	switch o := obj.(type) {
	case *corev1.ServiceAccount:
		const annotation = "kubernetes.io/enforce-mountable-secrets"
		_, has := o.Annotations[annotation]
		if was, ok := old.(*corev1.ServiceAccount); ok && has {
			_, had := was.Annotations[annotation]
			has = !had
		}
		if has {
			w.sayf("metadata.annotations[%s]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets", annotation)
		}
	case *corev1.Pod:
		if isNew { // programs change pods far more often than people do
			w.podName(o.Name)
			w.pod(nil, &o.ObjectMeta, &o.Spec)
		}
	case *corev1.PodTemplate:
		if isNew || o.Generation != old.(*corev1.PodTemplate).Generation {
			w.pod(field.NewPath("template"), &o.Template.ObjectMeta, &o.Template.Spec)
		}
	case *corev1.Secret:
		if o.Type == corev1.SecretTypeTLS {
			if _, err := tls.X509KeyPair(o.Data[corev1.TLSCertKey], o.Data[corev1.TLSPrivateKeyKey]); err != nil {
				w.list = append(w.list, err.Error())
			}
		}
	case *corev1.Node:
		w.node(o)
	case *corev1.Service:
		w.service(o)
	case *corev1.PersistentVolume:
		w.volume(o)
	case *corev1.PersistentVolumeClaim:
		if _, ok := o.Annotations[corev1.BetaStorageClassAnnotation]; ok {
			w.say(metadata.Child("annotations").Key(corev1.BetaStorageClassAnnotation), `deprecated since v1.8; use "storageClassName" attribute instead`)
		}
		w.claim(spec, &o.Spec)
	case *corev1.ResourceQuota:
		if isNew {
			w.quota(o)
		}
	case *corev1.Endpoints:
		w.endpoints(o)
	case *discoveryv1.EndpointSlice:
		w.slice(o, isNew)
	case *networkingv1.Ingress:
		if _, ok := o.Annotations[ingressClassAnnotation]; ok && isNew && o.Spec.IngressClassName == nil {
			w.sayf("annotation %q is deprecated, please use 'spec.ingressClassName' instead", ingressClassAnnotation)
		}
	case *networkingv1.NetworkPolicy:
		w.policy(o)
	case *storagev1.StorageClass:
		for i, t := range o.AllowedTopologies {
			for j, e := range t.MatchLabelExpressions {
				if m, ok := deprecatedLabels[e.Key]; ok {
					w.say(field.NewPath("allowedTopologies").Index(i).Child("matchLabelExpressions").Index(j).Child("key"), m)
				}
			}
		}
	default:
		w.workload(obj, old)
	}
	return w.list
}

func (w *caution) podName(name string) {
	if wrong := validation.IsDNS1123Label(name); len(wrong) > 0 {
		w.say(metadata.Child("name"), fmt.Sprintf("this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: %v", wrong))
	}
}

func (w *caution) ownerName(name string) {
	if wrong := validation.IsDNS1123Label(name); len(wrong) > 0 {
		w.say(metadata.Child("name"), fmt.Sprintf("this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: %v", wrong))
	}
}

// workload warns of a template when it is new or changed.
func (w *caution) workload(obj, old runtime.Object) {
	m, ok := obj.(metav1.ObjectMetaAccessor)
	if !ok {
		return
	}
	isNew, changed := old == nil, true
	if was, ok := old.(metav1.ObjectMetaAccessor); ok {
		changed = was.GetObjectMeta().GetGeneration() != m.GetObjectMeta().GetGeneration()
	}
	spec := field.NewPath("spec")
	body := func(p *field.Path, t *corev1.PodTemplateSpec) {
		if changed && t != nil {
			w.pod(p.Child("template"), &t.ObjectMeta, &t.Spec)
		}
	}
	name := func() {
		if isNew {
			w.ownerName(m.GetObjectMeta().GetName())
		}
	}
	switch o := obj.(type) {
	case *corev1.ReplicationController:
		name()
		body(spec, o.Spec.Template)
	case *appsv1.Deployment:
		name()
		body(spec, &o.Spec.Template)
	case *appsv1.ReplicaSet:
		name()
		body(spec, &o.Spec.Template)
	case *batchv1.Job:
		name()
		w.indexes(changed, spec, &o.Spec)
		body(spec, &o.Spec.Template)
	case *batchv1.CronJob:
		name()
		p := spec.Child("jobTemplate", "spec")
		w.indexes(changed, p, &o.Spec.JobTemplate.Spec)
		body(p, &o.Spec.JobTemplate.Spec.Template)
		if !isNew && strings.Contains(o.Spec.Schedule, "TZ") {
			w.sayf("cannot use TZ or CRON_TZ in %s, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details", spec.Child("spec", "schedule"))
		}
	case *appsv1.DaemonSet:
		body(spec, &o.Spec.Template)
	case *appsv1.StatefulSet:
		body(spec, &o.Spec.Template)
		for i := range o.Spec.VolumeClaimTemplates {
			p := spec.Child("volumeClaimTemplates").Index(i)
			if !isNew {
				p = p.Child("Spec") // as upstream spells it
			}
			w.claim(p, &o.Spec.VolumeClaimTemplates[i].Spec)
		}
		if n := o.Spec.RevisionHistoryLimit; n != nil && *n < 0 {
			w.say(spec.Child("revisionHistoryLimit"), "a negative value retains all historical revisions; a value >= 0 is recommended")
		}
	}
}

// indexes warns of jobs so large that what failed in them cannot be written down.
func (w *caution) indexes(changed bool, p *field.Path, s *batchv1.JobSpec) {
	const completions, parallelism = 100_000, 10_000
	if changed && indexed(s) && s.Completions != nil && *s.Completions > completions && s.Parallelism != nil && *s.Parallelism > parallelism {
		w.say(p, "In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail")
	}
}

// whole warns of a part of a byte.
func (w *caution) whole(p *field.Path, q resource.Quantity) {
	if q.MilliValue()%1000 != 0 {
		w.say(p, fmt.Sprintf("fractional byte value %q is invalid, must be an integer", q.String()))
	}
}
