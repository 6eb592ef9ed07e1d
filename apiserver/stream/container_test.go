package stream

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func podOf(init, main, ephemeral []string) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "p"}}
	for _, n := range init {
		p.Spec.InitContainers = append(p.Spec.InitContainers, corev1.Container{Name: n})
	}
	for _, n := range main {
		p.Spec.Containers = append(p.Spec.Containers, corev1.Container{Name: n})
	}
	for _, n := range ephemeral {
		p.Spec.EphemeralContainers = append(p.Spec.EphemeralContainers, corev1.EphemeralContainer{EphemeralContainerCommon: corev1.EphemeralContainerCommon{Name: n}})
	}
	return p
}

// API-233.
func TestContainerOf(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name              string
		pod               *corev1.Pod
		asked, want, text string
	}{
		{"the only one", podOf(nil, []string{"a"}, nil), "", "a", ""},
		{"the only one of its kind", podOf([]string{"i"}, []string{"a"}, []string{"e"}), "", "a", ""},
		{"one of several", podOf(nil, []string{"a", "b"}, nil), "b", "b", ""},
		{"an init container", podOf([]string{"i"}, []string{"a"}, nil), "i", "i", ""},
		{"an ephemeral container", podOf(nil, []string{"a"}, []string{"e"}), "e", "e", ""},
		{"no choice", podOf([]string{"i"}, []string{"a", "b"}, []string{"e"}), "", "", "a container name must be specified for pod p, choose one of: [i a b e]"},
		{"none of its", podOf(nil, []string{"a"}, nil), "x", "", "container x is not valid for pod p"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := containerOf(tc.pod, tc.asked)
			text := ""
			if err != nil {
				text = err.Error()
				if !apierrors.IsBadRequest(err) {
					t.Errorf("%v is no bad request", err)
				}
			}
			if got != tc.want || text != tc.text {
				t.Errorf("%q, %q; want %q, %q", got, text, tc.want, tc.text)
			}
		})
	}
}

// API-232.
func TestLogOptions(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		query, want string
		code        int32
		text        string
	}{
		{query: "", want: ""},
		{query: "container=a&follow=true&previous=1&timestamps=yes", want: "follow=true&previous=true&timestamps=true"},
		{query: "follow=false&previous=0&timestamps=", want: ""},
		{query: "tailLines=0&limitBytes=1&sinceSeconds=1", want: "limitBytes=1&sinceSeconds=1&tailLines=0"},
		{query: "sinceTime=2026-11-23T08:30:00Z", want: "sinceTime=2026-11-23T08%3A30%3A00Z"},
		{query: "insecureSkipTLSVerifyBackend=true", want: ""},
		{query: "tailLines=x", code: 400, text: `strconv.ParseInt: parsing "x": invalid syntax`},
		{query: "sinceTime=bad", code: 400, text: `parsing time "bad" as "2006-01-02T15:04:05Z07:00": cannot parse "bad" as "2006"`},
		{query: "tailLines=-1", code: 422, text: `PodLogOptions "p" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0`},
		{query: "limitBytes=0", code: 422, text: `PodLogOptions "p" is invalid: limitBytes: Invalid value: 0: must be greater than 0`},
		{query: "sinceSeconds=0", code: 422, text: `PodLogOptions "p" is invalid: sinceSeconds: Invalid value: 0: must be greater than 0`},
		{query: "sinceSeconds=1&sinceTime=2026-11-23T08:30:00Z", code: 422, text: "PodLogOptions \"p\" is invalid: []: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified"},
		{query: "tailLines=-1&limitBytes=-2", code: 422, text: `PodLogOptions "p" is invalid: [tailLines: Invalid value: -1: must be greater than or equal to 0, limitBytes: Invalid value: -2: must be greater than 0]`},
		{query: "stream=Stdout", code: 422, text: `PodLogOptions "p" is invalid: stream: Forbidden: may not be specified`},
	} {
		t.Run(tc.query, func(t *testing.T) {
			t.Parallel()
			q, err := url.ParseQuery(tc.query)
			if err != nil {
				t.Fatal(err)
			}
			got, err := logOptions("p", q)
			if tc.code == 0 {
				if err != nil || got.Encode() != tc.want {
					t.Errorf("%q, %v; want %q", got.Encode(), err, tc.want)
				}
				return
			}
			status, ok := err.(apierrors.APIStatus)
			if !ok {
				t.Fatalf("%v is no status", err)
			}
			if diff := cmp.Diff([]any{tc.code, tc.text}, []any{status.Status().Code, status.Status().Message}); diff != "" {
				t.Error(diff)
			}
		})
	}
}
