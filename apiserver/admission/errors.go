package admission

import (
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/validate/content"
)

// forbidden is the 403 of a plugin: `pods "web" is forbidden: CAUSE`. An error that already is a 403 is kept.
func forbidden(a *Attributes, cause error) error {
	if apierrors.IsForbidden(cause) {
		return cause
	}
	return apierrors.NewForbidden(a.Resource.GroupResource(), a.displayName(), cause)
}

func forbiddenf(a *Attributes, format string, args ...any) error {
	return forbidden(a, fmt.Errorf(format, args...))
}

// status makes sure that what leaves the chain is a StatusError.
func status(err error) error {
	if err == nil {
		return nil
	}
	var s *apierrors.StatusError
	if errors.As(err, &s) {
		return s
	}
	return apierrors.NewInternalError(err)
}

// unreadable says that no object can be asked for by this name: a client of the real server does not even try.
func unreadable(name string) error {
	if wrong := content.IsPathSegmentName(name); len(wrong) > 0 {
		return fmt.Errorf("invalid resource name %q: %v", name, wrong)
	}
	return nil
}

// wrongType says that a plugin met another Go type than its resource has.
func wrongType(a *Attributes, obj any) error {
	return forbiddenf(a, "unexpected type %T", obj)
}
