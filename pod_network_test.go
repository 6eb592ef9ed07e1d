package kubemint_test

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint"
	"github.com/kubemint/kubemint/internal/kubectl"
)

func TestPodsReachServices(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{Nodes: 2})
	const manifest = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: nginx
        image: nginx:1.29
        ports: [{name: http, containerPort: 80}]
        readinessProbe: {httpGet: {path: /, port: http}}
        volumeMounts: [{name: pages, mountPath: /usr/share/nginx/html}]
      volumes: [{name: pages, configMap: {name: pages}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: pages}
data: {index.html: "from a ConfigMap\n"}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 8080, targetPort: http}]}
---
apiVersion: v1
kind: Service
metadata: {name: pods}
spec: {clusterIP: None, selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: nobody}
spec: {selector: {app: nobody}, ports: [{port: 80}]}
`
	c := kubectl.Command(t.Context(), r.KubeconfigPath(), "apply", "-f", "-")
	c.Stdin = strings.NewReader(manifest)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	eventually(t, "the Deployment is ready", func() bool {
		d, err := r.Admin.AppsV1().Deployments("default").Get(t.Context(), "web", metav1.GetOptions{})
		return err == nil && d.Status.ReadyReplicas == 2
	})
	// One script for all, so that kubectl starts once: on a busy machine that takes a while.
	const script = `
for i in $(seq 600); do curl -sf -o /dev/null http://web:8080/ && curl -sf -o /dev/null http://pods/ && break; sleep 0.1; done
curl -s http://web:8080/
wget -qO- http://web.default.svc.cluster.local:8080/
curl -s -o /dev/null -w '%{http_code}\n' http://web.default:8080/nothing
curl -sS http://web/ 2>&1
curl -sS http://nobody/ 2>&1
curl -sS http://web.kube-system:8080/ 2>&1
nslookup pods | grep -c 'Address: 10.244'
curl -s http://pods/
`
	r.pod("client", corev1.PodSucceeded, "busybox", "sh", "-c", script)
	const want = `from a ConfigMap
from a ConfigMap
404
curl: (7) Failed to connect to web port 80 after 0 ms: Could not connect to server
curl: (7) Failed to connect to nobody port 80 after 0 ms: Could not connect to server
curl: (6) Could not resolve host: web.kube-system
2
from a ConfigMap
`
	if got := r.logs("client"); got != want {
		t.Errorf("the client printed\n%s\nwant\n%s", got, want)
	}
	pods, err := r.Admin.CoreV1().Pods("default").List(t.Context(), metav1.ListOptions{LabelSelector: "app=web"})
	if err != nil {
		t.Fatal(err)
	}
	var all string
	for _, p := range pods.Items {
		all += r.logs(p.Name)
	}
	if !strings.Contains(all, `"GET /nothing HTTP/1.1" 404 `) || !strings.Contains(all, `"kube-probe/1.36"`) {
		t.Errorf("the servers logged\n%s", all)
	}
}

// logs is what a pod's container has printed.
func (r *running) logs(pod string) string {
	r.t.Helper()
	b, err := r.Admin.CoreV1().Pods("default").GetLogs(pod, &corev1.PodLogOptions{}).DoRaw(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	return string(b)
}

func TestImagesUseTheirToken(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{Nodes: 1})
	r.pod("prom", corev1.PodRunning, "prom/prometheus:v3.7.3")
	const refusal = `scrape refused: 403 pods is forbidden: User \"system:serviceaccount:default:default\" cannot list resource \"pods\" in API group \"\" at the cluster scope`
	eventually(t, "a refusal", func() bool { return strings.Contains(r.logs("prom"), refusal) })
	_, err := r.Admin.RbacV1().ClusterRoleBindings().Create(t.Context(), &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "look"}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "view"},
		Subjects: []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: "default", Name: "default"}},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(patience); !strings.Contains(r.logs("prom"), "scraped 1 pod"); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never scraped:\n%s", r.logs("prom"))
		}
		if _, _, err := r.Clock().Leap(31 * time.Second); err != nil {
			t.Fatal(err)
		}
	}
	r.pod("ends", corev1.PodSucceeded, "busybox")
	usage := r.pod("usage", corev1.PodFailed, "curlimages/curl:8.17.0")
	if end := usage.Status.ContainerStatuses[0].State.Terminated; end == nil || end.ExitCode != 2 {
		t.Errorf("curl without arguments ends with %+v", end)
	}
}
