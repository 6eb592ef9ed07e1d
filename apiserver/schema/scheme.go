package schema

import (
	"sync"

	apidiscoveryv2 "k8s.io/api/apidiscovery/v2"
	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	eventsv1 "k8s.io/api/events/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
)

// Scheme returns the scheme of every served group-version, the option types of requests (GetOptions,
// DeleteOptions, ...), Status, Table and PartialObjectMetadata, and the discovery documents. It is
// built once and must not be changed by the caller.
func Scheme() *runtime.Scheme { return scheme() }

var scheme = sync.OnceValue(newScheme)

func newScheme() *runtime.Scheme {
	s := runtime.NewScheme()
	builder := runtime.NewSchemeBuilder(
		corev1.AddToScheme,
		appsv1.AddToScheme,
		batchv1.AddToScheme,
		rbacv1.AddToScheme,
		authenticationv1.AddToScheme,
		authorizationv1.AddToScheme,
		coordinationv1.AddToScheme,
		certificatesv1.AddToScheme,
		eventsv1.AddToScheme,
		policyv1.AddToScheme,
		networkingv1.AddToScheme,
		storagev1.AddToScheme,
		schedulingv1.AddToScheme,
		autoscalingv1.AddToScheme,
		autoscalingv2.AddToScheme,
		discoveryv1.AddToScheme,
		apidiscoveryv2.AddToScheme,
		metav1.AddMetaToScheme,
	)
	if err := builder.AddToScheme(s); err != nil {
		panic("schema: cannot build the scheme: " + err.Error()) // two packages of k8s.io/api claim one kind: a build mistake
	}
	// Status, APIVersions and the others belong to no group; they are written with apiVersion v1.
	metav1.AddToGroupVersion(s, runtimeschema.GroupVersion{Version: "v1"})
	metav1.AddToGroupVersion(s, metav1.SchemeGroupVersion)
	// Evictions are taken in their beta version too, which has the same fields.
	s.AddKnownTypeWithName(runtimeschema.GroupVersion{Group: policyv1.GroupName, Version: "v1beta1"}.WithKind("Eviction"), &policyv1.Eviction{})
	return s
}

// internalPackages are the names of the packages in which the reference server keeps its internal
// form of a group where they differ from the first label of the group's name. They show up in one
// error text (API-70).
var internalPackages = map[string]string{
	"":              "core",
	"events.k8s.io": "core",
}
