package validate

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	resourcehelper "k8s.io/component-helpers/resource"
)

// standardResources may be named without a domain somewhere; which of them where, see the rules below.
var standardResources = []corev1.ResourceName{"cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory",
	"requests.ephemeral-storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage", "pods", "resourcequotas", "services",
	"replicationcontrollers", "secrets", "configmaps", "persistentvolumeclaims", "storage", "requests.storage", "services.nodeports", "services.loadbalancers"}

// countedResources come in whole numbers.
var countedResources = []corev1.ResourceName{"pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps",
	"persistentvolumeclaims", "services.nodeports", "services.loadbalancers"}

func hugePages(n corev1.ResourceName) bool {
	return strings.HasPrefix(string(n), corev1.ResourceHugePagesPrefix)
}

func quotaHugePages(n corev1.ResourceName) bool {
	return hugePages(n) || strings.HasPrefix(string(n), corev1.ResourceRequestsHugePagesPrefix)
}

// native resources have no domain, or that of Kubernetes.
func native(n corev1.ResourceName) bool {
	return !strings.Contains(string(n), "/") || strings.Contains(string(n), corev1.ResourceDefaultNamespacePrefix)
}

// extended resources are those of others, such as example.com/gpu.
func extended(n corev1.ResourceName) bool {
	return !native(n) && !strings.HasPrefix(string(n), corev1.DefaultResourceRequestsPrefix) &&
		len(validation.IsQualifiedName(corev1.DefaultResourceRequestsPrefix+string(n))) == 0
}

// overcommits says whether requests may be lower than limits.
func overcommits(n corev1.ResourceName) bool { return native(n) && !hugePages(n) }

// resourceRule checks the name of a resource; false ends the checks of that name.
type resourceRule func(r *report, p *field.Path, n corev1.ResourceName)

func anyResource(r *report, p *field.Path, n corev1.ResourceName) {
	if wrong := validation.IsQualifiedName(string(n)); len(wrong) > 0 {
		r.invalids(p, n, wrong)
		return
	}
	if !strings.Contains(string(n), "/") && !slices.Contains(standardResources, n) && !quotaHugePages(n) {
		r.invalid(p, n, "must be a standard resource type or fully qualified")
	}
}

func containerResource(r *report, p *field.Path, n corev1.ResourceName) {
	anyResource(r, p, n)
	switch {
	case !strings.Contains(string(n), "/"):
		if n != corev1.ResourceCPU && n != corev1.ResourceMemory && n != corev1.ResourceEphemeralStorage && !hugePages(n) {
			r.invalid(p, n, "must be a standard resource for containers")
		}
	case !native(n) && !extended(n):
		r.invalid(p, n, "doesn't follow extended resource name standard")
	}
}

func podResource(r *report, p *field.Path, n corev1.ResourceName) {
	before := len(r.list)
	anyResource(r, p, n)
	if len(r.list) == before && !resourcehelper.IsSupportedPodLevelResource(n) {
		var all []corev1.ResourceName
		for s := range resourcehelper.SupportedPodLevelResources() {
			all = append(all, s)
		}
		slices.Sort(all)
		oneOf(r, p, n, all...)
	}
}

func quotaResource(r *report, p *field.Path, n corev1.ResourceName) {
	anyResource(r, p, n)
	if !strings.Contains(string(n), "/") && (!slices.Contains(standardResources, n) || n == "storage") && !quotaHugePages(n) {
		r.invalid(p, n, "must be a standard resource for quota")
	}
}

// quantity checks an amount of a resource.
func (r *report) quantity(p *field.Path, n corev1.ResourceName, q resource.Quantity) {
	if q.Sign() < 0 {
		r.invalid(p, q.String(), apivalidation.IsNegativeErrorMsg)
	}
	if (slices.Contains(countedResources, n) || extended(n)) && q.MilliValue()%1000 != 0 {
		r.invalid(p, q, "must be an integer")
	}
}

// resources checks requests against limits.
func (c *podCheck) resources(p *field.Path, r *corev1.ResourceRequirements, rule resourceRule) {
	computed, huge := false, false
	look := func(at *field.Path, n corev1.ResourceName, q resource.Quantity) {
		rule(c.report, at, n)
		c.quantity(at, n, q)
		computed = computed || n == corev1.ResourceCPU || n == corev1.ResourceMemory
	}
	pages := func(at *field.Path, n corev1.ResourceName, q resource.Quantity) {
		if !hugePages(n) {
			return
		}
		huge = true
		size, err := resource.ParseQuantity(strings.TrimPrefix(string(n), corev1.ResourceHugePagesPrefix))
		if err != nil || size.Value() <= 0 || q.Value()%size.Value() != 0 {
			c.invalid(at, q.String(), fmt.Sprintf("%s is not positive integer multiple of %s", q.String(), n))
		}
	}
	for _, n := range sorted(r.Limits) {
		at := p.Child("limits").Key(string(n))
		look(at, n, r.Limits[n])
		pages(at, n, r.Limits[n])
	}
	for _, n := range sorted(r.Requests) {
		q, at := r.Requests[n], p.Child("requests").Key(string(n))
		look(at, n, q)
		switch limit, ok := r.Limits[n]; {
		case ok && q.Cmp(limit) != 0 && !overcommits(n):
			c.invalid(p.Child("requests"), q.String(), fmt.Sprintf("must be equal to %s limit of %s", n, limit.String()))
		case ok && q.Cmp(limit) > 0:
			c.invalid(p.Child("requests"), q.String(), fmt.Sprintf("must be less than or equal to %s limit of %s", n, limit.String()))
		case !ok && !overcommits(n):
			c.required(p.Child("limits"), "Limit must be set for non overcommitable resources")
		}
		pages(at, n, q)
	}
	if huge && !computed {
		c.forbidden(p, "HugePages require cpu or memory")
	}
	c.claimNames(p.Child("claims"), r.Claims)
}

// claimNames: a container uses resource claims of its pod, each once.
func (c *podCheck) claimNames(p *field.Path, claims []corev1.ResourceClaim) {
	seen := map[string]bool{}
	for i, claim := range claims {
		at := p.Index(i)
		if claim.Name == "" {
			c.required(at, "")
			continue
		}
		key := claim.Name
		if claim.Request != "" {
			c.dnsLabel(at.Child("request"), claim.Request)
			key += "/" + claim.Request
		}
		if seen[claim.Name] || seen[key] {
			c.duplicate(at, key)
		}
		seen[key] = true
		if c.claims[claim.Name] {
			continue
		}
		e := field.NotFound(at, claim.Name)
		e.Detail = "must be one of the names in pod.spec.resourceClaims"
		if len(c.claims) == 0 {
			e.Detail += " which is empty"
		} else {
			e.Detail += ": " + strings.Join(sorted(c.claims), ", ")
		}
		c.list = append(c.list, e)
	}
}

// resourceClaims: each has one source.
func (c *podCheck) resourceClaims(p *field.Path) {
	seen := map[string]bool{}
	for i, claim := range c.spec.ResourceClaims {
		at := p.Index(i)
		if claim.Name == "" {
			c.required(at.Child("name"), "")
		} else if seen[claim.Name] {
			c.duplicate(at.Child("name"), claim.Name)
		} else {
			c.dnsLabel(at.Child("name"), claim.Name)
			seen[claim.Name] = true
		}
		switch {
		case claim.ResourceClaimName != nil && claim.ResourceClaimTemplateName != nil:
			c.invalid(at, inner{claim}, "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified")
		case claim.ResourceClaimName == nil && claim.ResourceClaimTemplateName == nil:
			c.invalid(at, inner{claim}, "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`")
		}
		if n := claim.ResourceClaimName; n != nil {
			c.invalids(at.Child("resourceClaimName"), *n, subdomainName(*n))
		}
		if n := claim.ResourceClaimTemplateName; n != nil {
			c.invalids(at.Child("resourceClaimTemplateName"), *n, subdomainName(*n))
		}
	}
}

// podResources are those of the pod as a whole: not below the sum of its containers.
func (c *podCheck) podResources(p *field.Path) {
	r := c.spec.Resources
	if r == nil {
		return
	}
	at := p.Child("resources")
	if c.spec.OS != nil && c.spec.OS.Name == corev1.Windows {
		c.forbidden(at, "may not be set for a windows pod")
		return
	}
	if r.Claims != nil {
		c.forbidden(at.Child("claims"), "claims may not be set for Resources at pod-level")
	}
	c.resources(at, r, podResource)
	sum := resourcehelper.AggregateContainerRequests(&corev1.Pod{Spec: *c.spec}, resourcehelper.PodResourcesOptions{})
	for _, n := range sorted(sum) {
		have, total := r.Requests[n], sum[n]
		if _, ok := r.Requests[n]; ok && total.Cmp(have) > 0 {
			c.invalid(at.Child("requests").Key(string(n)), have.String(), fmt.Sprintf("must be greater than or equal to aggregate container requests of %s", total.String()))
		}
	}
	for i, ctr := range c.spec.Containers {
		for _, n := range sorted(ctr.Resources.Limits) {
			most, limit := r.Limits[n], ctr.Resources.Limits[n]
			if _, ok := r.Limits[n]; ok && limit.Cmp(most) > 0 {
				c.invalid(at.Child("containers").Index(i).Key(string(n)).Child("limits"), limit.String(), fmt.Sprintf("must be less than or equal to pod limits of %s", most.String()))
			}
		}
	}
}
