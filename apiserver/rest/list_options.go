package rest

import (
	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	listvalidation "k8s.io/apimachinery/pkg/apis/meta/internalversion/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// validListOptions refuses combinations that make no sense (API-119, API-133).
func validListOptions(o *metav1.ListOptions) error {
	if o.ResourceVersionMatch == "" && o.SendInitialEvents == nil {
		return nil
	}
	return invalidOptions("ListOptions", listvalidation.ValidateListOptions(&internalversion.ListOptions{
		Watch: o.Watch, AllowWatchBookmarks: o.AllowWatchBookmarks, ResourceVersion: o.ResourceVersion,
		ResourceVersionMatch: o.ResourceVersionMatch, TimeoutSeconds: o.TimeoutSeconds, Limit: o.Limit,
		Continue: o.Continue, SendInitialEvents: o.SendInitialEvents,
	}, true))
}
