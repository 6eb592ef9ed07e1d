package openapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	openapi_v2 "github.com/google/gnostic-models/openapiv2"
	"google.golang.org/protobuf/proto"
	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
)

// V2JSON returns the document of /openapi/v2 in JSON and its hash. The bytes are shared.
func (d *Documents) V2JSON() (body []byte, hash string, err error) {
	v2, err := d.v2()
	return v2.body, v2.hash, err
}

// V2Proto returns the document of /openapi/v2 as the protobuf message that client-go asks for
// (API-35), and the hash, which is that of the JSON. The bytes are shared. The first call takes a
// moment.
func (d *Documents) V2Proto() (body []byte, hash string, err error) {
	v2, err := d.v2()
	if err != nil {
		return nil, "", err
	}
	body, err = v2.proto()
	return body, v2.hash, err
}

func (d *Documents) name(kind runtimeschema.GroupVersionKind) string { return d.names[kind] }

func (d *Documents) buildV2() (document, error) {
	schemas, err := d.schemas()
	if err != nil {
		return document{}, fmt.Errorf("openapi: %w", err)
	}
	var items []pathItem
	groups := map[string]bool{"api": true, "apis": true}
	for i := range d.resources {
		r := &d.resources[i]
		items = append(items, r.items(d.name)...)
		groups[r.path()] = true
	}
	for _, path := range slices.Sorted(maps.Keys(groups)) {
		items = append(items, discoveryItem(path))
	}
	items = append(items, plainItems()...)
	paths := map[string]any{}
	for _, item := range items {
		paths[item.path] = v2Path(item)
	}
	definitions := map[string]any{}
	for _, name := range closure(schemas, types(items)) {
		var schema map[string]any
		if err := json.Unmarshal(schemas[name], &schema); err != nil {
			return document{}, fmt.Errorf("openapi: %s: %w", name, err)
		}
		definitions[name] = v2Schema(schema)
	}
	body, err := json.Marshal(map[string]any{
		"swagger":     "2.0",
		"info":        map[string]string{"title": "Kubernetes", "version": d.version},
		"paths":       paths,
		"definitions": definitions,
		"securityDefinitions": map[string]any{"BearerToken": map[string]string{
			"type": "apiKey", "description": "Bearer Token authentication", "name": "authorization", "in": "header",
		}},
		"security": []any{map[string]any{"BearerToken": []string{}}},
	})
	if err != nil {
		return document{}, fmt.Errorf("openapi: %w", err)
	}
	return newDocument(body, v2Proto), nil
}

func v2Proto(text []byte) ([]byte, error) {
	message, err := openapi_v2.ParseDocument(text)
	if err != nil {
		return nil, fmt.Errorf("openapi: %w", err)
	}
	return proto.Marshal(message)
}

// v2Schema rewrites a schema for the older format, which knows no defaults in our use of it, no
// alternatives, and references that may have a description beside them.
func v2Schema(schema any) any {
	switch s := schema.(type) {
	case []any:
		for i := range s {
			s[i] = v2Schema(s[i])
		}
	case map[string]any:
		if all, ok := s["allOf"].([]any); ok && len(all) == 1 {
			delete(s, "allOf")
			maps.Copy(s, all[0].(map[string]any))
		}
		if _, ok := s["oneOf"]; ok { // a number or a string
			delete(s, "oneOf")
			s["type"] = "string"
		}
		// Here and below properties are schemas by name, so that a field called default stays.
		delete(s, "default")
		if ref, ok := s["$ref"].(string); ok {
			s["$ref"] = "#/definitions/" + strings.TrimPrefix(ref, "#/components/schemas/")
		}
		if properties, ok := s["properties"].(map[string]any); ok {
			for name, property := range properties {
				properties[name] = v2Schema(property)
			}
		}
		for _, nested := range [...]string{"items", "additionalProperties"} {
			if inner, ok := s[nested]; ok {
				s[nested] = v2Schema(inner)
			}
		}
	}
	return schema
}

func v2Path(item pathItem) map[string]any {
	out := map[string]any{}
	var parameters []any
	for _, p := range v3PathParameters(item) {
		parameter := p.(map[string]any)
		delete(parameter, "schema")
		parameter["type"], parameter["uniqueItems"] = "string", true
		parameters = append(parameters, parameter)
	}
	if len(parameters) > 0 {
		out["parameters"] = parameters
	}
	for _, o := range item.operations {
		out[o.method] = v2Operation(o)
	}
	return out
}

func v2Operation(o operation) map[string]any {
	consumes := []string{"*/*"}
	produces := []string{"application/json", "application/yaml", "application/vnd.kubernetes.protobuf"}
	if o.patch {
		consumes = patchTypes
	}
	answer := map[string]any{"type": "string"}
	switch {
	case o.answer != "":
		answer = map[string]any{"$ref": "#/definitions/" + o.answer}
	case o.produces == nil:
		produces = []string{"*/*"}
	}
	if o.produces != nil {
		consumes, produces = nil, o.produces
		if o.answer != "" {
			consumes = o.produces
		}
	}
	responses := map[string]any{
		"200": map[string]any{"description": "OK", "schema": answer},
		"401": map[string]any{"description": "Unauthorized"},
	}
	if o.created {
		responses["201"] = map[string]any{"description": "Created", "schema": answer}
	}
	out := map[string]any{
		"description": o.description, "operationId": o.id, "tags": []string{o.tag}, "schemes": []string{"https"},
		"produces": produces, "responses": responses,
	}
	if consumes != nil {
		out["consumes"] = consumes
	}
	if o.action != "" {
		out["x-kubernetes-action"] = o.action
		out["x-kubernetes-group-version-kind"] = map[string]string{"group": o.kind.Group, "version": o.kind.Version, "kind": o.kind.Kind}
	}
	var parameters []any
	if o.body != "" {
		body := map[string]any{"name": "body", "in": "body", "schema": map[string]any{"$ref": "#/definitions/" + o.body}}
		if o.body != deleteType {
			body["required"] = true
		}
		parameters = append(parameters, body)
	}
	for _, name := range o.query {
		parameters = append(parameters, map[string]any{"name": name, "in": "query", "type": parameterTypes[name], "uniqueItems": true})
	}
	if len(parameters) > 0 {
		out["parameters"] = parameters
	}
	return out
}
