package stream

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/kubemint/kubemint/apiserver/request"
	apischema "github.com/kubemint/kubemint/apiserver/schema"
)

// containerOf is the container that a request means (API-233).
func containerOf(pod *corev1.Pod, name string) (string, error) {
	var all []string
	for i := range pod.Spec.InitContainers {
		all = append(all, pod.Spec.InitContainers[i].Name)
	}
	for i := range pod.Spec.Containers {
		all = append(all, pod.Spec.Containers[i].Name)
	}
	for i := range pod.Spec.EphemeralContainers {
		all = append(all, pod.Spec.EphemeralContainers[i].Name)
	}
	if name == "" {
		if len(pod.Spec.Containers) == 1 {
			return pod.Spec.Containers[0].Name, nil
		}
		return "", apierrors.NewBadRequest(fmt.Sprintf("a container name must be specified for pod %s, choose one of: [%s]", pod.Name, strings.Join(all, " ")))
	}
	for _, c := range all {
		if c == name {
			return name, nil
		}
	}
	return "", apierrors.NewBadRequest(fmt.Sprintf("container %s is not valid for pod %s", name, pod.Name))
}

// takesLogs says whether a client takes a text at all: one that asks for no other is refused, as by a real server, whose handlers
// know texts by the name of API objects only.
func takesLogs(r *http.Request) error {
	accept := r.Header.Get("Accept")
	if err := apischema.Route(accept, "text/plain", apischema.MediaTypeJSON, apischema.MediaTypeYAML, apischema.MediaTypeProtobuf); err != nil {
		return err
	}
	_, err := apischema.Choose(accept, apischema.Answer)
	return err
}

// formOfLog refuses who wants the metadata of a log, in the words in which a real server finds that it has none.
func formOfLog(r *http.Request) error {
	switch accepted, err := apischema.Choose(r.Header.Get("Accept"), apischema.Answer); {
	case err != nil:
		return err
	case accepted.As == apischema.AsPartialObjectMetadata:
		return errors.New("object does not implement the Object interfaces")
	case accepted.As == apischema.AsPartialObjectMetadataList:
		return &apierrors.StatusError{ErrStatus: metav1.Status{Status: metav1.StatusFailure, Code: http.StatusNotAcceptable, Reason: metav1.StatusReasonNotAcceptable,
			Message: "you requested PartialObjectMetadataList, but the requested object is not a list (*rest.LocationStreamer)"}}
	}
	return nil
}

// logOptions reads the options of a log (API-232) and writes them as nodes read them. A number or a time that is
// none is a bad request, a wrong one an invalid object.
func logOptions(pod string, q url.Values) (url.Values, error) {
	out := url.Values{}
	for _, name := range []string{"follow", "previous", "timestamps"} {
		if v, ok := q[name]; ok && len(v) > 0 && v[0] != "" && request.Truthy(strings.ToLower(v[0])) {
			out.Set(name, "true")
		}
	}
	numbers := map[string]int64{}
	for _, name := range []string{"sinceSeconds", "tailLines", "limitBytes"} {
		if text := q.Get(name); text != "" {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return nil, apierrors.NewBadRequest(err.Error())
			}
			numbers[name] = n
			out.Set(name, text)
		}
	}
	if text := q.Get("sinceTime"); text != "" {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return nil, apierrors.NewBadRequest(err.Error())
		}
		out.Set("sinceTime", at.Format(time.RFC3339))
	}
	var wrong field.ErrorList
	above := func(name string, least int64, rule string) {
		if n, ok := numbers[name]; ok && n < least {
			wrong = append(wrong, field.Invalid(field.NewPath(name), n, rule))
		}
	}
	above("tailLines", 0, "must be greater than or equal to 0")
	above("limitBytes", 1, "must be greater than 0")
	if out.Has("sinceSeconds") && out.Has("sinceTime") {
		wrong = append(wrong, field.Forbidden(field.NewPath(""), "at most one of `sinceTime` or `sinceSeconds` may be specified"))
	} else {
		above("sinceSeconds", 1, "must be greater than 0")
	}
	if q.Get("stream") != "" { // an alpha feature
		wrong = append(wrong, field.Forbidden(field.NewPath("stream"), "may not be specified"))
	}
	if len(wrong) > 0 {
		return nil, apierrors.NewInvalid(schema.GroupKind{Kind: "PodLogOptions"}, pod, wrong)
	}
	return out, nil
}
