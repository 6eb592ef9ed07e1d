package validate

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// deprecatedLabels are labels of nodes that have newer names.
var deprecatedLabels = map[string]string{
	"beta.kubernetes.io/arch":                       `deprecated since v1.14; use "kubernetes.io/arch" instead`,
	"beta.kubernetes.io/os":                         `deprecated since v1.14; use "kubernetes.io/os" instead`,
	"failure-domain.beta.kubernetes.io/region":      `deprecated since v1.17; use "topology.kubernetes.io/region" instead`,
	"failure-domain.beta.kubernetes.io/zone":        `deprecated since v1.17; use "topology.kubernetes.io/zone" instead`,
	"beta.kubernetes.io/instance-type":              `deprecated since v1.17; use "node.kubernetes.io/instance-type" instead`,
	"app.kubernetes.io/created-by":                  "deprecated since v1.9",
	"scheduler.alpha.kubernetes.io/preferAvoidPods": "deprecated since v1.22; use Taints and Tolerations instead",
	"node-role.kubernetes.io/master":                `use "node-role.kubernetes.io/control-plane" instead`,
}

// deprecatedAnnotations of pods, in the order in which they are told.
var deprecatedAnnotations = [][2]string{
	{"scheduler.alpha.kubernetes.io/critical-pod", `non-functional in v1.16+; use the "priorityClassName" field instead`},
	{"security.alpha.kubernetes.io/sysctls", `non-functional in v1.11+; use the "sysctls" field instead`},
	{"security.alpha.kubernetes.io/unsafe-sysctls", `non-functional in v1.11+; use the "sysctls" field instead`},
}

const nullSelector = "a null labelSelector results in matching no pod"

// eachContainer visits containers in the order of the real server's warnings: those that run first come first.
func eachContainer(s *corev1.PodSpec, p *field.Path, visit func(*field.Path, *corev1.Container)) {
	for i := range s.InitContainers {
		visit(p.Child("initContainers").Index(i), &s.InitContainers[i])
	}
	for i := range s.Containers {
		visit(p.Child("containers").Index(i), &s.Containers[i])
	}
	for i := range s.EphemeralContainers {
		c := corev1.Container(s.EphemeralContainers[i].EphemeralContainerCommon)
		visit(p.Child("ephemeralContainers").Index(i), &c)
	}
}

// pod warns of what is valid in a pod and yet seldom meant. root is nil for a pod and the template's path in a workload.
func (w *caution) pod(root *field.Path, m *metav1.ObjectMeta, s *corev1.PodSpec) {
	p := root.Child("spec")
	annotations := root.Child("metadata", "annotations")
	w.nodeLabels(p, s)
	for _, d := range deprecatedAnnotations {
		if _, ok := m.Annotations[d[0]]; ok {
			w.say(annotations.Key(d[0]), d[1])
		}
	}
	w.volumePlugins(p.Child("volumes"), s.Volumes)
	w.overlaps(s.Volumes)
	w.duplicates(p, s)
	for _, n := range []corev1.ResourceName{corev1.ResourceMemory, corev1.ResourceEphemeralStorage} {
		if q, ok := s.Overhead[n]; ok {
			w.whole(p.Child("overhead").Key(string(n)), q)
		}
	}
	if s.SecurityContext == nil || s.SecurityContext.SeccompProfile == nil {
		const key = "seccomp.security.alpha.kubernetes.io/pod"
		if _, ok := m.Annotations[key]; ok {
			w.say(annotations.Key(key), `non-functional in v1.27+; use the "seccompProfile" field instead`)
		}
	}
	eachContainer(s, p, func(at *field.Path, c *corev1.Container) { w.container(at, annotations, m, c, root != nil) })
	w.ports(p, s)
	if g := s.TerminationGracePeriodSeconds; g != nil && *g < 0 {
		w.say(p.Child("terminationGracePeriodSeconds"), "must be >= 0; negative values are invalid and will be treated as 1")
	}
	if a := s.Affinity; a != nil {
		if a.PodAffinity != nil {
			w.affinity(p.Child("affinity", "podAffinity"), a.PodAffinity.RequiredDuringSchedulingIgnoredDuringExecution, a.PodAffinity.PreferredDuringSchedulingIgnoredDuringExecution)
		}
		if a.PodAntiAffinity != nil {
			w.affinity(p.Child("affinity", "podAntiAffinity"), a.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution, a.PodAntiAffinity.PreferredDuringSchedulingIgnoredDuringExecution)
		}
	}
	if s.DNSConfig != nil {
		for i, ns := range s.DNSConfig.Nameservers {
			w.ip(p.Child("dnsConfig", "nameservers").Index(i), ns)
		}
	}
	for i, a := range s.HostAliases {
		w.ip(p.Child("hostAliases").Index(i).Child("ip"), a.IP)
	}
}

func (w *caution) nodeLabels(p *field.Path, s *corev1.PodSpec) {
	for _, k := range sorted(s.NodeSelector) {
		if d, ok := deprecatedLabels[k]; ok {
			w.say(p.Child("nodeSelector").Key(k), d)
		}
	}
	if s.Affinity != nil && s.Affinity.NodeAffinity != nil {
		n, at := s.Affinity.NodeAffinity, p.Child("affinity", "nodeAffinity")
		if n.RequiredDuringSchedulingIgnoredDuringExecution != nil {
			for i, t := range n.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms {
				w.nodeTerm(at.Child("requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms").Index(i), t, false)
			}
		}
		for i, t := range n.PreferredDuringSchedulingIgnoredDuringExecution {
			w.nodeTerm(at.Child("preferredDuringSchedulingIgnoredDuringExecution").Index(i).Child("preference"), t.Preference, true)
		}
	}
	for i, t := range s.TopologySpreadConstraints {
		at := p.Child("topologySpreadConstraints").Index(i)
		if d, ok := deprecatedLabels[t.TopologyKey]; ok {
			w.say(at.Child("topologyKey"), t.TopologyKey+" is "+d)
		}
		if t.LabelSelector == nil {
			w.say(at.Child("labelSelector"), nullSelector)
		}
	}
}

// nodeTerm warns of deprecated labels, and of values that no label can have where validation lets them be.
func (w *caution) nodeTerm(p *field.Path, t corev1.NodeSelectorTerm, values bool) {
	for i, e := range t.MatchExpressions {
		at := p.Child("matchExpressions").Index(i)
		if d, ok := deprecatedLabels[e.Key]; ok {
			w.say(at.Child("key"), e.Key+" is "+d)
		}
		if !values {
			continue
		}
		for j, v := range e.Values {
			for _, m := range validation.IsValidLabelValue(v) {
				w.say(at.Child("values").Index(j), v+" is invalid, "+m)
			}
		}
	}
}

func (w *caution) affinity(p *field.Path, required []corev1.PodAffinityTerm, preferred []corev1.WeightedPodAffinityTerm) {
	for i, t := range required {
		if t.LabelSelector == nil {
			w.say(p.Child("requiredDuringSchedulingIgnoredDuringExecution").Index(i).Child("labelSelector"), nullSelector)
		}
	}
	for i, t := range preferred {
		if t.PodAffinityTerm.LabelSelector == nil {
			w.say(p.Child("preferredDuringSchedulingIgnoredDuringExecution").Index(i).Child("podAffinityTerm", "labelSelector"), nullSelector)
		}
	}
}

// duplicates in lists that are merged by a key and so lose all but one.
func (w *caution) duplicates(p *field.Path, s *corev1.PodSpec) {
	seen := map[string]bool{}
	for i, a := range s.HostAliases {
		if seen[a.IP] {
			w.say(p.Child("hostAliases").Index(i).Child("ip"), fmt.Sprintf("duplicate ip %q", a.IP))
		}
		seen[a.IP] = true
	}
	clear(seen)
	for i, r := range s.ImagePullSecrets {
		if seen[r.Name] {
			w.say(p.Child("imagePullSecrets").Index(i).Child("name"), fmt.Sprintf("duplicate name %q", r.Name))
		}
		seen[r.Name] = true
	}
	for i, r := range s.ImagePullSecrets {
		if r.Name == "" {
			w.say(p.Child("imagePullSecrets").Index(i).Child("name"), fmt.Sprintf("invalid empty name %q", r.Name))
		}
	}
}

func (w *caution) container(p, annotations *field.Path, m *metav1.ObjectMeta, c *corev1.Container, template bool) {
	if c.SecurityContext == nil || c.SecurityContext.SeccompProfile == nil {
		key := "container.seccomp.security.alpha.kubernetes.io/" + c.Name
		if _, ok := m.Annotations[key]; ok {
			w.say(annotations.Key(key), `non-functional in v1.27+; use the "seccompProfile" field instead`)
		}
	}
	if template && (c.SecurityContext == nil || c.SecurityContext.AppArmorProfile == nil) {
		key := corev1.DeprecatedAppArmorBetaContainerAnnotationKeyPrefix + c.Name
		if _, ok := m.Annotations[key]; ok {
			w.say(annotations.Key(key), `deprecated since v1.30; use the "appArmorProfile" field instead`)
		}
	}
	for _, n := range []corev1.ResourceName{corev1.ResourceMemory, corev1.ResourceEphemeralStorage} {
		if q, ok := c.Resources.Limits[n]; ok {
			w.whole(p.Child("resources", "limits").Key(string(n)), q)
		}
		if q, ok := c.Resources.Requests[n]; ok {
			w.whole(p.Child("resources", "requests").Key(string(n)), q)
		}
	}
	seen := map[string]bool{}
	for i, e := range c.Env {
		// A later definition that builds on the earlier one is meant: X=$(X):more.
		ref := "$(" + e.Name + ")"
		if seen[e.Name] && (e.ValueFrom != nil || e.Value == ref || !strings.Contains(e.Value, ref)) {
			w.say(p.Child("env").Index(i), fmt.Sprintf("hides previous definition of %q, which may be dropped when using apply", e.Name))
		}
		seen[e.Name] = true
	}
}

// ports warns of ports that several containers claim, by number and by name.
func (w *caution) ports(p *field.Path, s *corev1.PodSpec) {
	type place struct {
		at   *field.Path
		port corev1.ContainerPort
	}
	claimed := map[string][]place{}
	eachContainer(s, p, func(at *field.Path, c *corev1.Container) {
		for i, port := range c.Ports {
			here := at.Child("ports").Index(i)
			if port.HostIP != "" && port.HostPort == 0 {
				w.say(here, fmt.Sprintf("hostIP set without hostPort: %+v", port))
			}
			k := fmt.Sprintf("%d/%s", port.ContainerPort, port.Protocol)
			for _, o := range claimed[k] {
				switch oneIP := (port.HostIP == "") != (o.port.HostIP == ""); {
				case port.HostIP == o.port.HostIP && port.HostPort == o.port.HostPort:
					w.say(here, "duplicate port definition with "+o.at.String())
				case port.HostPort == 0 || o.port.HostPort == 0:
					w.say(here, "overlapping port definition with "+o.at.String())
				case port.HostPort == o.port.HostPort && oneIP:
					w.say(here, "dangerously ambiguous port definition with "+o.at.String())
				}
			}
			claimed[k] = append(claimed[k], place{here, port})
		}
	})
	names := map[string]*field.Path{}
	eachContainer(s, p, func(at *field.Path, c *corev1.Container) {
		for i, port := range c.Ports {
			here := at.Child("ports").Index(i)
			if port.Name == "" {
				continue
			}
			if first := names[port.Name]; first != nil {
				w.say(here, fmt.Sprintf("duplicate port name %q with %s, services and probes that select ports by name will use %s", port.Name, first, first))
				continue
			}
			names[port.Name] = here
		}
	})
}
