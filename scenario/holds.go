package scenario

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/kubemint/kubemint/internal/say"
)

// defaultPatience is that of a Config that names none.
const defaultPatience = 10 * time.Second

// await polls until the hold is true.
func (r *runner) await(h *Hold) error {
	deadline := time.Now().Add(r.Patience)
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, 250*time.Millisecond) {
		err := r.holds(h)
		if err == nil || h.Status != 0 || time.Now().After(deadline) {
			return err
		}
		select {
		case <-r.ctx.Done():
			return r.ctx.Err()
		case <-time.After(pause):
		}
	}
}

// holds returns nil if the hold is true now, else a sentence that says why not.
func (r *runner) holds(h *Hold) error {
	switch {
	case h.Status != 0:
		if r.last.status != h.Status {
			return say.Failure("scenario.status", say.Params{"want": h.Status, "got": r.last.status}, nil)
		}
		return nil
	case h.Object != "":
		_, err := r.object(r.ctx, h.Object)
		switch {
		case err != nil && !h.Gone:
			return say.Failure("scenario.no-object", say.Params{"object": h.Object}, err)
		case err == nil && h.Gone:
			return say.Failure("scenario.object-there", say.Params{"object": h.Object}, nil)
		}
		return nil
	case h.Can != "":
		return r.can(h)
	}
	var claims map[string]any
	if h.Token != "" {
		var err error
		if claims, err = r.tokenClaims(h.Token); err != nil {
			return err
		}
	}
	value, err := r.evaluate(h.CEL, claims)
	if err != nil {
		return err
	}
	if value != true {
		return say.Failure("scenario.cel", say.Params{"cel": h.CEL}, nil)
	}
	return nil
}

func (r *runner) tokenClaims(name string) (map[string]any, error) {
	if kept, ok := strings.CutPrefix(name, "vault/"); ok {
		token, err := r.kept(kept)
		if err != nil {
			return nil, err
		}
		return claimsOf(token)
	}
	t, err := parseTarget(name)
	if err != nil {
		return nil, err
	}
	if t.namespace == "" {
		t.namespace = "default"
	}
	mounted, err := r.mounted(r.ctx, t.namespace, strings.TrimPrefix(t.words[0], "pod/"))
	if err != nil {
		return nil, err
	}
	return mounted.(map[string]any)["claims"].(map[string]any), nil
}

// evaluate computes an expression at the cluster's present time.
func (r *runner) evaluate(source string, claims map[string]any) (any, error) {
	clock, err := r.Cluster.Clock(r.ctx)
	if err != nil {
		return nil, err
	}
	return evaluate(r.env, source, values{now: clock.Now, last: r.last, saved: r.saved, claims: claims})
}

// question is "VERB RESOURCE[/SUBRESOURCE] [NAME] [-n NAMESPACE]".
type question struct {
	verb, resource, subresource, name, namespace string
}

func parseCan(s string) (question, error) {
	t, err := parseTarget(s)
	if err != nil {
		return question{}, err
	}
	if len(t.words) < 2 || len(t.words) > 3 {
		return question{}, fmt.Errorf("can %q: say VERB RESOURCE [NAME] [-n NAMESPACE]", s)
	}
	q := question{verb: t.words[0], namespace: t.namespace}
	q.resource, q.subresource, _ = strings.Cut(t.words[1], "/")
	if len(t.words) == 3 {
		q.name = t.words[2]
	}
	return q, nil
}

// can asks the server by a SubjectAccessReview. `kubectl auth can-i` would take
// "pods/log" for a pod named log.
func (r *runner) can(h *Hold) error {
	q, err := parseCan(h.Can)
	if err != nil {
		return err
	}
	user, groups := h.User, []string{"system:authenticated"}
	if h.SA != "" {
		namespace, _, _ := strings.Cut(h.SA, ":")
		user = "system:serviceaccount:" + h.SA
		groups = append(groups, "system:serviceaccounts", "system:serviceaccounts:"+namespace)
	}
	resource, err := r.Cluster.Resource(r.ctx, q.resource)
	if err != nil {
		return err
	}
	var answer struct {
		Status struct {
			Allowed bool `json:"allowed"`
		} `json:"status"`
	}
	err = r.Cluster.Do(r.ctx, http.MethodPost, "/apis/authorization.k8s.io/v1/subjectaccessreviews", map[string]any{
		"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
		"spec": map[string]any{"user": user, "groups": groups, "resourceAttributes": map[string]any{
			"verb": q.verb, "group": resource.Group, "resource": resource.Name, "subresource": q.subresource,
			"name": q.name, "namespace": q.namespace,
		}},
	}, &answer)
	if err != nil {
		return err
	}
	if answer.Status.Allowed != (h.Is == "yes") {
		return say.Failure("scenario.can", say.Params{"who": user, "what": h.Can, "is": strconv.FormatBool(answer.Status.Allowed)}, nil)
	}
	return nil
}

// passes checks the step's holds once for the learner and says what is missing.
func (r *runner) passes(step *Step) bool {
	for i := range step.Holds {
		hold := &step.Holds[i]
		err := r.briefly(hold)
		if err == nil {
			continue
		}
		language := r.Screen.Speaker.Language()
		for _, not := range hold.Not {
			if value, err := r.evaluate(not.CEL, nil); err == nil && value == true {
				r.Screen.paragraph(not.Text.In(language))
				return false
			}
		}
		if text := hold.Else.In(language); text != "" {
			r.Screen.paragraph(text)
		} else {
			r.Screen.paragraph(r.Screen.Speaker.Error(err))
		}
		return false
	}
	return true
}

// passesQuietly is the same after a command that may not have been the last.
func (r *runner) passesQuietly(step *Step) bool {
	if len(step.Holds) == 0 {
		return false // only Enter says that the learner is done
	}
	for i := range step.Holds {
		if r.holds(&step.Holds[i]) != nil {
			return false
		}
	}
	return true
}

// briefly gives controllers a moment, but not the whole patience: somebody waits.
func (r *runner) briefly(h *Hold) error {
	var err error
	for range 10 {
		if err = r.holds(h); err == nil {
			return nil
		}
		select {
		case <-r.ctx.Done():
			return r.ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return err
}
