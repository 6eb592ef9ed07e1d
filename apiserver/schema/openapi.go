package schema

import (
	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubemint/kubemint/apiserver/schema/openapi"
)

// OpenAPI answers /openapi/v2 and /openapi/v3 (API-35 to API-44).
type OpenAPI = openapi.Documents

// NewOpenAPI returns the documents of the served resources, which say that they are of a version of Kubernetes, such as 1.36. It is quick: documents are built when
// they are first asked for.
func NewOpenAPI(version string, resources []openapi.Resource) *OpenAPI {
	kinds := map[string][]runtimeschema.GroupVersionKind{}
	for kind := range Scheme().AllKnownTypes() {
		if kind.Version == "__internal" {
			continue
		}
		if name, err := Scheme().ToOpenAPIDefinitionName(kind); err == nil {
			kinds[name] = append(kinds[name], kind)
		}
	}
	return openapi.New(version, resources, kinds)
}
