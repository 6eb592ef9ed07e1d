package reviews

import (
	"errors"
	"fmt"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/kubemint/kubemint/apiserver/authz"
	"github.com/kubemint/kubemint/apiserver/request"
)

// Access answers the reviews of authorization.k8s.io/v1: may somebody, may I, what may I (SAR-1 to SAR-16). Nothing is
// stored; the object that was sent comes back with its status filled in.
type Access struct {
	Authorizer *authz.Authorizer
}

// Create answers a review of any of the four kinds, sent by user. namespace is that of the URL, "" for the cluster. The
// object is changed and returned. Errors are *apierrors.StatusError: 422 for a spec that contradicts itself, 400 for one
// that does not fit the request.
func (x Access) Create(user *request.User, namespace string, obj runtime.Object) (runtime.Object, error) {
	switch o := obj.(type) {
	case *authorizationv1.SubjectAccessReview:
		return o, x.Subject(o)
	case *authorizationv1.LocalSubjectAccessReview:
		return o, x.Local(o, namespace)
	case *authorizationv1.SelfSubjectAccessReview:
		return o, x.Self(o, user)
	case *authorizationv1.SelfSubjectRulesReview:
		return o, x.SelfRules(o, user)
	}
	return nil, apierrors.NewBadRequest(fmt.Sprintf("not an access review: %T", obj))
}

// Subject answers whether the user and groups of the spec, taken verbatim, may (SAR-8).
func (x Access) Subject(r *authorizationv1.SubjectAccessReview) error {
	errs := validateSpec(&r.Spec)
	errs = append(errs, validateMeta(r.ObjectMeta, false)...)
	if err := invalid(errs); err != nil {
		return err
	}
	r.Status = x.answer(specUser(&r.Spec), r.Spec.ResourceAttributes, r.Spec.NonResourceAttributes)
	return nil
}

// Local is Subject within one namespace (SAR-7).
func (x Access) Local(r *authorizationv1.LocalSubjectAccessReview, namespace string) error {
	errs := validateSpec(&r.Spec)
	errs = append(errs, validateMeta(r.ObjectMeta, true)...)
	if res := r.Spec.ResourceAttributes; res != nil && res.Namespace != r.Namespace {
		errs = append(errs, field.Invalid(field.NewPath("spec.resourceAttributes.namespace"), res.Namespace, "must match metadata.namespace"))
	}
	if non := r.Spec.NonResourceAttributes; non != nil {
		errs = append(errs, field.Invalid(field.NewPath("spec.nonResourceAttributes"), printed(non), "disallowed on this kind of request"))
	}
	if err := invalid(errs); err != nil {
		return err
	}
	if namespace == "" {
		return apierrors.NewBadRequest("namespace is required on this type: ")
	}
	if namespace != r.Namespace {
		return apierrors.NewBadRequest("spec.resourceAttributes.namespace must match namespace: " + namespace)
	}
	r.Status = x.answer(specUser(&r.Spec), r.Spec.ResourceAttributes, r.Spec.NonResourceAttributes)
	return nil
}

// Self answers whether the sender may, under the identity that authentication and impersonation gave them (SAR-9).
func (x Access) Self(r *authorizationv1.SelfSubjectAccessReview, user *request.User) error {
	errs := validateAttributes(r.Spec.ResourceAttributes, r.Spec.NonResourceAttributes)
	errs = append(errs, validateSelectors(r.Spec.ResourceAttributes)...)
	errs = append(errs, validateMeta(r.ObjectMeta, false)...)
	if err := invalid(errs); err != nil {
		return err
	}
	if user == nil {
		return apierrors.NewBadRequest("no user present on request")
	}
	r.Status = x.answer(user, r.Spec.ResourceAttributes, r.Spec.NonResourceAttributes)
	return nil
}

// SelfRules lists what the sender may do in a namespace (SAR-14 to SAR-16). The spec is empty in the answer.
func (x Access) SelfRules(r *authorizationv1.SelfSubjectRulesReview, user *request.User) error {
	if user == nil {
		return apierrors.NewBadRequest("no user present on request")
	}
	if r.Spec.Namespace == "" {
		return apierrors.NewBadRequest("no namespace on request")
	}
	rules := x.Authorizer.RulesFor(user, r.Spec.Namespace)
	*r = authorizationv1.SelfSubjectRulesReview{TypeMeta: r.TypeMeta, Status: authorizationv1.SubjectRulesReviewStatus{
		ResourceRules: []authorizationv1.ResourceRule{}, NonResourceRules: []authorizationv1.NonResourceRule{}, Incomplete: rules.Incomplete,
	}}
	if len(rules.Errors) > 0 {
		r.Status.EvaluationError = joined(rules.Errors)
	}
	for i := range rules.Rules {
		r.Status.ResourceRules, r.Status.NonResourceRules = appendRule(r.Status.ResourceRules, r.Status.NonResourceRules, &rules.Rules[i])
	}
	return nil
}

func appendRule(resources []authorizationv1.ResourceRule, urls []authorizationv1.NonResourceRule, rule *rbacv1.PolicyRule) ([]authorizationv1.ResourceRule, []authorizationv1.NonResourceRule) {
	if len(rule.Resources) > 0 {
		resources = append(resources, authorizationv1.ResourceRule{
			Verbs: rule.Verbs, APIGroups: rule.APIGroups, Resources: rule.Resources, ResourceNames: rule.ResourceNames})
	}
	if len(rule.NonResourceURLs) > 0 {
		urls = append(urls, authorizationv1.NonResourceRule{Verbs: rule.Verbs, NonResourceURLs: rule.NonResourceURLs})
	}
	return resources, urls
}

// specUser is the identity a spec describes; nothing is added to it (SAR-8).
func specUser(spec *authorizationv1.SubjectAccessReviewSpec) *request.User {
	u := &request.User{Name: spec.User, UID: spec.UID, Groups: spec.Groups}
	if len(spec.Extra) > 0 {
		u.Extra = make(map[string][]string, len(spec.Extra))
		for key, values := range spec.Extra {
			u.Extra[key] = values
		}
	}
	return u
}

// answer puts the question to the whole chain of authorizers (SAR-3, SAR-4).
func (x Access) answer(user *request.User, res *authorizationv1.ResourceAttributes, non *authorizationv1.NonResourceAttributes) authorizationv1.SubjectAccessReviewStatus {
	a := authz.Attributes{User: user}
	var problems []error
	if res != nil {
		a.IsResource = true
		a.Verb, a.Group, a.Version, a.Resource, a.Subresource = res.Verb, res.Group, res.Version, res.Resource, res.Subresource
		a.Namespace, a.Name = res.Namespace, res.Name
		if a.Version == "" {
			a.Version = "*"
		}
		a.Fields, problems = selectors(res)
	} else {
		a.Verb, a.Path = non.Verb, non.Path
	}
	d := x.Authorizer.Authorize(a)
	if d.Err != nil {
		problems = append([]error{d.Err}, problems...)
	}
	return authorizationv1.SubjectAccessReviewStatus{Allowed: d.Allowed, Reason: d.Reason, EvaluationError: joined(problems)}
}

// joined words several errors as an aggregate does.
func joined(errs []error) string {
	switch len(errs) {
	case 0:
		return ""
	case 1:
		return errs[0].Error()
	}
	var texts []string
	seen := map[string]bool{}
	for _, err := range errs {
		if text := err.Error(); !seen[text] {
			seen[text] = true
			texts = append(texts, text)
		}
	}
	if len(texts) == 1 {
		return texts[0]
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// invalid is the refusal of a review. As in a real server it does not say of which kind.
func invalid(errs field.ErrorList) error {
	if len(errs) == 0 {
		return nil
	}
	return apierrors.NewInvalid(schema.GroupKind{Group: authorizationv1.GroupName}, "", errs)
}

var errUnparsed = errors.New("ignored due to parse error")
