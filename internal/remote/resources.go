package remote

import (
	"context"
	"net/http"
	"strings"

	"github.com/kubemint/kubemint/internal/say"
)

// Resource is a served kind by its full name.
type Resource struct {
	Group      string // empty: the core group
	Name       string // plural, lower case
	Kind       string
	Namespaced bool
}

// Resource finds a served resource by any word kubectl knows it by: plural,
// singular, short name or kind, with the group behind a dot if wanted.
func (c *Client) Resource(ctx context.Context, word string) (Resource, error) {
	wanted, group, qualified := strings.Cut(strings.ToLower(word), ".")
	paths := []string{"/api/v1"}
	var groups struct {
		Groups []struct {
			PreferredVersion struct {
				GroupVersion string `json:"groupVersion"`
			} `json:"preferredVersion"`
		} `json:"groups"`
	}
	if err := c.Do(ctx, http.MethodGet, "/apis", nil, &groups); err != nil {
		return Resource{}, err
	}
	for _, g := range groups.Groups {
		paths = append(paths, "/apis/"+g.PreferredVersion.GroupVersion)
	}
	for _, path := range paths {
		groupOfPath := ""
		if rest, ok := strings.CutPrefix(path, "/apis/"); ok {
			groupOfPath, _, _ = strings.Cut(rest, "/")
		}
		if qualified && group != groupOfPath {
			continue
		}
		var list struct {
			Resources []struct {
				Name         string   `json:"name"`
				SingularName string   `json:"singularName"`
				Kind         string   `json:"kind"`
				Namespaced   bool     `json:"namespaced"`
				ShortNames   []string `json:"shortNames"`
			} `json:"resources"`
		}
		if err := c.Do(ctx, http.MethodGet, path, nil, &list); err != nil {
			return Resource{}, err
		}
		for _, r := range list.Resources {
			names := append([]string{r.Name, r.SingularName, strings.ToLower(r.Kind)}, r.ShortNames...)
			for _, n := range names {
				if n == wanted && !strings.Contains(r.Name, "/") {
					return Resource{Group: groupOfPath, Name: r.Name, Kind: r.Kind, Namespaced: r.Namespaced}, nil
				}
			}
		}
	}
	return Resource{}, say.Failure("resource.unknown", say.Params{"resource": word}, nil)
}
