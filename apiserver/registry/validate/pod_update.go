package validate

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/util/diff"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// updatableFields are what an update of a pod may change, as the refusal of all else tells it (API-218).
const updatableFields = "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`," +
	"`spec.tolerations` (only additions to existing tolerations)," +
	"`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"

func updatePod(r *report, p, old *corev1.Pod) {
	r.metaUpdate(&p.ObjectMeta, &old.ObjectMeta)
	podBody(r, p)
	podAnnotationsUpdate(r, p, old)
	spec := field.NewPath("spec")
	for _, l := range []struct {
		name     string
		now, was []corev1.Container
	}{{"containers", p.Spec.Containers, old.Spec.Containers}, {"initContainers", p.Spec.InitContainers, old.Spec.InitContainers}} {
		if len(l.now) != len(l.was) {
			r.forbidden(spec.Child(l.name), "pod updates may not add or remove containers")
			return
		}
		for i, c := range l.now {
			if c.Image == "" {
				r.required(spec.Child(l.name).Index(i).Child("image"), "")
			}
			imageSpace(r, spec.Child(l.name).Index(i), c.Image)
		}
	}
	if !deadlineUpdate(r, spec.Child("activeDeadlineSeconds"), p.Spec.ActiveDeadlineSeconds, old.Spec.ActiveDeadlineSeconds) {
		return
	}
	tolerationsUpdate(r, spec.Child("tolerations"), p.Spec.Tolerations, old.Spec.Tolerations)
	gatesUpdate(r, spec.Child("schedulingGates"), p.Spec.SchedulingGates, old.Spec.SchedulingGates)
	if equality.Semantic.DeepEqual(p.Spec, old.Spec) {
		return
	}
	rest := withoutUpdatable(r, p, old)
	if !equality.Semantic.DeepEqual(rest, old.Spec) {
		r.forbidden(spec, fmt.Sprintf("pod updates may not change fields other than %s\n%v", updatableFields, diff.Diff(inner{old.Spec}, inner{rest})))
	}
}

// withoutUpdatable is the new spec with all that may change set back, so that what is left is what may not.
func withoutUpdatable(r *report, p, old *corev1.Pod) corev1.PodSpec {
	rest := *p.Spec.DeepCopy()
	for i := range rest.Containers {
		rest.Containers[i].Image = old.Spec.Containers[i].Image
	}
	for i := range rest.InitContainers {
		rest.InitContainers[i].Image = old.Spec.InitContainers[i].Image
	}
	rest.ActiveDeadlineSeconds = old.Spec.ActiveDeadlineSeconds
	rest.SchedulingGates = old.Spec.SchedulingGates
	rest.Tolerations = old.Spec.Tolerations
	if was, is := old.Spec.TerminationGracePeriodSeconds, rest.TerminationGracePeriodSeconds; was != nil && *was < 0 && is != nil && *is == 1 {
		rest.TerminationGracePeriodSeconds = was
	}
	if len(old.Spec.SchedulingGates) == 0 {
		return rest
	}
	// While a pod is held back, where it may run can be narrowed.
	at := field.NewPath("spec", "nodeSelector")
	for k, v := range old.Spec.NodeSelector {
		if now, ok := rest.NodeSelector[k]; !ok || now != v {
			r.invalid(at, rest.NodeSelector, "only additions are allowed (no mutations or deletions)")
			break
		}
	}
	rest.NodeSelector = old.Spec.NodeSelector
	if a := rest.Affinity; a != nil {
		var was *corev1.NodeAffinity
		if old.Spec.Affinity != nil {
			was = old.Spec.Affinity.NodeAffinity
		}
		a.NodeAffinity = was
		if old.Spec.Affinity == nil && a.PodAffinity == nil && a.PodAntiAffinity == nil {
			rest.Affinity = nil
		}
	}
	return rest
}

// deadlineUpdate allows a deadline to be set and to be shortened. False ends the checks.
func deadlineUpdate(r *report, p *field.Path, now, was *int64) bool {
	switch {
	case now == nil && was != nil:
		r.invalid(p, now, "must not update from a positive integer to nil value")
	case now == nil:
	case *now < 0 || *now > math.MaxInt32:
		r.invalid(p, *now, validation.InclusiveRangeError(0, math.MaxInt32))
		return false
	case was != nil && *was < *now:
		r.invalid(p, *now, "must be less than or equal to previous value")
		return false
	}
	return true
}

func tolerationsUpdate(r *report, p *field.Path, now, was []corev1.Toleration) {
	for _, old := range was {
		found := false
		for _, t := range now {
			t.TolerationSeconds = old.TolerationSeconds
			if equality.Semantic.DeepEqual(t, old) {
				found = true
				break
			}
		}
		if !found {
			r.forbidden(p, "existing toleration can not be modified except its tolerationSeconds")
			return
		}
	}
	tolerations(r, p, now)
}

func gatesUpdate(r *report, p *field.Path, now, was []corev1.PodSchedulingGate) {
	had := map[string]bool{}
	for _, g := range was {
		had[g.Name] = true
	}
	for i, g := range now {
		if !had[g.Name] {
			r.forbidden(p.Index(i).Child("name"), fmt.Sprintf("only deletion is allowed, but found new scheduling gate '%s'", g.Name))
		}
	}
}

// podAnnotationsUpdate keeps the annotations that say what a pod is.
func podAnnotationsUpdate(r *report, p, old *corev1.Pod) {
	at := metadata.Child("annotations")
	const appArmor = corev1.DeprecatedAppArmorBetaContainerAnnotationKeyPrefix
	for _, k := range sorted(old.Annotations) {
		if now, ok := p.Annotations[k]; ok && now == old.Annotations[k] {
			continue
		}
		if strings.HasPrefix(k, appArmor) {
			r.forbidden(at.Key(k), "may not remove or update AppArmor annotations")
		}
		if k == corev1.MirrorPodAnnotationKey {
			r.forbidden(at.Key(k), "may not remove or update mirror pod annotation")
		}
	}
	for _, k := range sorted(p.Annotations) {
		if _, ok := old.Annotations[k]; ok {
			continue
		}
		if strings.HasPrefix(k, appArmor) {
			r.forbidden(at.Key(k), "may not add AppArmor annotations")
		}
		if k == corev1.MirrorPodAnnotationKey {
			r.forbidden(at.Key(k), "may not add mirror pod annotation")
		}
	}
	podAnnotations(r, at, p.Annotations, &p.Spec)
}

func updateEphemeral(r *report, p, old *corev1.Pod) {
	r.metaUpdate(&p.ObjectMeta, &old.ObjectMeta)
	podBody(r, p)
	podAnnotationsUpdate(r, p, old)
	if _, ok := old.Annotations[corev1.MirrorPodAnnotationKey]; ok {
		r.list = field.ErrorList{field.Forbidden(field.NewPath(""), "static pods do not support ephemeral containers")}
		return
	}
	now := map[string]*corev1.EphemeralContainer{}
	for i := range p.Spec.EphemeralContainers {
		now[p.Spec.EphemeralContainers[i].Name] = &p.Spec.EphemeralContainers[i]
	}
	at := field.NewPath("spec", "ephemeralContainers")
	for _, was := range old.Spec.EphemeralContainers {
		switch is, ok := now[was.Name]; {
		case !ok:
			r.forbidden(at, fmt.Sprintf("existing ephemeral containers %q may not be removed\n", was.Name))
		case !equality.Semantic.DeepEqual(was, *is):
			r.forbidden(at, fmt.Sprintf("existing ephemeral containers %q may not be changed\n%v", was.Name, diff.Diff(inner{was}, inner{*is})))
		}
	}
}

func updatePodStatus(r *report, p, old *corev1.Pod) {
	r.metaUpdate(&p.ObjectMeta, &old.ObjectMeta)
	podAnnotationsUpdate(r, p, old)
	at := field.NewPath("status")
	for i, c := range p.Status.Conditions {
		if c.ObservedGeneration < 0 {
			r.invalid(at.Child("conditions").Index(i).Child("observedGeneration"), c.ObservedGeneration, "must be a non-negative integer")
		}
		switch c.Type {
		case corev1.PodScheduled, corev1.PodReady, corev1.PodInitialized:
		default:
			r.qualified(at.Child("conditions").Index(i).Child("Type"), string(c.Type))
		}
	}
	if p.Spec.NodeName != old.Spec.NodeName {
		r.forbidden(at.Child("nodeName"), "may not be changed directly")
	}
	if n := p.Status.NominatedNodeName; n != old.Status.NominatedNodeName && n != "" {
		r.invalids(at.Child("nominatedNodeName"), n, subdomainName(n))
		if old.Spec.NodeName != "" {
			r.forbidden(at.Child("nominatedNodeName"), "may not be set on pods that are already bound to a node")
		}
	}
	if p.Status.ObservedGeneration < 0 {
		r.invalid(at.Child("observedGeneration"), p.Status.ObservedGeneration, "must be a non-negative integer")
	}
	r.immutable(at.Child("qosClass"), p.Status.QOSClass, old.Status.QOSClass)
	revived(r, at.Child("containerStatuses"), p.Status.ContainerStatuses, old.Status.ContainerStatuses, old.Spec.Containers, &old.Spec)
	revived(r, at.Child("initContainerStatuses"), p.Status.InitContainerStatuses, old.Status.InitContainerStatuses, old.Spec.InitContainers, &old.Spec)
	claimStatuses(r, at.Child("resourceClaimStatuses"), p)
	containerReports(r, at, p)
	var pods, hosts []string
	for _, ip := range p.Status.PodIPs {
		pods = append(pods, ip.IP)
	}
	for _, ip := range p.Status.HostIPs {
		hosts = append(hosts, ip.IP)
	}
	if len(hosts) > 0 && hosts[0] != p.Status.HostIP {
		r.invalid(at.Child("hostIPs").Index(0).Child("ip"), hosts[0], "must be equal to `hostIP`")
	}
	statusIPs(r, at.Child("podIPs"), pods, inner{p.Status.PodIPs})
	statusIPs(r, at.Child("hostIPs"), hosts, inner{p.Status.HostIPs})
}

// claimStatuses: each is of a claim that the pod names, and of another one.
func claimStatuses(r *report, p *field.Path, pod *corev1.Pod) {
	seen := map[string]bool{}
	for i, s := range pod.Status.ResourceClaimStatuses {
		at := p.Index(i).Child("name")
		if !slices.ContainsFunc(pod.Spec.ResourceClaims, func(c corev1.PodResourceClaim) bool { return c.Name == s.Name }) {
			r.invalid(at, s.Name, "must match the name of an entry in `spec.resourceClaims`")
		}
		if seen[s.Name] {
			r.list = append(r.list, field.Duplicate(at, s.Name))
		}
		seen[s.Name] = true
		if n := s.ResourceClaimName; n != nil {
			r.invalids(p.Index(i).Child("resourceClaimName"), *n, subdomainName(*n))
		}
	}
}

// statusIPs: at most one address of each family.
func statusIPs(r *report, p *field.Path, ips []string, shown any) {
	for i, ip := range ips {
		r.ip(p.Index(i), ip)
	}
	for i, ip := range ips {
		if _, err := netip.ParseAddr(ip); err != nil && len(ips) > 1 {
			r.list = append(r.list, field.InternalError(p, fmt.Errorf("failed to check for dual stack with error:invalid IP[%d]: %s", i, ip)))
			break
		}
	}
	if n := len(ips); n > 2 || (n == 2 && !dual(ips)) {
		r.invalid(p, shown, "may specify no more than one IP for each IP family")
	}
}

// revived refuses a container that has ended for good and is said to run again.
func revived(r *report, p *field.Path, now, was []corev1.ContainerStatus, list []corev1.Container, spec *corev1.PodSpec) {
	for i, old := range was {
		if old.State.Terminated == nil {
			continue
		}
		for _, s := range now {
			if s.Name != old.Name || s.State.Terminated != nil {
				continue
			}
			if !restarts(old.Name, old.State.Terminated.ExitCode, list, spec) {
				r.forbidden(p.Index(i).Child("state"), "may not be transitioned to non-terminated state")
			}
			break
		}
	}
}

// restarts says whether a container that ended with this code is started again.
func restarts(name string, code int32, list []corev1.Container, spec *corev1.PodSpec) bool {
	for _, c := range list {
		for _, rule := range c.RestartPolicyRules {
			if rule.Action == corev1.ContainerRestartRuleActionRestartAllContainers {
				return true
			}
			if e := rule.ExitCodes; c.Name == name && e != nil && matches(e, code) {
				return rule.Action == corev1.ContainerRestartRuleActionRestart
			}
		}
	}
	policy := string(spec.RestartPolicy)
	for _, c := range list {
		if c.Name == name && c.RestartPolicy != nil {
			policy = string(*c.RestartPolicy)
		}
	}
	return policy == string(corev1.RestartPolicyAlways) || (policy == string(corev1.RestartPolicyOnFailure) && code != 0)
}

func matches(e *corev1.ContainerRestartRuleOnExitCodes, code int32) bool {
	in := false
	for _, v := range e.Values {
		in = in || v == code
	}
	return in == (e.Operator == corev1.ContainerRestartRuleOnExitCodesOpIn)
}
