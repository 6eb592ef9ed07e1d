package scenario

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// functions are the expressions' view of the cluster, looked up with the
// administrator's rights.
func (r *runner) functions() lookups {
	return lookups{
		pod: func(name string) (any, error) {
			namespace, pod := splitPod(name)
			return r.get("/api/v1/namespaces/" + url.PathEscape(namespace) + "/pods/" + url.PathEscape(pod))
		},
		object: func(name string) (any, error) { return r.object(r.ctx, name) },
		mounted: func(name string) (any, error) {
			namespace, pod := splitPod(strings.TrimPrefix(name, "pod/"))
			return r.mounted(r.ctx, namespace, pod)
		},
		vault: func(name string) (any, error) {
			token, err := r.kept(name)
			if err != nil {
				return nil, err
			}
			return claimsOf(token)
		},
	}
}

func splitPod(name string) (namespace, pod string) {
	if namespace, pod, ok := strings.Cut(name, "/"); ok {
		return namespace, pod
	}
	return "default", name
}

func (r *runner) get(path string) (any, error) {
	var raw json.RawMessage
	if err := r.Cluster.Do(r.ctx, "GET", path, nil, &raw); err != nil {
		return nil, err
	}
	return decodeJSON(raw)
}

// object fetches any object by the words kubectl knows it by.
func (r *runner) object(ctx context.Context, name string) (any, error) {
	arguments, err := words(name)
	if err != nil {
		return nil, err
	}
	output, err := r.kubectl(ctx, r.Kubeconfig, append([]string{"get", "-o", "json"}, arguments...)).Output()
	if err != nil {
		return nil, fmt.Errorf("there is no %s", name)
	}
	return decodeJSON(output)
}

// mounted reads what lies in a pod's token volume on disk.
func (r *runner) mounted(ctx context.Context, namespace, pod string) (any, error) {
	dir, err := r.Cluster.PodDir(ctx, namespace, pod)
	if err != nil {
		return nil, err
	}
	for _, volume := range dir.Volumes {
		for _, source := range volume.Sources {
			if source.From != "serviceAccountToken" {
				continue
			}
			raw, err := os.ReadFile(filepath.Join(volume.Path, source.Path))
			if err != nil {
				return nil, fmt.Errorf("pod %s/%s has no token on disk yet", namespace, pod)
			}
			claims, err := claimsOf(string(raw))
			if err != nil {
				return nil, err
			}
			target, err := os.Readlink(filepath.Join(volume.Path, "..data"))
			if err != nil {
				target = "" // a system without symbolic links
			}
			files := []string{}
			for _, other := range volume.Sources {
				files = append(files, other.Path)
			}
			return map[string]any{
				"token": strings.TrimSpace(string(raw)), "claims": claims, "data": target,
				"volume": volume.Name, "files": files, "node": dir.Node,
			}, nil
		}
	}
	return nil, fmt.Errorf("pod %s/%s has no token mounted", namespace, pod)
}

// claimsOf reads what a token says, without asking whether it is true.
func claimsOf(token string) (map[string]any, error) {
	parts := strings.Split(strings.TrimSpace(token), ".")
	if len(parts) != 3 {
		return nil, fmt.Errorf("not a signed token: %d parts instead of 3", len(parts))
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil, fmt.Errorf("reading a token's claims: %w", err)
	}
	decoded, err := decodeJSON(payload)
	if err != nil {
		return nil, fmt.Errorf("reading a token's claims: %w", err)
	}
	claims, ok := decoded.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("reading a token's claims: not an object")
	}
	return claims, nil
}

// decodeJSON decodes with whole numbers as such, so that expressions can count
// with them.
func decodeJSON(raw []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return nil, err
	}
	return numbers(v), nil
}

func numbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return i
		}
		f, _ := v.Float64() //nolint:errcheck // a JSON number always is one
		return f
	case map[string]any:
		for key, value := range v {
			v[key] = numbers(value)
		}
	case []any:
		for i, value := range v {
			v[i] = numbers(value)
		}
	}
	return v
}
