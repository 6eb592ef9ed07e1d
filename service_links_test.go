package kubemint_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint"
)

// TestServicesAreInTheEnvironment: a container finds the API server in its environment, and the Services of its namespace that were there
// before it unless its pod wants none of it.
func TestServicesAreInTheEnvironment(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{Nodes: 1})
	for _, name := range []string{"my-db", "headless"} {
		s := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 5432}}}}
		if name == "headless" {
			s.Spec.ClusterIP = corev1.ClusterIPNone
		}
		if _, err := r.Admin.CoreV1().Services("default").Create(t.Context(), s, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	db, err := r.Admin.CoreV1().Services("default").Get(t.Context(), "my-db", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	r.clock(`{"do":"advance","duration":"1s"}`) // the nodes have heard of them
	for _, links := range []bool{true, false} {
		name := map[bool]string{true: "linked", false: "alone"}[links]
		p := pod(name, "")
		p.Spec.EnableServiceLinks, p.Spec.RestartPolicy = &links, corev1.RestartPolicyNever
		p.Spec.Containers[0].Command = []string{"env"}
		if _, err := r.Admin.CoreV1().Pods("default").Create(t.Context(), p, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		var out string
		eventually(t, name+" has said its environment", func() bool {
			got, err := r.Admin.CoreV1().Pods("default").Get(t.Context(), name, metav1.GetOptions{})
			if err != nil || got.Status.Phase != corev1.PodSucceeded {
				return false
			}
			out, _ = r.kubectl("logs", name)
			return true
		})
		for line, want := range map[string]bool{
			"KUBERNETES_SERVICE_HOST=10.96.0.1": true, "KUBERNETES_SERVICE_PORT_HTTPS=443": true, "KUBERNETES_PORT_443_TCP=tcp://10.96.0.1:443": true,
			"MY_DB_SERVICE_HOST=" + db.Spec.ClusterIP: links, "MY_DB_PORT_5432_TCP_PORT=5432": links, "HEADLESS_": false,
		} {
			if strings.Contains(out, line) != want {
				t.Errorf("%s: %s is there: %t\n%s", name, line, !want, out)
			}
		}
	}
}
