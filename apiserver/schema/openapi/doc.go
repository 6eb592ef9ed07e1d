// Package openapi embeds what openapi-gen says of the served types and builds from it the OpenAPI
// documents of the API server and the type schema of server-side apply.
//
// # Basics
//
//   - [New] takes the list of served resources and returns a [Documents], which answers /openapi/v3,
//     /openapi/v3/{group-version} and /openapi/v2.
//   - [Fields] returns the type schema from which metadata.managedFields are computed.
//
// # Caveats
//
// The embedded files come from the sources of k8s.io/api at the version in go.mod: after changing it,
// run `go generate` here. They hold every type of the served groups; a document shows only what its
// resources refer to.
package openapi

//go:generate go -C gen run k8s.io/kube-openapi/cmd/openapi-gen --output-dir definitions --output-pkg github.com/kubemint/kubemint/apiserver/schema/openapi/gen/definitions --output-file openapi.go --report-filename definitions/violations.txt k8s.io/api/core/v1 k8s.io/api/apps/v1 k8s.io/api/batch/v1 k8s.io/api/rbac/v1 k8s.io/api/authentication/v1 k8s.io/api/authorization/v1 k8s.io/api/coordination/v1 k8s.io/api/certificates/v1 k8s.io/api/events/v1 k8s.io/api/policy/v1 k8s.io/api/networking/v1 k8s.io/api/storage/v1 k8s.io/api/scheduling/v1 k8s.io/api/scheduling/v1alpha3 k8s.io/api/autoscaling/v1 k8s.io/api/autoscaling/v2 k8s.io/api/discovery/v1 k8s.io/apimachinery/pkg/apis/meta/v1 k8s.io/apimachinery/pkg/runtime k8s.io/apimachinery/pkg/version k8s.io/apimachinery/pkg/api/resource k8s.io/apimachinery/pkg/util/intstr
//go:generate go -C gen run . -out ..
