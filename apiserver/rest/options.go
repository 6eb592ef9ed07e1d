package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

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

// includeObject is what the rows of a Table carry (API-58).
func includeObject(r *http.Request) (metav1.IncludeObjectPolicy, error) {
	if r.URL.RawQuery == "" {
		return metav1.IncludeMetadata, nil
	}
	o := &metav1.TableOptions{IncludeObject: metav1.IncludeObjectPolicy(r.URL.Query().Get("includeObject"))}
	if errs := validation.ValidateTableOptions(o); len(errs) > 0 {
		return "", apierrors.NewBadRequest(fmt.Sprintf("Unable to convert to Table as requested: %v", errs[0]))
	}
	if o.IncludeObject == "" {
		return metav1.IncludeMetadata, nil
	}
	return o.IncludeObject, nil
}

func dryRun(values []string) bool { return len(values) > 0 }

// manager is who owns the fields of a write: who the sender says it is, else the program that its User-Agent names (API-100).
func manager(asked string, r *http.Request) string {
	if asked != "" {
		return asked
	}
	agent, _, _ := strings.Cut(r.UserAgent(), "/")
	name := make([]byte, 0, len(agent))
	for _, c := range agent {
		if !unicode.IsPrint(c) {
			continue
		}
		if len(name)+utf8.RuneLen(c) > validation.FieldManagerMaxLength {
			break
		}
		name = utf8.AppendRune(name, c)
	}
	return string(name)
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
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return nil, context.DeadlineExceeded
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
