// Command gen writes the two documents that package openapi embeds, from the Go code that openapi-gen
// derives from the sources of k8s.io/api and k8s.io/apimachinery:
//
//   - schemas.gz: a line per type, its name, a tab and its OpenAPI v3 schema;
//   - fields.gz: a line per type, its name, a tab and what server-side apply must know of it (which
//     fields there are, which lists are merged and by what keys).
//
// It is a module of its own, so that nothing it needs weighs on kubemint. Run it by `go generate` in
// the package openapi.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/kube-openapi/pkg/builder3"
	"k8s.io/kube-openapi/pkg/common"
	"k8s.io/kube-openapi/pkg/schemaconv"
	"k8s.io/kube-openapi/pkg/validation/spec"
	"sigs.k8s.io/structured-merge-diff/v6/schema"

	"github.com/kubemint/kubemint/apiserver/schema/openapi/gen/definitions"
)

func main() {
	out := flag.String("out", "..", "directory to write to")
	flag.Parse()
	if err := run(*out); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(out string) error {
	schemas, err := build()
	if err != nil {
		return err
	}
	lines := map[string]any{}
	for name, s := range schemas {
		lines[name] = s
	}
	if err := write(filepath.Join(out, "schemas.gz"), lines); err != nil {
		return err
	}

	fields, err := schemaconv.ToSchemaFromOpenAPI(schemas, false)
	if err != nil {
		return err
	}
	clear(lines)
	for _, t := range fields.Types {
		lines[t.Name] = atom(t.Atom)
	}
	return write(filepath.Join(out, "fields.gz"), lines)
}

// served are the types a document may begin with, by package. What they refer to comes along.
var served = map[string]string{
	"io.k8s.api.core.v1": "Namespace ServiceAccount Pod PodTemplate Secret ConfigMap Node Event Service Endpoints Binding " +
		"PersistentVolumeClaim PersistentVolume ResourceQuota LimitRange ReplicationController",
	"io.k8s.api.apps.v1":           "Deployment ReplicaSet StatefulSet DaemonSet ControllerRevision",
	"io.k8s.api.batch.v1":          "Job CronJob",
	"io.k8s.api.rbac.v1":           "Role ClusterRole RoleBinding ClusterRoleBinding",
	"io.k8s.api.authentication.v1": "TokenRequest TokenReview SelfSubjectReview",
	"io.k8s.api.authorization.v1":  "SubjectAccessReview SelfSubjectAccessReview LocalSubjectAccessReview SelfSubjectRulesReview",
	"io.k8s.api.coordination.v1":   "Lease",
	"io.k8s.api.certificates.v1":   "CertificateSigningRequest",
	"io.k8s.api.events.v1":         "Event",
	"io.k8s.api.policy.v1":         "PodDisruptionBudget Eviction",
	"io.k8s.api.networking.v1":     "Ingress IngressClass NetworkPolicy",
	"io.k8s.api.storage.v1":        "StorageClass",
	"io.k8s.api.scheduling.v1":     "PriorityClass",
	"io.k8s.api.autoscaling.v1":    "HorizontalPodAutoscaler Scale",
	"io.k8s.api.autoscaling.v2":    "HorizontalPodAutoscaler",
	"io.k8s.api.discovery.v1":      "EndpointSlice",

	"io.k8s.apimachinery.pkg.apis.meta.v1": "DeleteOptions Status Patch WatchEvent APIResourceList APIGroup APIGroupList APIVersions",
	"io.k8s.apimachinery.pkg.version":      "Info",
}

// build returns the schemas as an API server serves them: references that have a description or a
// default beside them are wrapped in allOf.
func build() (map[string]*spec.Schema, error) {
	all := definitions.GetOpenAPIDefinitions(func(name string) spec.Ref { return spec.MustCreateRef(name) })
	var roots []string
	for pkg, kinds := range served {
		for kind := range strings.FieldsSeq(kinds) {
			name := pkg + "." + kind
			if _, ok := all[name]; !ok {
				return nil, fmt.Errorf("no type %s", name)
			}
			roots = append(roots, name)
			if _, ok := all[name+"List"]; ok {
				roots = append(roots, name+"List")
			}
		}
	}
	return builder3.BuildOpenAPIDefinitionsForResources(&common.OpenAPIV3Config{
		GetDefinitions:    definitions.GetOpenAPIDefinitions,
		GetDefinitionName: func(name string) (string, spec.Extensions) { return name, nil },
	}, roots...)
}

// write puts a line per entry, by name, into a compressed file that is the same for the same content.
func write(path string, lines map[string]any) error {
	var names []string
	for name := range lines {
		names = append(names, name)
	}
	slices.Sort(names)
	var file bytes.Buffer
	zip, err := gzip.NewWriterLevel(&file, gzip.BestCompression)
	if err != nil {
		return err
	}
	for _, name := range names {
		var line bytes.Buffer
		encoder := json.NewEncoder(&line)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(lines[name]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if _, err := fmt.Fprintf(zip, "%s\t%s", name, &line); err != nil {
			return err
		}
	}
	if err := zip.Close(); err != nil {
		return err
	}
	return os.WriteFile(path, file.Bytes(), 0o644)
}

// The short names below are read back by fields.go of package openapi.

func atom(a schema.Atom) map[string]any {
	out := map[string]any{}
	if a.Scalar != nil {
		out["s"] = *a.Scalar
	}
	if a.List != nil {
		out["l"] = compact(map[string]any{"t": reference(a.List.ElementType), "r": string(a.List.ElementRelationship), "k": a.List.Keys})
	}
	if a.Map != nil {
		m := map[string]any{"t": reference(a.Map.ElementType), "r": string(a.Map.ElementRelationship)}
		if len(a.Map.Fields) > 0 {
			fields := map[string]any{}
			for _, f := range a.Map.Fields {
				field := reference(f.Type)
				if f.Default != nil {
					field["d"] = f.Default
				}
				fields[f.Name] = field
			}
			m["f"] = fields
		}
		out["m"] = compact(m)
	}
	return out
}

func reference(r schema.TypeRef) map[string]any {
	out := atom(r.Inlined)
	if r.NamedType != nil {
		out["n"] = *r.NamedType
	}
	if r.ElementRelationship != nil {
		out["o"] = string(*r.ElementRelationship)
	}
	if r.Nullable {
		out["u"] = true
	}
	return out
}

// compact drops what is empty.
func compact(m map[string]any) map[string]any {
	for k, v := range m {
		switch v := v.(type) {
		case string:
			if v == "" {
				delete(m, k)
			}
		case []string:
			if len(v) == 0 {
				delete(m, k)
			}
		case map[string]any:
			if len(v) == 0 {
				delete(m, k)
			}
		}
	}
	return m
}
