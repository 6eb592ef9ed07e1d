package validate

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/validate/content"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// nameRule says what is wrong with a name (API-205, API-206, VAL-1).
type nameRule func(name string) []string

func subdomainName(name string) []string { return apivalidation.NameIsDNSSubdomain(name, false) }
func labelName(name string) []string     { return apivalidation.NameIsDNSLabel(name, false) }
func segmentName(name string) []string   { return content.IsPathSegmentName(name) }

// longName is subdomainName in the words of a newer library, which counts bytes.
func longName(name string) []string {
	wrong := subdomainName(name)
	for i := range wrong {
		wrong[i] = strings.Replace(wrong[i], "253 characters", "253 bytes", 1)
	}
	return wrong
}

func anyName(string) []string { return nil }

// asPrefix makes a name of the base of generated ones: what follows hides a dash at its end.
func asPrefix(base string) string {
	if len(base) > 1 && strings.HasSuffix(base, "-") {
		return base[:len(base)-2] + "a"
	}
	return base
}

var metadata = field.NewPath("metadata")

// meta checks the metadata of an object as its kind does.
func (r *report) meta(m *metav1.ObjectMeta, namespaced bool, rule nameRule) {
	r.metaCommon(m, namespaced, rule)
	r.finalizerDomains(m.Finalizers)
}

// metaCommon checks the metadata of an object as is done for all kinds.
func (r *report) metaCommon(m *metav1.ObjectMeta, namespaced bool, rule nameRule) {
	if m.GenerateName != "" {
		r.invalids(metadata.Child("generateName"), m.GenerateName, rule(asPrefix(m.GenerateName)))
	}
	if m.GenerateName != "" && m.Name == "" {
		r.list = append(r.list, field.InternalError(metadata.Child("name"), fmt.Errorf("generateName was specified (%q), but no name was generated", m.GenerateName)))
	}
	if m.Name == "" {
		r.required(metadata.Child("name"), "name or generateName is required")
	} else {
		r.invalids(metadata.Child("name"), m.Name, rule(m.Name))
	}
	ns := metadata.Child("namespace")
	switch {
	case namespaced && m.Namespace == "":
		r.required(ns, "")
	case namespaced:
		r.invalids(ns, m.Namespace, apivalidation.ValidateNamespaceName(m.Namespace, false))
	case m.Namespace != "":
		r.forbidden(ns, "not allowed on this type")
	}
	notNegative(r, metadata.Child("generation"), m.Generation)
	r.add(metav1validation.ValidateLabels(m.Labels, metadata.Child("labels")))
	r.add(apivalidation.ValidateAnnotations(m.Annotations, metadata.Child("annotations")))
	r.owners(m.OwnerReferences)
	r.finalizers(m.Finalizers)
	r.add(metav1validation.ValidateManagedFields(m.ManagedFields, metadata.Child("managedFields")))
}

// metaUpdate checks the metadata of an update as the object's kind does (API-80, API-86).
func (r *report) metaUpdate(m, old *metav1.ObjectMeta) {
	r.metaUpdateCommon(m, old)
	r.finalizerDomains(m.Finalizers)
}

// metaUpdateCommon checks the metadata of an update as is done for all kinds.
func (r *report) metaUpdateCommon(m, old *metav1.ObjectMeta) {
	if old.DeletionTimestamp != nil {
		r.add(apivalidation.ValidateNoNewFinalizers(m.Finalizers, old.Finalizers, metadata.Child("finalizers")))
	}
	if m.ResourceVersion == "" {
		r.invalid(metadata.Child("resourceVersion"), m.ResourceVersion, "must be specified for an update")
	}
	if m.Generation < old.Generation {
		r.invalid(metadata.Child("generation"), m.Generation, "must not be decremented")
	}
	r.immutable(metadata.Child("name"), m.Name, old.Name)
	r.immutable(metadata.Child("namespace"), m.Namespace, old.Namespace)
	r.immutable(metadata.Child("uid"), m.UID, old.UID)
	r.immutable(metadata.Child("creationTimestamp"), m.CreationTimestamp, old.CreationTimestamp)
	r.immutable(metadata.Child("deletionTimestamp"), m.DeletionTimestamp, old.DeletionTimestamp)
	r.immutable(metadata.Child("deletionGracePeriodSeconds"), m.DeletionGracePeriodSeconds, old.DeletionGracePeriodSeconds)
	r.add(metav1validation.ValidateLabels(m.Labels, metadata.Child("labels")))
	r.add(apivalidation.ValidateAnnotations(m.Annotations, metadata.Child("annotations")))
	r.owners(m.OwnerReferences)
	r.add(metav1validation.ValidateManagedFields(m.ManagedFields, metadata.Child("managedFields")))
}

// owners checks owner references (API-84). The library of 1.37 words these differently; these are the words of 1.36.
func (r *report) owners(refs []metav1.OwnerReference) {
	p := metadata.Child("ownerReferences")
	controller := ""
	for _, ref := range refs {
		gvk := schema.FromAPIVersionAndKind(ref.APIVersion, ref.Kind)
		if gvk.Version == "" {
			r.invalid(p.Child("apiVersion"), ref.APIVersion, "version must not be empty")
		}
		if ref.Kind == "" {
			r.invalid(p.Child("kind"), ref.Kind, "must not be empty")
		}
		if ref.Name == "" {
			r.invalid(p.Child("name"), ref.Name, "must not be empty")
		}
		if ref.UID == "" {
			r.invalid(p.Child("uid"), ref.UID, "must not be empty")
		}
		if _, banned := apivalidation.BannedOwners[gvk]; banned {
			r.invalid(p, ref, fmt.Sprintf("%s is disallowed from being an owner", gvk))
		}
		if ref.Controller == nil || !*ref.Controller {
			continue
		}
		name := ref.Kind + "/" + ref.Name
		if controller != "" {
			r.invalid(p, refs, fmt.Sprintf("Only one reference can have Controller set to true. Found \"true\" in references for %v and %v", controller, name))
			continue
		}
		controller = name
	}
}

func (r *report) finalizers(list []string) {
	p := metadata.Child("finalizers")
	orphan, foreground := false, false
	for _, f := range list {
		r.qualified(p, f)
		orphan = orphan || f == metav1.FinalizerOrphanDependents
		foreground = foreground || f == metav1.FinalizerDeleteDependents
	}
	if orphan && foreground {
		r.invalid(p, list, fmt.Sprintf("finalizer %s and %s cannot be both set", metav1.FinalizerOrphanDependents, metav1.FinalizerDeleteDependents))
	}
}

// finalizerDomains allows names without a domain to three finalizers only (API-209).
func (r *report) finalizerDomains(list []string) {
	for i, f := range list {
		r.finalizerDomain(metadata.Child("finalizers").Index(i), f)
	}
}

func (r *report) finalizerDomain(p *field.Path, f string) {
	switch {
	case strings.Contains(f, "/"):
	case f == "kubernetes", f == metav1.FinalizerOrphanDependents, f == metav1.FinalizerDeleteDependents:
	default:
		r.invalid(p, f, "name is neither a standard finalizer name nor is it fully qualified")
	}
}

// selector checks a label selector strictly.
func (r *report) selector(p *field.Path, s *metav1.LabelSelector) {
	r.add(metav1validation.ValidateLabelSelector(s, metav1validation.LabelSelectorValidationOptions{}, p))
}

// port checks a port that is a number or a name.
func (r *report) portNumber(p *field.Path, port int32) {
	r.invalids(p, port, validation.IsValidPortNum(int(port)))
}

// annotations checks the keys and the size of annotations (API-85).
func (r *report) annotations(p *field.Path, m map[string]string) {
	r.add(apivalidation.ValidateAnnotations(m, p))
}

// ip and cidr check addresses in the strict form that 1.36 asks for.
func (r *report) ip(p *field.Path, value string) {
	r.add(validation.IsValidIPForLegacyField(p, value, true, nil))
}

func (r *report) cidr(p *field.Path, value string) {
	r.add(validation.IsValidCIDRForLegacyField(p, value, true, nil))
}
