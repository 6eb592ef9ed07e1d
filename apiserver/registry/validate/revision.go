package validate

import (
	"encoding/json"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func revisionBody(r *report, c *appsv1.ControllerRevision) {
	r.meta(&c.ObjectMeta, true, subdomainName)
	notNegative(r, field.NewPath("revision"), c.Revision)
}

func controllerRevision(r *report, c *appsv1.ControllerRevision) {
	revisionBody(r, c)
	data := field.NewPath("data")
	if c.Data.Raw == nil {
		r.required(data, "data is mandatory")
		return
	}
	var v any
	err := json.Unmarshal(c.Data.Raw, &v)
	_, object := v.(map[string]any)
	switch {
	case err != nil:
		r.invalid(data, "<value omitted>", "error parsing data: "+err.Error())
	case v == nil:
		r.required(data, "data is mandatory")
	case !object:
		r.required(data, "data must be a valid JSON object")
	}
}

// updateControllerRevision: a revision is history, and history does not change.
func updateControllerRevision(r *report, c, old *appsv1.ControllerRevision) {
	revisionBody(r, c)
	var now, was any // spaces and the order of keys are no change
	if json.Unmarshal(c.Data.Raw, &now) != nil || json.Unmarshal(old.Data.Raw, &was) != nil || !equality.Semantic.DeepEqual(now, was) {
		r.immutable(field.NewPath("data"), c.Data, old.Data)
	}
}
