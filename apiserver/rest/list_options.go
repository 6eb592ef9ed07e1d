package rest

import (
	"net/http"
	"net/url"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	listvalidation "k8s.io/apimachinery/pkg/apis/meta/internalversion/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubemint/kubemint/apiserver/cache"
	"github.com/kubemint/kubemint/apiserver/registry/selectable"
)

// selection is what a list or watch picks out.
type selection struct {
	label labels.Selector
	field fields.Selector
	every bool
}

func (s selection) matches(o *cache.Object) bool {
	if s.every {
		return true
	}
	return s.label.Matches(o.Labels()) && s.field.Matches(o.Fields())
}

// everything is the selection of a request without selectors.
var everything = selection{label: labels.Everything(), field: fields.Everything(), every: true}

// listOptions reads the options of list, watch and deletecollection, with what they select (API-110, API-111, API-119, API-133).
func listOptions(r *http.Request, t *target) (*metav1.ListOptions, selection, error) {
	watch, sel := t.info.Verb == "watch", everything
	if r.URL.RawQuery == "" && !watch {
		return &metav1.ListOptions{}, sel, nil
	}
	o, err := query(r, func(v *url.Values, o *metav1.ListOptions) error {
		return metav1.Convert_url_Values_To_v1_ListOptions(v, o, nil)
	})
	if err != nil {
		return nil, sel, err
	}
	if sel, err = parseSelectors(o); err != nil {
		return nil, sel, err
	}
	o.Watch = watch
	if err := checkListOptions(o); err != nil {
		return nil, sel, err
	}
	return o, sel, sel.fit(t)
}

func parseSelectors(o *metav1.ListOptions) (selection, error) {
	sel := everything
	if o.LabelSelector == "" && o.FieldSelector == "" {
		return sel, nil
	}
	var err error
	if sel.label, err = labels.Parse(o.LabelSelector); err != nil {
		return sel, apierrors.NewBadRequest(err.Error())
	}
	if sel.field, err = fields.ParseSelector(o.FieldSelector); err != nil {
		return sel, apierrors.NewBadRequest(err.Error())
	}
	sel.every = sel.label.Empty() && sel.field.Empty()
	return sel, nil
}

// checkListOptions fills in that a watch from nowhere begins with what is there, and refuses combinations that make no sense.
func checkListOptions(o *metav1.ListOptions) error {
	in := &internalversion.ListOptions{
		Watch: o.Watch, AllowWatchBookmarks: o.AllowWatchBookmarks, ResourceVersion: o.ResourceVersion,
		ResourceVersionMatch: o.ResourceVersionMatch, TimeoutSeconds: o.TimeoutSeconds, Limit: o.Limit,
		Continue: o.Continue, SendInitialEvents: o.SendInitialEvents,
	}
	internalversion.SetListOptionsDefaults(in, true)
	o.SendInitialEvents, o.ResourceVersionMatch = in.SendInitialEvents, in.ResourceVersionMatch
	return invalidOptions("ListOptions", listvalidation.ValidateListOptions(in, true))
}

// fit turns the fields into the kind's own, refusing those it does not select by, and takes in the name of a watch on one object.
func (s *selection) fit(t *target) error {
	if !s.field.Empty() {
		var err error
		s.field, err = s.field.Transform(func(label, value string) (string, string, error) {
			return selectable.Convert(t.res.GroupKind(), label, value)
		})
		if err != nil {
			return apierrors.NewBadRequest(err.Error())
		}
	}
	name := t.info.URLName
	if name == "" {
		return nil
	}
	if s.field.Empty() {
		s.field, s.every = fields.OneTermEqualSelector("metadata.name", name), false
		return nil
	}
	if selected, ok := s.field.RequiresExactMatch("metadata.name"); !ok || selected != name {
		return apierrors.NewBadRequest("fieldSelector metadata.name doesn't match requested name")
	}
	return nil
}
