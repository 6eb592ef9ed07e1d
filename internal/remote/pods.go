package remote

import (
	"context"
	"net/http"
	"net/url"
)

// pod is the part of a pod that is asked for here.
type pod struct {
	Spec struct {
		ServiceAccountName string `json:"serviceAccountName"`
		Containers         []struct {
			VolumeMounts []struct {
				Name      string `json:"name"`
				MountPath string `json:"mountPath"`
			} `json:"volumeMounts"`
		} `json:"containers"`
	} `json:"spec"`
}

func (c *Client) pod(ctx context.Context, namespace, name string) (*pod, error) {
	var p pod
	path := "/api/v1/namespaces/" + url.PathEscape(namespace) + "/pods/" + url.PathEscape(name)
	if err := c.Do(ctx, http.MethodGet, path, nil, &p); err != nil {
		return nil, err
	}
	return &p, nil
}

// AccountOf returns the name of the ServiceAccount that a pod runs as.
func (c *Client) AccountOf(ctx context.Context, namespace, name string) (string, error) {
	p, err := c.pod(ctx, namespace, name)
	if err != nil {
		return "", err
	}
	return p.Spec.ServiceAccountName, nil
}

// Mounts returns, by the name of the volume, where the first container that
// mounts it has it.
func (c *Client) Mounts(ctx context.Context, namespace, name string) (map[string]string, error) {
	p, err := c.pod(ctx, namespace, name)
	if err != nil {
		return nil, err
	}
	mounts := map[string]string{}
	for _, container := range p.Spec.Containers {
		for _, mount := range container.VolumeMounts {
			if _, known := mounts[mount.Name]; !known {
				mounts[mount.Name] = mount.MountPath
			}
		}
	}
	return mounts, nil
}
