package remote

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"path/filepath"
	"time"

	"github.com/kubemint/kubemint/internal/told"
)

// Clock returns the state of the cluster's clock.
func (c *Client) Clock(ctx context.Context) (*told.Clock, error) {
	var clock told.Clock
	if err := c.Do(ctx, http.MethodGet, "/kubemint/v1/clock", nil, &clock); err != nil {
		return nil, err
	}
	return &clock, nil
}

// MoveClock moves the cluster's clock and returns when the cluster is quiet.
func (c *Client) MoveClock(ctx context.Context, move told.Move) (*told.Moved, error) {
	var moved told.Moved
	if err := c.Do(ctx, http.MethodPost, "/kubemint/v1/clock", move, &moved); err != nil {
		return nil, err
	}
	return &moved, nil
}

// PodDir is what the node of a pod keeps for it on disk.
type PodDir struct {
	Node    string   `json:"node"`
	UID     string   `json:"uid"`
	Dir     string   `json:"dir"`
	Volumes []Volume `json:"volumes"`
	// NoToken says who kept a token away: "pod", "account", or empty.
	NoToken string `json:"noToken"`
}

// Volume is one mounted volume.
type Volume struct {
	Name    string   `json:"name"`
	Path    string   `json:"path"` // on disk, absolute
	Sources []Source `json:"sources"`
}

// Source is one file of a volume and where it comes from.
type Source struct {
	Path      string     `json:"path"`
	From      string     `json:"from"`
	Name      string     `json:"name"`
	RefreshAt *time.Time `json:"refreshAt"`
	ExpiresAt *time.Time `json:"expiresAt"`
}

// PodDir returns where a pod's directory is and what lies in it.
func (c *Client) PodDir(ctx context.Context, namespace, name string) (*PodDir, error) {
	var dir PodDir
	path := "/kubemint/v1/pods/" + url.PathEscape(namespace) + "/" + url.PathEscape(name)
	if err := c.Do(ctx, http.MethodGet, path, nil, &dir); err != nil {
		return nil, err
	}
	for i := range dir.Volumes {
		// The cluster says it from the pod's directory on.
		if volume := &dir.Volumes[i]; !filepath.IsAbs(volume.Path) {
			volume.Path = filepath.Join(dir.Dir, filepath.FromSlash(volume.Path))
		}
	}
	return &dir, nil
}

// Own asks one of kubemint's own endpoints and returns the answer as it is.
func (c *Client) Own(ctx context.Context, method, path string, in any) (json.RawMessage, error) {
	var raw json.RawMessage
	if err := c.Do(ctx, method, "/kubemint/v1/"+path, in, &raw); err != nil {
		return nil, err
	}
	return raw, nil
}
