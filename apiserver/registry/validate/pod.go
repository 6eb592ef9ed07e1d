package validate

import (
	"fmt"
	"math"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// podCheck walks one pod spec. Pods and templates share nearly all rules; isPod marks where they differ.
type podCheck struct {
	*report
	spec  *corev1.PodSpec
	meta  *metav1.ObjectMeta // nil in templates
	isPod bool
	// volumes by name, as far as they are valid themselves.
	volumes map[string]corev1.VolumeSource
	claims  map[string]bool
}

// createPod checks a new pod.
func createPod(r *report, p *corev1.Pod) {
	podBody(r, p)
	path := field.NewPath("spec")
	if len(p.Spec.EphemeralContainers) > 0 {
		r.forbidden(path.Child("ephemeralContainers"), "cannot be set on create")
	}
	if p.Spec.NodeName != "" && len(p.Spec.SchedulingGates) > 0 {
		r.forbidden(path.Child("nodeName"), "cannot be set until all schedulingGates have been cleared")
	}
}

// podBody checks metadata and spec of a pod, new or not.
func podBody(r *report, p *corev1.Pod) {
	r.meta(&p.ObjectMeta, true, subdomainName)
	podAnnotations(r, metadata.Child("annotations"), p.Annotations, &p.Spec)
	path := field.NewPath("spec")
	c := &podCheck{report: r, spec: &p.Spec, meta: &p.ObjectMeta, isPod: true}
	c.check(path)
	if p.Spec.ServiceAccountName == "" {
		for i, v := range p.Spec.Volumes {
			if v.Projected == nil {
				continue
			}
			for j, s := range v.Projected.Sources {
				if s.ServiceAccountToken != nil {
					r.forbidden(path.Child("volumes").Index(i).Child("projected", "sources").Index(j).Child("serviceAccountToken"),
						"must not be specified when serviceAccountName is not set")
				}
			}
		}
	}
	for i, ctr := range p.Spec.Containers {
		imageSpace(r, path.Child("containers").Index(i), ctr.Image)
	}
	for i, ctr := range p.Spec.InitContainers {
		imageSpace(r, path.Child("initContainers").Index(i), ctr.Image)
	}
}

func imageSpace(r *report, p *field.Path, image string) {
	if image != strings.TrimSpace(image) {
		r.invalid(p.Child("image"), image, "must not have leading or trailing whitespace")
	}
}

func podAnnotations(r *report, p *field.Path, annotations map[string]string, spec *corev1.PodSpec) {
	if v, ok := annotations[corev1.MirrorPodAnnotationKey]; ok && spec.NodeName == "" {
		r.invalid(p.Key(corev1.MirrorPodAnnotationKey), v, "must set spec.nodeName if mirror pod annotation is set")
	}
	if v, ok := annotations[corev1.PodDeletionCost]; ok && !int32Text(v) {
		r.invalid(p.Key(corev1.PodDeletionCost), v, "must be a 32bit integer")
	}
}

// template checks the pod template of a workload.
func template(r *report, p *field.Path, t *corev1.PodTemplateSpec) {
	templateMeta(r, p, t)
	c := &podCheck{report: r, spec: &t.Spec}
	c.check(p.Child("spec"))
	if len(t.Spec.EphemeralContainers) > 0 {
		r.forbidden(p.Child("spec", "ephemeralContainers"), "ephemeral containers not allowed in pod template")
	}
}

func templateMeta(r *report, p *field.Path, t *corev1.PodTemplateSpec) {
	r.add(metav1validation.ValidateLabels(t.Labels, p.Child("labels")))
	r.annotations(p.Child("annotations"), t.Annotations)
	podAnnotations(r, p.Child("annotations"), t.Annotations, &t.Spec)
}

// check is the order in which the real server reports.
func (c *podCheck) check(p *field.Path) {
	s := c.spec
	if s.TerminationGracePeriodSeconds == nil {
		c.required(p.Child("terminationGracePeriodSeconds"), "")
	}
	c.checkVolumes(p.Child("volumes"))
	c.claims = map[string]bool{}
	for _, claim := range s.ResourceClaims {
		c.claims[claim.Name] = true
	}
	c.resourceClaims(p.Child("resourceClaims"))
	c.containers(p.Child("containers"))
	c.initContainers(p.Child("initContainers"))
	c.ephemeralContainers(p.Child("ephemeralContainers"))
	c.podResources(p)
	c.hostPorts(p.Child("containers"))
	need(c.report, p.Child("restartPolicy"), s.RestartPolicy, corev1.RestartPolicyAlways, corev1.RestartPolicyOnFailure, corev1.RestartPolicyNever)
	need(c.report, p.Child("dnsPolicy"), s.DNSPolicy, corev1.DNSClusterFirstWithHostNet, corev1.DNSClusterFirst, corev1.DNSDefault, corev1.DNSNone)
	c.add(metav1validation.ValidateLabels(s.NodeSelector, p.Child("nodeSelector")))
	c.podSecurity(p.Child("securityContext"))
	c.affinity(p.Child("affinity"))
	c.dnsConfig(p.Child("dnsConfig"))
	for i, g := range s.ReadinessGates {
		c.qualified(p.Child("readinessGates").Index(i).Child("conditionType"), string(g.ConditionType))
	}
	c.schedulingGates(p.Child("schedulingGates"))
	c.topologySpread(p.Child("topologySpreadConstraints"))
	c.hostProcesses(p)
	c.hostUsers(p)
	c.names(p)
	if len(s.Tolerations) > 0 {
		tolerations(c.report, p.Child("tolerations"), s.Tolerations)
	}
	for i, a := range s.HostAliases {
		at := p.Child("hostAliases").Index(i)
		c.ip(at.Child("ip"), a.IP)
		for j, h := range a.Hostnames {
			c.dnsSubdomain(at.Child("hostnames").Index(j), h)
		}
	}
	if s.PriorityClassName != "" {
		c.invalids(p.Child("priorityClassName"), s.PriorityClassName, subdomainName(s.PriorityClassName))
	}
	if s.RuntimeClassName != nil {
		c.invalids(p.Child("runtimeClassName"), *s.RuntimeClassName, subdomainName(*s.RuntimeClassName))
	}
	if s.PreemptionPolicy != nil {
		need(c.report, p.Child("preemptionPolicy"), *s.PreemptionPolicy, corev1.PreemptLowerPriority, corev1.PreemptNever)
	}
	if s.Overhead != nil {
		c.resources(p.Child("overhead"), &corev1.ResourceRequirements{Limits: s.Overhead}, containerResource)
	}
	if s.OS != nil {
		if s.OS.Name == "" {
			c.required(p.Child("os", "name"), "")
		} else {
			oneOf(c.report, p.Child("os"), s.OS.Name, corev1.Linux, corev1.Windows)
		}
	}
	c.fileKeyVolumes(p)
}

// names are the fields that hold the name of something else, and the pod's own host name.
func (c *podCheck) names(p *field.Path) {
	s := c.spec
	if h := s.HostnameOverride; h != nil {
		at := p.Child("hostnameOverride")
		if s.SetHostnameAsFQDN != nil && *s.SetHostnameAsFQDN {
			c.forbidden(at, "may not be specified when setHostnameAsFQDN is true")
		}
		if s.HostNetwork {
			c.forbidden(at, "may not be specified when hostNetwork is true")
		}
		if len(*h) > 64 {
			c.tooLong(at, 64)
		}
		c.dnsSubdomain(at, *h)
	}
	if s.ServiceAccountName != "" {
		c.invalids(p.Child("serviceAccountName"), s.ServiceAccountName, subdomainName(s.ServiceAccountName))
	}
	if s.NodeName != "" {
		c.invalids(p.Child("nodeName"), s.NodeName, subdomainName(s.NodeName))
	}
	if d := s.ActiveDeadlineSeconds; d != nil && (*d < 1 || *d > math.MaxInt32) {
		c.invalid(p.Child("activeDeadlineSeconds"), *d, validation.InclusiveRangeError(1, math.MaxInt32))
	}
	if s.Hostname != "" {
		c.dnsLabel(p.Child("hostname"), s.Hostname)
	}
	if s.Subdomain != "" {
		c.dnsLabel(p.Child("subdomain"), s.Subdomain)
	}
}

// hostPorts: in the host's network a port is the host's port. Templates may leave the host port out; the pod will get it.
func (c *podCheck) hostPorts(p *field.Path) {
	if !c.spec.HostNetwork {
		return
	}
	for i, ctr := range c.spec.Containers {
		for j, port := range ctr.Ports {
			if (c.isPod || port.HostPort != 0) && port.HostPort != port.ContainerPort {
				c.invalid(p.Index(i).Child("ports").Index(j).Child("hostPort"), port.HostPort, "must match `containerPort` when `hostNetwork` is true")
			}
		}
	}
}

// hostUsers: a user namespace of its own excludes sharing the host's other namespaces.
func (c *podCheck) hostUsers(p *field.Path) {
	s := c.spec
	if s.HostUsers == nil || *s.HostUsers {
		return
	}
	const why = "when `hostUsers` is false"
	if s.HostNetwork {
		c.forbidden(p.Child("hostNetwork"), why)
	}
	if s.HostPID {
		c.forbidden(p.Child("HostPID"), why)
	}
	if s.HostIPC {
		c.forbidden(p.Child("HostIPC"), why)
	}
	for i, ctr := range s.Containers {
		if len(ctr.VolumeDevices) > 0 {
			c.forbidden(p.Child("containers").Index(i).Child("volumeDevices"), why)
		}
	}
}

func (c *podCheck) dnsConfig(p *field.Path) {
	const servers, paths, letters = 3, 32, 2048 // what a resolver library takes
	d := c.spec.DNSConfig
	if c.spec.DNSPolicy == corev1.DNSNone {
		if d == nil {
			c.required(p, fmt.Sprintf("must provide `dnsConfig` when `dnsPolicy` is %s", corev1.DNSNone))
			return
		}
		if len(d.Nameservers) == 0 {
			c.required(p.Child("nameservers"), fmt.Sprintf("must provide at least one DNS nameserver when `dnsPolicy` is %s", corev1.DNSNone))
			return
		}
	}
	if d == nil {
		return
	}
	if len(d.Nameservers) > servers {
		c.invalid(p.Child("nameservers"), d.Nameservers, fmt.Sprintf("must not have more than %v nameservers", servers))
	}
	for i, ns := range d.Nameservers {
		c.ip(p.Child("nameservers").Index(i), ns)
	}
	if len(d.Searches) > paths {
		c.invalid(p.Child("searches"), d.Searches, fmt.Sprintf("must not have more than %v search paths", paths))
	}
	if len(strings.Join(d.Searches, " ")) > letters {
		c.invalid(p.Child("searches"), d.Searches, fmt.Sprintf("must not have more than %v characters (including spaces) in the search list", letters))
	}
	for i, s := range d.Searches {
		if s != "." {
			s = strings.TrimSuffix(s, ".")
			c.invalids(p.Child("searches").Index(i), s, validation.IsDNS1123SubdomainWithUnderscore(s))
		}
	}
	for i, o := range d.Options {
		if o.Name == "" {
			c.required(p.Child("options").Index(i), "must not be empty")
		}
	}
}

func (c *podCheck) schedulingGates(p *field.Path) {
	seen := map[string]bool{}
	for i, g := range c.spec.SchedulingGates {
		c.qualified(p.Index(i), g.Name)
		if seen[g.Name] {
			c.duplicate(p.Index(i), g.Name)
		}
		seen[g.Name] = true
	}
}
