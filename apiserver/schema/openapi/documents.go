package openapi

import (
	"bytes"
	"crypto/sha512"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
)

//go:embed schemas.gz
var schemasFile []byte

// Documents are the OpenAPI documents of an API server. They are built when they are first asked
// for and then kept; all methods may be called at once.
type Documents struct {
	version   string // of Kubernetes, such as 1.36
	resources []Resource
	kinds     map[string][]runtimeschema.GroupVersionKind // by schema name
	names     map[runtimeschema.GroupVersionKind]string

	schemas func() (map[string][]byte, error)
	v3      func() (*v3Documents, error)
	v2      func() (document, error)
}

// document is one in JSON, with the hash of it, and as a protobuf message.
type document struct {
	body  []byte
	hash  string
	proto func() ([]byte, error)
}

// newDocument makes the message when it is first asked for.
func newDocument(body []byte, message func(text []byte) ([]byte, error)) document {
	return document{body: body, hash: hash(body), proto: sync.OnceValues(func() ([]byte, error) { return message(body) })}
}

// New returns the documents of resources, of a version of Kubernetes. Kinds says which kinds a schema describes, by its name;
// a resource whose kind has no schema is left out.
func New(version string, resources []Resource, kinds map[string][]runtimeschema.GroupVersionKind) *Documents {
	d := &Documents{version: version, kinds: kinds, names: map[runtimeschema.GroupVersionKind]string{}}
	for name, list := range kinds {
		for _, kind := range list {
			d.names[kind] = name
		}
	}
	for _, r := range resources {
		if d.names[r.kind()] != "" {
			d.resources = append(d.resources, r)
		}
	}
	d.schemas = sync.OnceValues(d.readSchemas)
	d.v3 = sync.OnceValues(d.buildV3)
	d.v2 = sync.OnceValues(d.buildV2)
	return d
}

// readSchemas returns all schemas in JSON by name, each with the kinds it describes.
func (d *Documents) readSchemas() (map[string][]byte, error) {
	schemas := map[string][]byte{}
	err := readLines(schemasFile, func(name string, text []byte) error {
		kinds := d.kinds[name]
		if len(kinds) == 0 {
			schemas[name] = bytes.Clone(text)
			return nil
		}
		list := make([]map[string]string, 0, len(kinds))
		for _, k := range kinds {
			list = append(list, map[string]string{"group": k.Group, "version": k.Version, "kind": k.Kind})
		}
		slices.SortFunc(list, func(a, b map[string]string) int {
			return strings.Compare(a["group"]+"/"+a["version"]+"/"+a["kind"], b["group"]+"/"+b["version"]+"/"+b["kind"])
		})
		extension, err := json.Marshal(list)
		if err != nil {
			return err
		}
		out := append(bytes.Clone(text[:len(text)-1]), `,"x-kubernetes-group-version-kind":`...)
		schemas[name] = append(append(out, extension...), '}')
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("the embedded schemas are damaged: %w", err)
	}
	return schemas, nil
}

// closure returns the names of roots and of all schemas they refer to, sorted.
func closure(schemas map[string][]byte, roots []string) []string {
	found := map[string]bool{}
	for len(roots) > 0 {
		name := roots[len(roots)-1]
		roots = roots[:len(roots)-1]
		if found[name] || schemas[name] == nil {
			continue
		}
		found[name] = true
		for rest := schemas[name]; ; {
			_, after, ok := bytes.Cut(rest, []byte(`"$ref":"#/components/schemas/`))
			if !ok {
				break
			}
			end := bytes.IndexByte(after, '"')
			roots = append(roots, string(after[:end]))
			rest = after[end:]
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// hash is how a document is known to caches.
func hash(document []byte) string {
	return fmt.Sprintf("%X", sha512.Sum512(document))
}

// types returns the names of the schemas that operations mention.
func types(items []pathItem) (names []string) {
	for _, item := range items {
		for _, o := range item.operations {
			names = append(names, o.body, o.answer)
		}
	}
	return names
}
