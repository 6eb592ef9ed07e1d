package remote

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/rbac"
)

// Resource is a served kind by its full name.
type Resource struct {
	Group      string // empty: the core group
	Name       string // plural, lower case
	Kind       string
	Namespaced bool
	Verbs      []string
	// Subresources by name, with their verbs.
	Subresources map[string][]string

	words []string // by which it is known besides
}

// Resources lists all served resources, those of the core group first.
func (c *Client) Resources(ctx context.Context) ([]Resource, error) {
	versions := []string{"/api/v1"}
	var groups struct {
		Groups []struct {
			PreferredVersion struct {
				GroupVersion string `json:"groupVersion"`
			} `json:"preferredVersion"`
		} `json:"groups"`
	}
	if err := c.Do(ctx, http.MethodGet, "/apis", nil, &groups); err != nil {
		return nil, err
	}
	for _, g := range groups.Groups {
		versions = append(versions, "/apis/"+g.PreferredVersion.GroupVersion)
	}
	var out []Resource
	for _, path := range versions {
		var list struct {
			Resources []struct {
				Name         string   `json:"name"`
				SingularName string   `json:"singularName"`
				Kind         string   `json:"kind"`
				Namespaced   bool     `json:"namespaced"`
				ShortNames   []string `json:"shortNames"`
				Verbs        []string `json:"verbs"`
			} `json:"resources"`
		}
		if err := c.Do(ctx, http.MethodGet, path, nil, &list); err != nil {
			return nil, err
		}
		group := ""
		if rest, ok := strings.CutPrefix(path, "/apis/"); ok {
			group, _, _ = strings.Cut(rest, "/")
		}
		at := map[string]int{}
		for _, r := range list.Resources {
			if strings.Contains(r.Name, "/") {
				continue
			}
			at[r.Name] = len(out)
			out = append(out, Resource{
				Group: group, Name: r.Name, Kind: r.Kind, Namespaced: r.Namespaced, Verbs: r.Verbs, Subresources: map[string][]string{},
				words: append([]string{r.SingularName, strings.ToLower(r.Kind)}, r.ShortNames...),
			})
		}
		for _, r := range list.Resources {
			if name, sub, ok := strings.Cut(r.Name, "/"); ok {
				if i, known := at[name]; known {
					out[i].Subresources[sub] = r.Verbs
				}
			}
		}
	}
	return out, nil
}

// Find looks a resource up by any word kubectl knows it by: plural, singular,
// short name or kind, with the group behind a dot if wanted.
func Find(resources []Resource, word string) (Resource, bool) {
	wanted, group, qualified := strings.Cut(strings.ToLower(word), ".")
	for _, r := range resources {
		if (r.Name == wanted || slices.Contains(r.words, wanted)) && (!qualified || group == r.Group) {
			return r, true
		}
	}
	return Resource{}, false
}

// Nearest finds the resource that somebody meant who misspelt it.
func Nearest(resources []Resource, word string) (Resource, bool) {
	var names []string
	for _, r := range resources {
		names = append(append(names, r.Name), r.words...)
	}
	meant, ok := rbac.Meant(strings.ToLower(word), names)
	if !ok {
		return Resource{}, false
	}
	return Find(resources, meant)
}

// Resource finds a served resource by any word kubectl knows it by.
func (c *Client) Resource(ctx context.Context, word string) (Resource, error) {
	resources, err := c.Resources(ctx)
	if err != nil {
		return Resource{}, err
	}
	if r, ok := Find(resources, word); ok {
		return r, nil
	}
	return Resource{}, say.Failure("resource.unknown", say.Params{"resource": word}, nil)
}
