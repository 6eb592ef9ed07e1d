package validate

import (
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// noMatch is said of a template that its own workload would not find (API-220).
const noMatch = "`selector` does not match template `labels`"

// requiredSelector checks a selector that must select something. ok is false if the template cannot be held against it.
func requiredSelector(r *report, p *field.Path, s *metav1.LabelSelector, kind string) (selector labels.Selector, ok bool) {
	if s == nil {
		r.required(p, "")
	} else {
		r.selector(p, s)
		if len(s.MatchLabels)+len(s.MatchExpressions) == 0 {
			r.invalid(p, s, "empty selector is invalid for "+kind)
		}
	}
	selector, err := metav1.LabelSelectorAsSelector(s)
	return selector, err == nil
}

// workloadTemplate checks a template whose pods are always restarted and found by the selector.
func workloadTemplate(r *report, p *field.Path, t *corev1.PodTemplateSpec, selector labels.Selector, kind string) {
	if !selector.Empty() && !selector.Matches(labels.Set(t.Labels)) {
		r.invalid(p.Child("metadata", "labels"), t.Labels, noMatch)
	}
	template(r, p, t)
	alwaysRestarts(r, p, t, kind)
}

func alwaysRestarts(r *report, p *field.Path, t *corev1.PodTemplateSpec, kind string) {
	oneOf(r, p.Child("spec", "restartPolicy"), t.Spec.RestartPolicy, corev1.RestartPolicyAlways)
	unset(r, p.Child("spec", "activeDeadlineSeconds"), t.Spec.ActiveDeadlineSeconds, "activeDeadlineSeconds in "+kind+" is not Supported")
}

func deploymentSpec(r *report, s *appsv1.DeploymentSpec) {
	p := field.NewPath("spec")
	notNegativePtr(r, p.Child("replicas"), s.Replicas)
	selector, ok := requiredSelector(r, p.Child("selector"), s.Selector, "deployment")
	if ok {
		workloadTemplate(r, p.Child("template"), &s.Template, selector, "ReplicaSet")
	} else {
		r.invalid(p.Child("selector"), s.Selector, "invalid label selector")
	}
	deploymentStrategy(r, p.Child("strategy"), &s.Strategy)
	notNegative(r, p.Child("minReadySeconds"), s.MinReadySeconds)
	notNegativePtr(r, p.Child("revisionHistoryLimit"), s.RevisionHistoryLimit)
	if d := s.ProgressDeadlineSeconds; d != nil {
		notNegative(r, p.Child("progressDeadlineSeconds"), *d)
		if *d <= s.MinReadySeconds {
			r.invalid(p.Child("progressDeadlineSeconds"), d, "must be greater than minReadySeconds")
		}
	}
}

func deploymentStrategy(r *report, p *field.Path, s *appsv1.DeploymentStrategy) {
	switch s.Type {
	case appsv1.RecreateDeploymentStrategyType:
		unset(r, p.Child("rollingUpdate"), s.RollingUpdate, "may not be specified when strategy `type` is 'Recreate'")
	case appsv1.RollingUpdateDeploymentStrategyType:
		u := s.RollingUpdate
		if u == nil || u.MaxUnavailable == nil || u.MaxSurge == nil {
			r.required(p.Child("rollingUpdate"), "this should be defaulted and never be nil")
			return
		}
		at := p.Child("rollingUpdate")
		share(r, at.Child("maxUnavailable"), *u.MaxUnavailable)
		share(r, at.Child("maxSurge"), *u.MaxSurge)
		if amount(*u.MaxUnavailable) == 0 && amount(*u.MaxSurge) == 0 {
			r.invalid(at.Child("maxUnavailable"), *u.MaxUnavailable, "may not be 0 when `maxSurge` is 0")
		}
		notAll(r, at.Child("maxUnavailable"), *u.MaxUnavailable)
	default:
		r.list = append(r.list, field.NotSupported(p, any(inner{s}), []string{string(appsv1.RecreateDeploymentStrategyType), string(appsv1.RollingUpdateDeploymentStrategyType)}))
	}
}

func replicaSetSpec(r *report, s *appsv1.ReplicaSetSpec) {
	p := field.NewPath("spec")
	notNegativePtr(r, p.Child("replicas"), s.Replicas)
	notNegative(r, p.Child("minReadySeconds"), s.MinReadySeconds)
	selector, ok := requiredSelector(r, p.Child("selector"), s.Selector, "deployment") // upstream says deployment here too
	if ok {
		workloadTemplate(r, p.Child("template"), &s.Template, selector, "ReplicaSet")
	} else {
		r.invalid(p.Child("selector"), s.Selector, "invalid label selector")
	}
}

// replicationControllerSpec: the selector is a plain map there, and may not be empty.
func replicationControllerSpec(r *report, s *corev1.ReplicationControllerSpec) {
	p := field.NewPath("spec")
	notNegative(r, p.Child("minReadySeconds"), s.MinReadySeconds)
	selector := labels.Set(s.Selector).AsSelector()
	if selector.Empty() {
		r.required(p.Child("selector"), "")
	}
	if s.Replicas == nil {
		r.required(p.Child("replicas"), "")
	} else {
		notNegative(r, p.Child("replicas"), *s.Replicas)
	}
	if s.Template == nil {
		r.required(p.Child("template"), "")
		return
	}
	workloadTemplate(r, p.Child("template"), s.Template, selector, "ReplicationController")
}

func daemonSetSpec(r *report, s *appsv1.DaemonSetSpec) {
	p := field.NewPath("spec")
	r.selector(p.Child("selector"), s.Selector)
	selector, err := metav1.LabelSelectorAsSelector(s.Selector)
	if err == nil && !selector.Matches(labels.Set(s.Template.Labels)) {
		r.invalid(p.Child("template", "metadata", "labels"), s.Template.Labels, noMatch)
	}
	if s.Selector != nil && len(s.Selector.MatchLabels)+len(s.Selector.MatchExpressions) == 0 {
		r.invalid(p.Child("selector"), s.Selector, "empty selector is invalid for daemonset")
	}
	template(r, p.Child("template"), &s.Template)
	alwaysRestarts(r, p.Child("template"), &s.Template, "DaemonSet")
	notNegative(r, p.Child("minReadySeconds"), s.MinReadySeconds)
	daemonSetStrategy(r, p.Child("updateStrategy"), &s.UpdateStrategy)
	notNegativePtr(r, p.Child("revisionHistoryLimit"), s.RevisionHistoryLimit)
}

func daemonSetStrategy(r *report, p *field.Path, s *appsv1.DaemonSetUpdateStrategy) {
	switch s.Type {
	case appsv1.OnDeleteDaemonSetStrategyType:
	case appsv1.RollingUpdateDaemonSetStrategyType:
		at, u := p.Child("rollingUpdate"), s.RollingUpdate
		if u == nil || u.MaxUnavailable == nil || u.MaxSurge == nil {
			r.required(at, "")
			return
		}
		share(r, at.Child("maxUnavailable"), *u.MaxUnavailable)
		share(r, at.Child("maxSurge"), *u.MaxSurge)
		notAll(r, at.Child("maxUnavailable"), *u.MaxUnavailable)
		notAll(r, at.Child("maxSurge"), *u.MaxSurge)
		switch down, up := amount(*u.MaxUnavailable) != 0, amount(*u.MaxSurge) != 0; {
		case down && up:
			r.invalid(at.Child("maxSurge"), *u.MaxSurge, "may not be set when maxUnavailable is non-zero")
		case !down && !up:
			r.required(at.Child("maxUnavailable"), "cannot be 0 when maxSurge is 0")
		}
	default:
		r.list = append(r.list, field.NotSupported(p, any(inner{s}), []string{string(appsv1.RollingUpdateDaemonSetStrategyType), string(appsv1.OnDeleteDaemonSetStrategyType)}))
	}
}

func statefulSetSpec(r *report, s *appsv1.StatefulSetSpec, isNew bool) {
	p := field.NewPath("spec")
	switch s.PodManagementPolicy {
	case "":
		r.required(p.Child("podManagementPolicy"), "")
	case appsv1.OrderedReadyPodManagement, appsv1.ParallelPodManagement:
	default:
		r.invalid(p.Child("podManagementPolicy"), s.PodManagementPolicy, "must be 'OrderedReady' or 'Parallel'")
	}
	statefulSetStrategy(r, p.Child("updateStrategy"), &s.UpdateStrategy)
	if k := s.PersistentVolumeClaimRetentionPolicy; k != nil {
		at := p.Child("persistentVolumeClaimRetentionPolicy")
		oneOf(r, at.Child("whenDeleted"), k.WhenDeleted, appsv1.RetainPersistentVolumeClaimRetentionPolicyType, appsv1.DeletePersistentVolumeClaimRetentionPolicyType)
		oneOf(r, at.Child("whenScaled"), k.WhenScaled, appsv1.RetainPersistentVolumeClaimRetentionPolicyType, appsv1.DeletePersistentVolumeClaimRetentionPolicyType)
	}
	if isNew {
		for i := range s.VolumeClaimTemplates {
			claimSpec(r, p.Child("volumeClaimTemplates").Index(i).Child("spec"), &s.VolumeClaimTemplates[i].Spec)
		}
	}
	notNegativePtr(r, p.Child("replicas"), s.Replicas)
	notNegative(r, p.Child("minReadySeconds"), s.MinReadySeconds)
	if s.Ordinals != nil {
		notNegative(r, p.Child("ordinals.start"), s.Ordinals.Start)
	}
	if isNew && s.ServiceName != "" {
		r.dnsLabel(p.Child("serviceName"), s.ServiceName)
	}
	selector, ok := requiredSelector(r, p.Child("selector"), s.Selector, "statefulset")
	if !ok {
		r.invalid(p.Child("selector"), s.Selector, "")
	} else {
		t := statefulTemplate(s)
		if !selector.Empty() && !selector.Matches(labels.Set(t.Labels)) {
			r.invalid(p.Child("template", "metadata", "labels"), t.Labels, noMatch)
		}
		template(r, p.Child("template"), t)
		templateMeta(r, p.Child("template"), t) // the real server looks at these twice
	}
	alwaysRestarts(r, p.Child("template"), &s.Template, "StatefulSet")
}

// statefulTemplate is the template as its pods will be: each has a volume for each claim, and host names of its own.
func statefulTemplate(s *appsv1.StatefulSetSpec) *corev1.PodTemplateSpec {
	t := s.Template.DeepCopy()
	t.Spec.Subdomain, t.Spec.Hostname = "", ""
	claimed := map[string]bool{}
	var volumes []corev1.Volume
	for _, c := range s.VolumeClaimTemplates {
		if claimed[c.Name] {
			continue
		}
		claimed[c.Name] = true
		volumes = append(volumes, corev1.Volume{Name: c.Name, VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: c.Name}}})
	}
	if len(volumes) == 0 {
		return t
	}
	for _, v := range t.Spec.Volumes {
		if !claimed[v.Name] {
			volumes = append(volumes, v)
		}
	}
	t.Spec.Volumes = volumes
	return t
}

func statefulSetStrategy(r *report, p *field.Path, s *appsv1.StatefulSetUpdateStrategy) {
	switch s.Type {
	case "":
		r.required(p, "")
	case appsv1.OnDeleteStatefulSetStrategyType:
		if s.RollingUpdate != nil {
			r.invalid(p.Child("rollingUpdate"), inner{s.RollingUpdate}, "only allowed for updateStrategy 'RollingUpdate'")
		}
	case appsv1.RollingUpdateStatefulSetStrategyType:
		u := s.RollingUpdate
		if u == nil {
			return
		}
		at := p.Child("rollingUpdate")
		notNegativePtr(r, at.Child("partition"), u.Partition)
		if m := u.MaxUnavailable; m != nil {
			share(r, at.Child("maxUnavailable"), *m)
			if amount(*m) == 0 {
				r.invalid(at.Child("maxUnavailable"), *m, "cannot be 0")
			}
			notAll(r, at.Child("maxUnavailable"), *m)
		}
	default:
		r.invalid(p, inner{s}, "must be 'RollingUpdate' or 'OnDelete'")
	}
}

// statefulSetUpdate: most of a StatefulSet is what its pods and claims are known by.
func statefulSetUpdate(r *report, s, old *appsv1.StatefulSetSpec) {
	rest := s.DeepCopy()
	rest.Replicas, rest.Template, rest.UpdateStrategy = old.Replicas, old.Template, old.UpdateStrategy
	rest.MinReadySeconds, rest.Ordinals, rest.RevisionHistoryLimit = old.MinReadySeconds, old.Ordinals, old.RevisionHistoryLimit
	rest.PersistentVolumeClaimRetentionPolicy = old.PersistentVolumeClaimRetentionPolicy
	if !equality.Semantic.DeepEqual(*rest, *old) {
		r.forbidden(field.NewPath("spec"), "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden")
	}
}

// share checks a count or a percentage.
func share(r *report, p *field.Path, v intstr.IntOrString) {
	if v.Type == intstr.String {
		r.invalids(p, v, validation.IsValidPercent(v.StrVal))
		return
	}
	notNegative(r, p, v.IntVal)
}

// percent is the number before a per cent sign.
func percent(v intstr.IntOrString) (int, bool) {
	if v.Type != intstr.String || len(validation.IsValidPercent(v.StrVal)) > 0 {
		return 0, false
	}
	n, err := strconv.Atoi(v.StrVal[:len(v.StrVal)-1])
	return n, err == nil
}

// amount is the count or the percentage as a bare number, for comparing with nought.
func amount(v intstr.IntOrString) int {
	if n, ok := percent(v); ok {
		return n
	}
	return v.IntValue()
}

func notAll(r *report, p *field.Path, v intstr.IntOrString) {
	if n, ok := percent(v); ok && n > 100 {
		r.invalid(p, v, "must not be greater than 100%")
	}
}

// count is a number in a status, told by its JSON name.
type count struct {
	name string
	n    int32
}

// counts checks the numbers of a status: none negative, none of the parts above the whole, and no more available than ready. than is
// what the last of these is called, which differs between kinds.
func counts(r *report, than string, whole int32, parts ...count) {
	p := field.NewPath("status")
	notNegative(r, p.Child("replicas"), whole)
	for _, c := range parts {
		notNegative(r, p.Child(c.name), c.n)
	}
	ready := whole
	for _, c := range parts {
		if c.n > whole {
			r.invalid(p.Child(c.name), c.n, "cannot be greater than status.replicas")
		}
		if c.name == "readyReplicas" {
			ready = c.n
		}
	}
	for _, c := range parts {
		if c.name == "availableReplicas" && c.n > ready {
			r.invalid(p.Child(c.name), c.n, "cannot be greater than "+than)
		}
	}
}
