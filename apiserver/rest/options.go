package rest

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	ourschema "github.com/kubemint/kubemint/apiserver/schema"
)

func invalidOptions(kind string, errs field.ErrorList) error {
	if len(errs) == 0 {
		return nil
	}
	return apierrors.NewInvalid(schema.GroupKind{Group: metav1.GroupName, Kind: kind}, "", errs)
}

// query reads options out of the query by one of metav1's conversions.
func query[T any](r *http.Request, convert func(*url.Values, *T) error) (*T, error) {
	o := new(T)
	if r.URL.RawQuery == "" {
		return o, nil
	}
	v := r.URL.Query()
	if err := convert(&v, o); err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	return o, nil
}

func createOptions(r *http.Request) (*metav1.CreateOptions, error) {
	o, err := query(r, func(v *url.Values, o *metav1.CreateOptions) error {
		return metav1.Convert_url_Values_To_v1_CreateOptions(v, o, nil)
	})
	if err != nil {
		return nil, err
	}
	return o, invalidOptions("CreateOptions", validation.ValidateCreateOptions(o))
}

func updateOptions(r *http.Request) (*metav1.UpdateOptions, error) {
	o, err := query(r, func(v *url.Values, o *metav1.UpdateOptions) error {
		return metav1.Convert_url_Values_To_v1_UpdateOptions(v, o, nil)
	})
	if err != nil {
		return nil, err
	}
	return o, invalidOptions("UpdateOptions", validation.ValidateUpdateOptions(o))
}

// listOptions reads those of list, watch and deletecollection.
func listOptions(r *http.Request) (*metav1.ListOptions, error) {
	o, err := query(r, func(v *url.Values, o *metav1.ListOptions) error {
		return metav1.Convert_url_Values_To_v1_ListOptions(v, o, nil)
	})
	if err != nil {
		return nil, err
	}
	return o, nil
}

func includeObject(r *http.Request) (metav1.IncludeObjectPolicy, error) {
	switch v := metav1.IncludeObjectPolicy(r.URL.Query().Get("includeObject")); v {
	case "":
		return metav1.IncludeMetadata, nil
	case metav1.IncludeNone, metav1.IncludeMetadata, metav1.IncludeObject:
		return v, nil
	default:
		return "", apierrors.NewBadRequest(fmt.Sprintf("unrecognized includeObject value: %q", string(v)))
	}
}

func dryRun(values []string) bool { return len(values) > 0 }

// manager is who owns the fields of a write (API-100).
func manager(asked string, r *http.Request) string {
	if asked != "" {
		return asked
	}
	agent, _, _ := strings.Cut(r.UserAgent(), "/")
	if len(agent) > 128 {
		agent = agent[:128]
	}
	return strings.Map(func(c rune) rune {
		if c < 0x20 || c == 0x7f {
			return -1
		}
		return c
	}, agent)
}

// body reads a request's body up to the limit (API-5).
func (h *Handler) body(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	if r.ContentLength > h.BodyLimit {
		return nil, tooLarge(h.BodyLimit)
	}
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, h.BodyLimit))
	if err != nil {
		var over *http.MaxBytesError
		if asError(err, &over) {
			return nil, tooLarge(h.BodyLimit)
		}
		return nil, apierrors.NewBadRequest(err.Error())
	}
	return b, nil
}

func tooLarge(limit int64) error {
	return apierrors.NewRequestEntityTooLargeError(fmt.Sprintf("limit is %d", limit))
}

// fieldValidation reads what to do with unknown fields; its validity was checked with the other options.
func fieldValidation(v string) ourschema.FieldValidation {
	if v == "" {
		return ourschema.Warn
	}
	return ourschema.FieldValidation(v)
}
