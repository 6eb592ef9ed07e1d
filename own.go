package kubemint

import (
	"encoding/json"
	"fmt"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubemint/kubemint/apiserver/rest"
)

// own are the paths under /kubemint/v1: what kubemint has to say beside Kubernetes. They are non-resource paths under the same
// authentication and RBAC as all others, so that nobody has them but administrators until somebody grants them.
func (c *Cluster) own() map[string]http.Handler {
	h := func(f func(w http.ResponseWriter, r *http.Request) (any, error)) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			out, err := f(w, r)
			if err != nil {
				rest.Error(w, r, err)
				return
			}
			rest.JSON(w, r, http.StatusOK, out)
		})
	}
	return map[string]http.Handler{
		"/kubemint/v1/clock":                   h(c.ownClock),
		"/kubemint/v1/pods/{namespace}/{name}": h(c.ownPod),
		"/kubemint/v1/stories":                 h(c.ownStories),
		"/kubemint/v1/stories/next":            h(c.nextStories),
		"/kubemint/v1/stories/{id}":            h(c.ownStory),
		"/kubemint/v1/explain":                 h(c.ownExplain),
		"/kubemint/v1/who-can":                 h(c.ownWhoCan),
		"/kubemint/v1/access":                  h(c.ownAccess),
		"/kubemint/v1/access/diff":             h(c.ownAccessDiff),
		"/kubemint/v1/rbac/lint":               h(c.ownLint),
		"/kubemint/v1/tokens/inspect":          h(c.ownTokens),
		"/kubemint/v1/keys":                    h(c.ownKeys),
	}
}

// bodyLimit is plenty for the questions asked here, manifestLimit for all the roles and bindings of a large cluster.
const (
	bodyLimit     = 1 << 20
	manifestLimit = 32 << 20
)

func readJSON(w http.ResponseWriter, r *http.Request, into any) error {
	return readLimited(w, r, into, bodyLimit)
}

func readLargeJSON(w http.ResponseWriter, r *http.Request, into any) error {
	return readLimited(w, r, into, manifestLimit)
}

func readLimited(w http.ResponseWriter, r *http.Request, into any, limit int64) error {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, limit))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return apierrors.NewBadRequest(fmt.Sprintf("the body cannot be read: %v", err))
	}
	return nil
}

func method(r *http.Request, allowed ...string) error {
	for _, m := range allowed {
		if r.Method == m {
			return nil
		}
	}
	return &apierrors.StatusError{ErrStatus: rest.NotAllowedStatus()}
}
