package openapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	openapi_v3 "github.com/google/gnostic-models/openapiv3"
	"google.golang.org/protobuf/proto"
)

// v3Documents are the documents of /openapi/v3 by path.
type v3Documents struct {
	index     []byte
	documents map[string]document
}

// Index returns the document of /openapi/v3: where the others are (API-36).
func (d *Documents) Index() ([]byte, error) {
	all, err := d.v3()
	if err != nil {
		return nil, err
	}
	return all.index, nil
}

// V3 returns the document of a path such as apis/apps/v1 and its hash (API-37), or nil for a path
// that has none. The bytes are shared.
func (d *Documents) V3(path string) (body []byte, hash string, err error) {
	all, err := d.v3()
	if err != nil {
		return nil, "", err
	}
	found := all.documents[path]
	return found.body, found.hash, nil
}

// V3Proto returns the document of a path as a protobuf message (API-37), or nil. The bytes are shared. The first call for a path takes a
// moment.
func (d *Documents) V3Proto(path string) ([]byte, error) {
	all, err := d.v3()
	if err != nil {
		return nil, err
	}
	get := all.documents[path].proto
	if get == nil {
		return nil, nil
	}
	return get()
}

func v3Proto(text []byte) ([]byte, error) {
	message, err := openapi_v3.ParseDocument(text)
	if err != nil {
		return nil, fmt.Errorf("openapi: %w", err)
	}
	return proto.Marshal(message)
}

func (d *Documents) buildV3() (*v3Documents, error) {
	schemas, err := d.schemas()
	if err != nil {
		return nil, fmt.Errorf("openapi: %w", err)
	}
	byPath := map[string][]pathItem{}
	for i := range d.resources {
		r := &d.resources[i]
		byPath[r.path()] = append(byPath[r.path()], r.items(d.name)...)
	}
	for path := range maps.Clone(byPath) {
		byPath[path] = append(byPath[path], discoveryItem(path))
		for parent := path; strings.Contains(parent, "/"); {
			parent = parent[:strings.LastIndexByte(parent, '/')]
			byPath[parent] = []pathItem{discoveryItem(parent)}
		}
	}
	for _, item := range plainItems() {
		byPath[strings.Trim(item.path, "/")] = []pathItem{item}
	}

	out := &v3Documents{documents: map[string]document{}}
	index := map[string]map[string]string{}
	for path, items := range byPath {
		body, err := v3Text(d.version, items, schemas)
		if err != nil {
			return nil, fmt.Errorf("openapi: %s: %w", path, err)
		}
		made := newDocument(body, v3Proto)
		out.documents[path] = made
		index[path] = map[string]string{"serverRelativeURL": "/openapi/v3/" + path + "?hash=" + made.hash}
	}
	out.index, err = json.Marshal(map[string]any{"paths": index})
	return out, err
}

// plainItems are the URLs of documents that are no API objects.
func plainItems() []pathItem {
	item := func(path, id, tag, description, mediaType, answer string) pathItem {
		return pathItem{path: path, operations: []operation{{method: "get", id: id, tag: tag, description: description, answer: answer, produces: []string{mediaType}}}}
	}
	return []pathItem{
		item("/.well-known/openid-configuration/", "getServiceAccountIssuerOpenIDConfiguration", "WellKnown",
			"get service account issuer OpenID configuration, also known as the 'OIDC discovery doc'", "application/json", ""),
		item("/openid/v1/jwks/", "getServiceAccountIssuerOpenIDKeyset", "openid",
			"get service account issuer OpenID JSON Web Key Set (contains public token verification keys)", "application/jwk-set+json", ""),
		item("/version/", "getCodeVersion", "version", "get the version information for this server", "application/json", "io.k8s.apimachinery.pkg.version.Info"),
	}
}

// discoveryItem is the URL that lists what there is below a path.
func discoveryItem(path string) pathItem {
	parts := strings.Split(path, "/")
	o := operation{method: "get", description: "get available resources", tag: parts[0]}
	switch {
	case path == "api", path == "apis":
		o.id, o.description, o.answer = "getAPIVersions", "get available API versions", metaPackage+"APIGroupList"
		if path == "api" {
			o.id, o.tag, o.answer = "getCoreAPIVersions", "core", metaPackage+"APIVersions"
		}
	case parts[0] == "apis" && len(parts) == 2:
		id, tag := titles(parts[1], "")
		o.id, o.tag, o.description, o.answer = "get"+id+"APIGroup", strings.TrimSuffix(tag, "_"), "get information of a group", metaPackage+"APIGroup"
	default:
		group := ""
		if len(parts) == 3 {
			group = parts[1]
		}
		id, tag := titles(group, parts[len(parts)-1])
		o.id, o.tag, o.answer = "get"+id+"APIResources", tag, metaPackage+"APIResourceList"
	}
	return pathItem{path: "/" + path + "/", operations: []operation{o}}
}

// v3Text writes a document. The schemas are taken as they are; decoding them would be most of the work.
func v3Text(version string, items []pathItem, schemas map[string][]byte) ([]byte, error) {
	paths := map[string]any{}
	for _, item := range items {
		paths[item.path] = v3Path(item)
	}
	encoded, err := json.Marshal(paths)
	if err != nil {
		return nil, err
	}
	out := append([]byte(`{"openapi":"3.0.0","info":{"title":"Kubernetes","version":"`+version+`"},"paths":`), encoded...)
	out = append(out, `,"components":{`...)
	used := closure(schemas, types(items))
	if len(used) > 0 {
		out = append(out, `"schemas":{`...)
	}
	for i, name := range used {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, '"')
		out = append(out, name...)
		out = append(out, '"', ':')
		out = append(out, schemas[name]...)
	}
	if len(used) > 0 {
		out = append(out, `},`...)
	}
	out = append(out, `"securitySchemes":{"BearerToken":{"type":"apiKey","description":"Bearer Token authentication","name":"authorization","in":"header"}}}}`...)
	return slices.Clip(out), nil
}

func v3Path(item pathItem) map[string]any {
	out := map[string]any{}
	if parameters := v3PathParameters(item); len(parameters) > 0 {
		out["parameters"] = parameters
	}
	for _, o := range item.operations {
		out[o.method] = v3Operation(o)
	}
	return out
}

func v3Parameter(name, in, kind string) map[string]any {
	p := map[string]any{"name": name, "in": in, "schema": map[string]any{"type": kind, "uniqueItems": true}}
	if in == "path" {
		p["required"] = true
	}
	return p
}

func v3PathParameters(item pathItem) (out []any) {
	if item.name != "" {
		p := v3Parameter("name", "path", "string")
		p["description"] = "name of the " + item.name
		out = append(out, p)
	}
	if item.namespaced {
		p := v3Parameter("namespace", "path", "string")
		p["description"] = "object name and auth scope, such as for teams and projects"
		out = append(out, p)
	}
	return out
}

// The media types of bodies and answers.
var (
	patchTypes  = []string{"application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json"}
	answerTypes = []string{"application/json", "application/vnd.kubernetes.protobuf", "application/yaml"}
)

// content is a schema under each of some media types.
func content(name string, mediaTypes ...string) map[string]any {
	var of any = map[string]any{"type": "string"}
	if name != "" {
		of = map[string]any{"$ref": "#/components/schemas/" + name}
	}
	out := map[string]any{}
	for _, mediaType := range mediaTypes {
		out[mediaType] = map[string]any{"schema": of}
	}
	return out
}

func v3Operation(o operation) map[string]any {
	out := map[string]any{"description": o.description, "operationId": o.id, "tags": []string{o.tag}}
	if o.action != "" {
		out["x-kubernetes-action"] = o.action
		out["x-kubernetes-group-version-kind"] = map[string]string{"group": o.kind.Group, "version": o.kind.Version, "kind": o.kind.Kind}
	}
	var parameters []any
	for _, name := range o.query {
		parameters = append(parameters, v3Parameter(name, "query", parameterTypes[name]))
	}
	if len(parameters) > 0 {
		out["parameters"] = parameters
	}
	switch {
	case o.patch:
		out["requestBody"] = map[string]any{"required": true, "content": content(o.body, patchTypes...)}
	case o.body != "":
		body := map[string]any{"content": content(o.body, "*/*")}
		if o.body != deleteType {
			body["required"] = true
		}
		out["requestBody"] = body
	}
	mediaTypes := answerTypes
	switch {
	case o.produces != nil:
		mediaTypes = o.produces
	case o.answer == "":
		mediaTypes = []string{"*/*"}
	}
	responses := map[string]any{
		"200": map[string]any{"description": "OK", "content": content(o.answer, mediaTypes...)},
		"401": map[string]any{"description": "Unauthorized"},
	}
	if o.created {
		responses["201"] = map[string]any{"description": "Created", "content": content(o.answer, mediaTypes...)}
	}
	out["responses"] = responses
	return out
}
