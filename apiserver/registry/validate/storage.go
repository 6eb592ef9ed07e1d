package validate

import (
	"fmt"
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/diff"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func accessModes(r *report, p *field.Path, list []corev1.PersistentVolumeAccessMode) {
	alone, shared := false, false
	for _, m := range list {
		switch m {
		case corev1.ReadWriteOncePod:
			alone = true
		case corev1.ReadOnlyMany, corev1.ReadWriteMany, corev1.ReadWriteOnce:
			shared = true
		default:
			oneOf(r, p, m, corev1.ReadOnlyMany, corev1.ReadWriteMany, corev1.ReadWriteOnce, corev1.ReadWriteOncePod)
		}
	}
	if alone && shared {
		r.forbidden(p, "may not use ReadWriteOncePod with other access modes")
	}
}

func claimSpec(r *report, p *field.Path, s *corev1.PersistentVolumeClaimSpec) {
	if len(s.AccessModes) == 0 {
		r.required(p.Child("accessModes"), "at least 1 access mode is required")
	}
	if s.Selector != nil {
		r.selector(p.Child("selector"), s.Selector)
	}
	accessModes(r, p.Child("accessModes"), s.AccessModes)
	at := p.Child("resources").Key(string(corev1.ResourceStorage))
	size, ok := s.Resources.Requests[corev1.ResourceStorage]
	switch {
	case !ok:
		r.required(at, "")
	case size.Sign() <= 0:
		r.invalid(at, size.String(), "must be greater than zero")
	}
	if n := s.StorageClassName; n != nil && *n != "" {
		r.invalids(p.Child("storageClassName"), *n, subdomainName(*n))
	}
	if s.VolumeMode != nil {
		oneOf(r, p.Child("volumeMode"), *s.VolumeMode, corev1.PersistentVolumeBlock, corev1.PersistentVolumeFilesystem)
	}
	if d := s.DataSource; d != nil {
		dataSource(r, p.Child("dataSource"), d.APIGroup, d.Kind, d.Name)
	}
	if d := s.DataSourceRef; d != nil {
		dataSource(r, p.Child("dataSourceRef"), d.APIGroup, d.Kind, d.Name)
		if n := d.Namespace; n != nil && *n != "" {
			r.dnsLabel(p.Child("dataSourceRef", "namespace"), *n)
		}
	}
	// The value of these two is an empty object: the real server hands a path where a value belongs.
	switch a, b := s.DataSource, s.DataSourceRef; {
	case a == nil || b == nil:
	case b.Namespace != nil && *b.Namespace != "":
		r.invalid(p, struct{}{}, "may not be specified when dataSourceRef.namespace is specified")
	case a.Kind != b.Kind || a.Name != b.Name || !equality.Semantic.DeepEqual(a.APIGroup, b.APIGroup):
		r.invalid(p, struct{}{}, "must match dataSourceRef")
	}
	if n := s.VolumeAttributesClassName; n != nil && *n != "" {
		r.invalids(p.Child("volumeAttributesClassName"), *n, subdomainName(*n))
	}
}

func dataSource(r *report, p *field.Path, group *string, kind, name string) {
	if name == "" {
		r.required(p.Child("name"), "")
	}
	if kind == "" {
		r.required(p.Child("kind"), "")
	}
	if group == nil || *group == "" {
		if kind != "PersistentVolumeClaim" {
			r.invalid(p, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup")
		}
		return
	}
	r.dnsSubdomain(p.Child("apiGroup"), *group)
}

// updateClaim: a claim is fixed, but may be bound once and, bound, grow.
func updateClaim(r *report, c, old *corev1.PersistentVolumeClaim) {
	r.metaUpdate(&c.ObjectMeta, &old.ObjectMeta)
	r.meta(&c.ObjectMeta, true, subdomainName)
	claimSpec(r, field.NewPath("spec"), &c.Spec)
	now, was := c.Spec.DeepCopy(), old.Spec.DeepCopy()
	if was.VolumeName == "" {
		was.VolumeName = now.VolumeName
	}
	const annotation = corev1.BetaStorageClassAnnotation
	if a, b := c.Annotations[annotation], old.Annotations[annotation]; a != b {
		r.invalid(metadata.Child("annotations", annotation), a, "field is immutable")
	}
	if was.StorageClassName == nil && now.StorageClassName != nil {
		now.StorageClassName = nil // a default that came later
	}
	if c.Status.Phase == corev1.ClaimBound {
		if now.Resources.Requests != nil {
			now.Resources.Requests[corev1.ResourceStorage] = was.Resources.Requests[corev1.ResourceStorage]
		}
		now.VolumeAttributesClassName = was.VolumeAttributesClassName
	}
	if !equality.Semantic.DeepEqual(*now, *was) {
		r.forbidden(field.NewPath("spec"), fmt.Sprintf("spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n%v", diff.Diff(inner{*was}, inner{*now})))
	}
	size, before := c.Spec.Resources.Requests[corev1.ResourceStorage], old.Spec.Resources.Requests[corev1.ResourceStorage]
	if have := old.Status.Capacity[corev1.ResourceStorage]; size.Cmp(before) < 0 && size.Cmp(have) <= 0 {
		r.forbidden(field.NewPath("spec", "resources", "requests", "storage"), "field can not be less than status.capacity")
	}
	r.immutable(field.NewPath("volumeMode"), c.Spec.VolumeMode, old.Spec.VolumeMode)
}

var resizeStates = []corev1.ClaimResourceStatus{
	corev1.PersistentVolumeClaimControllerResizeInProgress, corev1.PersistentVolumeClaimControllerResizeInfeasible,
	corev1.PersistentVolumeClaimNodeResizeInProgress, corev1.PersistentVolumeClaimNodeResizeInfeasible, corev1.PersistentVolumeClaimNodeResizePending,
}

// claimStatus: what a claim has got, and how far its growing is.
func claimStatus(r *report, s *corev1.PersistentVolumeClaimStatus) {
	sign := func(p *field.Path, q resource.Quantity) bool {
		if q.Value() >= 0 {
			return true
		}
		r.invalid(p, q.Value(), "must be a valid resource quantity")
		return false
	}
	capacity := field.NewPath("status", "capacity")
	for _, k := range sorted(s.Capacity) {
		sign(capacity.Key(string(k)), s.Capacity[k])
	}
	states := field.NewPath("status", "allocatedResourceStatuses")
	for _, k := range sorted(s.AllocatedResourceStatuses) {
		claimResource(r, states, k)
		if !slices.Contains(resizeStates, s.AllocatedResourceStatuses[k]) {
			r.list = append(r.list, field.NotSupported(states, k, resizeStates)) // the value shown is the key, as in the real server
		}
	}
	allocated := field.NewPath("status", "allocatedResources")
	for _, k := range sorted(s.AllocatedResources) {
		if q := s.AllocatedResources[k]; claimResource(r, allocated, k) && sign(allocated.Key(string(k)), q) {
			r.quantity(allocated.Key(string(k)), corev1.ResourceStorage, q)
		}
	}
}

// claimResource: of the resources without a domain a claim has storage alone.
func claimResource(r *report, p *field.Path, n corev1.ResourceName) bool {
	if wrong := validation.IsQualifiedName(string(n)); len(wrong) > 0 {
		r.invalids(p, n, wrong)
		return false
	}
	if native := !strings.Contains(string(n), "/") || strings.Contains(string(n), corev1.ResourceDefaultNamespacePrefix); native && n != corev1.ResourceStorage {
		r.list = append(r.list, field.NotSupported(p, n, []corev1.ResourceName{corev1.ResourceStorage}))
		return false
	}
	return true
}

func persistentVolume(r *report, v *corev1.PersistentVolume) {
	r.meta(&v.ObjectMeta, false, subdomainName)
	s, p := &v.Spec, field.NewPath("spec")
	if len(s.AccessModes) == 0 {
		r.required(p.Child("accessModes"), "")
	}
	accessModes(r, p.Child("accessModes"), s.AccessModes)
	at := p.Child("capacity")
	if len(s.Capacity) == 0 {
		r.required(at, "")
	}
	if _, ok := s.Capacity[corev1.ResourceStorage]; !ok || len(s.Capacity) > 1 {
		r.list = append(r.list, field.NotSupported(at, s.Capacity, []corev1.ResourceName{corev1.ResourceStorage}))
	}
	for _, k := range sorted(s.Capacity) {
		q := s.Capacity[k]
		if q.Sign() < 0 {
			r.invalid(at.Key(string(k)), q.Value(), "must be a valid resource quantity")
		}
		if q.Sign() <= 0 {
			r.invalid(at.Key(string(k)), q.String(), "must be greater than zero")
		}
	}
	if s.PersistentVolumeReclaimPolicy != "" {
		oneOf(r, p.Child("persistentVolumeReclaimPolicy"), s.PersistentVolumeReclaimPolicy,
			corev1.PersistentVolumeReclaimDelete, corev1.PersistentVolumeReclaimRecycle, corev1.PersistentVolumeReclaimRetain)
	}
	if a := s.NodeAffinity; a != nil {
		if a.Required == nil {
			r.required(p.Child("nodeAffinity", "required"), "must specify required node constraints")
		} else {
			nodeSelector(r, p.Child("nodeAffinity", "required"), a.Required)
		}
	}
	volumeSource(r, p, s)
	if s.StorageClassName != "" {
		r.invalids(p.Child("storageClassName"), s.StorageClassName, subdomainName(s.StorageClassName))
	}
	if s.VolumeMode != nil {
		oneOf(r, p.Child("volumeMode"), *s.VolumeMode, corev1.PersistentVolumeBlock, corev1.PersistentVolumeFilesystem)
	}
	if n := s.VolumeAttributesClassName; n != nil {
		at := p.Child("volumeAttributesClassName")
		if *n == "" {
			r.required(at, "an empty string is disallowed")
		} else {
			r.invalids(at, *n, subdomainName(*n))
		}
		if s.CSI == nil {
			r.required(p.Child("csi"), "has to be specified when using volumeAttributesClassName")
		}
	}
}

func volumeSource(r *report, p *field.Path, s *corev1.PersistentVolumeSpec) {
	kinds := sourceKinds(s.PersistentVolumeSource)
	if len(kinds) == 0 {
		r.required(p, "must specify a volume type")
		return
	}
	for _, k := range kinds[1:] {
		if k == "flexVolume" { // the real server counts it and does not mind
			flexVolume(r, p.Child(k), s.FlexVolume)
			continue
		}
		r.forbidden(p.Child(refusedName(k)), "may not specify more than 1 volume type")
	}
	at := p.Child(kinds[0])
	switch kinds[0] {
	case "hostPath":
		r.hostPath(at, s.HostPath)
		if path.Clean(s.HostPath.Path) == "/" && s.PersistentVolumeReclaimPolicy == corev1.PersistentVolumeReclaimRecycle {
			r.forbidden(p.Child("persistentVolumeReclaimPolicy"), "may not be 'recycle' for a hostPath mount of '/'")
		}
	case "nfs":
		r.nfs(at, s.NFS)
	case "flexVolume":
		flexVolume(r, at, s.FlexVolume)
	case "local":
		if s.Local.Path == "" {
			r.required(at.Child("path"), "")
		} else {
			r.noBackstep(at.Child("path"), s.Local.Path)
		}
		if s.NodeAffinity == nil {
			r.required(p.Child("nodeAffinity"), "Local volume requires node affinity")
		}
	case "csi":
		r.driverName(at.Child("driver"), s.CSI.Driver)
		if s.CSI.VolumeHandle == "" {
			r.required(at.Child("volumeHandle"), "")
		}
		for _, ref := range []struct {
			name string
			*corev1.SecretReference
		}{
			{"controllerPublishSecretRef", s.CSI.ControllerPublishSecretRef}, {"controllerExpandSecretRef", s.CSI.ControllerExpandSecretRef},
			{"nodePublishSecretRef", s.CSI.NodePublishSecretRef}, {"nodeExpandSecretRef", s.CSI.NodeExpandSecretRef},
		} {
			if ref.SecretReference != nil {
				secretReference(r, at.Child(ref.name), ref.SecretReference)
			}
		}
	}
}

func flexVolume(r *report, p *field.Path, s *corev1.FlexPersistentVolumeSource) {
	if s.Driver == "" {
		r.required(p.Child("driver"), "")
	}
	r.flexOptions(p.Child("options"), s.Options)
}

func secretReference(r *report, p *field.Path, ref *corev1.SecretReference) {
	if ref.Name == "" {
		r.required(p.Child("name"), "")
	} else {
		r.dnsSubdomain(p.Child("name"), ref.Name)
	}
	if ref.Namespace == "" {
		r.required(p.Child("namespace"), "")
	} else {
		r.dnsLabel(p.Child("namespace"), ref.Namespace)
	}
}

func updateVolume(r *report, v, old *corev1.PersistentVolume) {
	persistentVolume(r, v)
	persistentVolume(r, v) // as in the real server
	if was, is := old.Spec.PersistentVolumeSource, v.Spec.PersistentVolumeSource; !equality.Semantic.DeepEqual(is, was) {
		r.forbidden(field.NewPath("spec", "persistentvolumesource"), fmt.Sprintf("spec.persistentvolumesource is immutable after creation\n%v", diff.Diff(inner{was}, inner{is})))
	}
	r.immutable(field.NewPath("volumeMode"), v.Spec.VolumeMode, old.Spec.VolumeMode)
	if old.Spec.NodeAffinity != nil {
		if now, was := v.Spec.NodeAffinity, old.Spec.NodeAffinity; !equality.Semantic.DeepEqual(now, was) {
			r.invalid(field.NewPath("nodeAffinity"), inner{now}, "field is immutable, except for updating from beta label to GA")
		}
	}
}

// Sizes of a class's parameters.
const (
	mostParameters     = 512
	mostParameterBytes = 256 << 10
)

func storageClass(r *report, c *storagev1.StorageClass) {
	r.meta(&c.ObjectMeta, false, subdomainName)
	if c.Provisioner == "" {
		r.required(field.NewPath("provisioner"), "")
	} else {
		r.qualified(field.NewPath("provisioner"), strings.ToLower(c.Provisioner))
	}
	if len(c.Parameters) > mostParameters {
		r.tooLong(field.NewPath("parameters"), mostParameters)
	} else {
		size := 0
		for _, k := range sorted(c.Parameters) {
			if k == "" {
				r.invalid(field.NewPath("parameters"), k, "field can not be empty.")
			}
			size += len(k) + len(c.Parameters[k])
		}
		if size > mostParameterBytes {
			r.tooLong(field.NewPath("parameters"), mostParameterBytes)
		}
	}
	if c.ReclaimPolicy != nil && *c.ReclaimPolicy != "" {
		oneOf(r, field.NewPath("reclaimPolicy"), *c.ReclaimPolicy, corev1.PersistentVolumeReclaimDelete, corev1.PersistentVolumeReclaimRetain)
	}
	if c.VolumeBindingMode == nil {
		r.required(field.NewPath("volumeBindingMode"), "")
	} else {
		oneOf(r, field.NewPath("volumeBindingMode"), *c.VolumeBindingMode, storagev1.VolumeBindingImmediate, storagev1.VolumeBindingWaitForFirstConsumer)
	}
	topologies(r, field.NewPath("allowedTopologies"), c.AllowedTopologies)
}

// topologies: each key once in a term, each term once in the list. An empty term counts as a double of none.
func topologies(r *report, p *field.Path, list []corev1.TopologySelectorTerm) {
	terms := []map[string]map[string]bool{}
	for i, t := range list {
		at := p.Index(i).Child("matchLabelExpressions")
		term := map[string]map[string]bool{}
		for j, e := range t.MatchLabelExpressions {
			values := map[string]bool{}
			if len(e.Values) == 0 {
				r.required(at.Index(j).Child("values"), "")
			}
			for k, v := range e.Values {
				if values[v] {
					r.duplicate(at.Index(j).Child("values").Index(k), v)
				}
				values[v] = true
			}
			r.labelKey(at.Index(j).Child("key"), e.Key)
			if _, ok := term[e.Key]; ok {
				r.duplicate(at.Index(j).Child("key"), e.Key)
			}
			term[e.Key] = values
		}
		for range list {
			if len(term) == 0 {
				r.duplicate(at, "")
			}
		}
		for _, other := range terms {
			if equality.Semantic.DeepEqual(term, other) {
				r.duplicate(at, "")
			}
		}
		terms = append(terms, term)
	}
}

func updateStorageClass(r *report, c, old *storagev1.StorageClass) {
	r.metaUpdate(&c.ObjectMeta, &old.ObjectMeta)
	r.immutable(field.NewPath("parameters"), c.Parameters, old.Parameters)
	r.immutable(field.NewPath("provisioner"), c.Provisioner, old.Provisioner)
	r.immutable(field.NewPath("reclaimPolicy"), c.ReclaimPolicy, old.ReclaimPolicy)
	r.immutable(field.NewPath("volumeBindingMode"), c.VolumeBindingMode, old.VolumeBindingMode)
}
