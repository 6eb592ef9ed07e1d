package kubemint_test

import (
	"net/http"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint"
)

// What leads to a node says that there is none of that name: as a real server, in the words of the request's resource.
func TestStreamsOfAPodWhoseNodeIsMissing(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{Nodes: 1})
	if _, err := r.Admin.CoreV1().Pods("default").Create(t.Context(), &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "lost"},
		Spec:       corev1.PodSpec{NodeName: "ghost", Containers: []corev1.Container{{Name: "c", Image: "busybox"}}},
	}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, sub := range []string{"log", "exec?command=ls&stdout=true", "attach?stdout=true", "portforward"} {
		code, body := r.call("", http.MethodGet, "/api/v1/namespaces/default/pods/lost/"+sub, "")
		if code != http.StatusNotFound || !strings.Contains(string(body), `"message":"pods \"ghost\" not found"`) || !strings.Contains(string(body), `"details":{"name":"ghost","kind":"pods"}`) {
			t.Errorf("%s: %d %s", sub, code, body)
		}
	}
	if out, code := r.kubectl("logs", "lost"); code == 0 {
		t.Errorf("printed %q", out)
	}
}
