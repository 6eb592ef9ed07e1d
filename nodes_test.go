package kubemint_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint"
	"github.com/kubemint/kubemint/internal/told"
)

// nodeNames lists the nodes that the cluster tells of.
func (r *running) nodeNames() []string {
	r.t.Helper()
	var names []string
	for _, n := range own[told.Nodes](r, "GET", "nodes", "").Nodes {
		names = append(names, n.Name)
	}
	return names
}

// steer does something to a node.
func (r *running) steer(node, do, body string) told.Node {
	r.t.Helper()
	return own[told.Node](r, "POST", "nodes/"+node+"/"+do, body)
}

// nodeOf finds a node among those that the cluster tells of.
func (r *running) nodeOf(name string) told.Node {
	r.t.Helper()
	return own[told.Node](r, "GET", "nodes/"+name, "")
}

// taints lists those of a Node, without their common prefix.
func (r *running) taints(node string) []string {
	r.t.Helper()
	n, err := r.Admin.CoreV1().Nodes().Get(r.t.Context(), node, metav1.GetOptions{})
	if err != nil {
		r.t.Fatal(err)
	}
	out := []string{}
	for _, t := range n.Spec.Taints {
		out = append(out, strings.TrimPrefix(t.Key, "node.kubernetes.io/")+":"+string(t.Effect))
	}
	return out
}

func TestNodesJoinAndLeave(t *testing.T) {
	t.Parallel()
	cfg := kubemint.Config{DataDir: t.TempDir(), Nodes: 2}
	r := start(t, cfg)
	if got := own[told.Node](r, "POST", "nodes", `{}`); got.Name != "node-3" || got.Ready != "True" || !got.Simulated {
		t.Errorf("the new node is %+v", got)
	}
	if got := own[told.Node](r, "POST", "nodes", `{"name":"gpu"}`); got.Name != "gpu" || got.Ready != "True" {
		t.Errorf("the named node is %+v", got)
	}
	p := pod("there", "")
	p.Spec.NodeSelector = map[string]string{"kubernetes.io/hostname": "gpu"}
	p = r.runPod(p)
	if token := r.read(r.mount(p), "token"); token == "" {
		t.Error("a pod on the new node has no token")
	}
	if got := own[told.Node](r, "DELETE", "nodes/node-1", ""); got.Name != "node-1" {
		t.Errorf("removed %+v", got)
	}
	if _, err := r.Admin.CoreV1().Nodes().Get(t.Context(), "node-1", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the Node that was removed: %v", err)
	}
	if _, err := os.Stat(filepath.Join(cfg.DataDir, "nodes", "node-1")); !os.IsNotExist(err) {
		t.Errorf("its directory: %v", err)
	}
	want := []string{"gpu", "node-2", "node-3"}
	if got := r.nodeNames(); !slices.Equal(got, want) {
		t.Errorf("nodes %v, want %v", got, want)
	}
	ranges := map[string]bool{}
	for _, name := range want {
		n, err := r.Admin.CoreV1().Nodes().Get(t.Context(), name, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		ranges[n.Spec.PodCIDR], ranges[n.Status.Addresses[0].Address] = true, true
	}
	if len(ranges) != 6 {
		t.Errorf("three nodes share addresses: %v", ranges)
	}
	r.steer("node-2", "skew", `{"by":"-5m"}`)
	r.stop()

	r = start(t, cfg) // the same question again adds nothing to what was left
	if got := r.nodeNames(); !slices.Equal(got, want) {
		t.Errorf("nodes after a restart %v, want %v", got, want)
	}
	if got := r.nodeOf("node-2"); got.SkewSeconds != -300 || got.Ready != "True" {
		t.Errorf("after a restart node-2 is %+v", got)
	}
	eventually(t, "the pod runs on", func() bool {
		got, err := r.Admin.CoreV1().Pods("default").Get(t.Context(), "there", metav1.GetOptions{})
		return err == nil && got.UID == p.UID && got.Status.Phase == corev1.PodRunning
	})
	r.stop()

	cfg.Nodes = 5
	r = start(t, cfg)
	if want, got := []string{"gpu", "node-1", "node-2", "node-3", "node-5"}, r.nodeNames(); !slices.Equal(got, want) {
		t.Errorf("nodes after a start that asks for five: %v, want %v", got, want)
	}
}

// refusedNode asks for what is not done, and returns the code that says why.
func (r *running) refusedNode(method, path, body string, want int) string {
	r.t.Helper()
	code, answer := r.call("", method, "/kubemint/v1/nodes"+path, body)
	var s metav1.Status
	if err := json.Unmarshal([]byte(answer), &s); err != nil || code != want || s.Message == "" {
		r.t.Errorf("%s %s %s: %d %s, want %d", method, path, body, code, answer, want)
		return ""
	}
	if s.Details == nil || len(s.Details.Causes) == 0 {
		return ""
	}
	return string(s.Details.Causes[0].Type)
}

func TestWhatIsNotDoneToNodes(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{Nodes: 1})
	if _, err := r.Admin.CoreV1().Nodes().Create(t.Context(), &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "metal"}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	r.steer("node-1", "cut", "")
	for _, tt := range []struct {
		method, path, body string
		status             int
		code               string
	}{
		{"GET", "/nobody", "", 404, "node.unknown"},
		{"DELETE", "/nobody", "", 404, "node.unknown"},
		{"POST", "/nobody/cut", "", 404, "node.unknown"},
		{"POST", "/metal/cut", "", 409, "node.foreign"},
		{"DELETE", "/metal", "", 409, "node.foreign"},
		{"POST", "", `{"name":"metal"}`, 409, "node.exists"},
		{"POST", "", `{"name":"node-1"}`, 409, "node.exists"},
		{"POST", "", `{"name":"../../etc"}`, 400, "node.name"},
		{"POST", "", `{"name":"Upper"}`, 400, "node.name"},
		{"POST", "", `{"name":"` + strings.Repeat("n", 64) + `"}`, 400, "node.name"},
		{"POST", "/node-1/cut", "", 409, "node.cut.already"},
		{"POST", "/metal/skew", `{"by":"5m"}`, 409, "node.foreign"},
		{"POST", "/node-1/skew", `{"by":"1000000h"}`, 400, "node.skew.far"},
		{"POST", "/node-1/skew", `{"by":"soon"}`, 400, ""},
		{"POST", "/node-1/burn", "", 400, ""},
		{"PUT", "/node-1", "", 405, ""},
		{"GET", "/node-1/cut", "", 405, ""},
	} {
		if got := r.refusedNode(tt.method, tt.path, tt.body, tt.status); got != tt.code {
			t.Errorf("%s nodes%s %s: code %q, want %q", tt.method, tt.path, tt.body, got, tt.code)
		}
	}
	r.steer("node-1", "heal", "")
	if got := r.refusedNode("POST", "/node-1/heal", "", 409); got != "node.heal.whole" {
		t.Errorf("healed twice: %q", got)
	}
}

func TestARightToNodesIsNeeded(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{Nodes: 1})
	token := r.tokenOf("somebody")
	for _, ask := range []struct{ method, path string }{{"GET", ""}, {"POST", ""}, {"DELETE", "/node-1"}, {"POST", "/node-1/cut"}} {
		if code, _ := r.call(token, ask.method, "/kubemint/v1/nodes"+ask.path, "{}"); code != http.StatusForbidden {
			t.Errorf("%s nodes%s by somebody: %d", ask.method, ask.path, code)
		}
	}
}

// deployed makes a Deployment in default and waits until all its pods run.
func (r *running) deployed(name string, replicas int32) {
	r.t.Helper()
	labels := map[string]string{"app": name}
	d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: appsv1.DeploymentSpec{
		Replicas: &replicas, Selector: &metav1.LabelSelector{MatchLabels: labels},
		Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "nginx"}}}},
	}}
	if _, err := r.Admin.AppsV1().Deployments("default").Create(r.t.Context(), d, metav1.CreateOptions{}); err != nil {
		r.t.Fatal(err)
	}
	eventually(r.t, name+" runs", func() bool { return r.where(name)["Running"] == int(replicas) })
}

// where counts the pods of an app: by NODE those that live, by "Running" those that run and are not being deleted, by "Terminating" those
// that are.
func (r *running) where(app string) map[string]int {
	r.t.Helper()
	pods, err := r.Admin.CoreV1().Pods("default").List(r.t.Context(), metav1.ListOptions{LabelSelector: "app=" + app})
	if err != nil {
		r.t.Fatal(err)
	}
	count := map[string]int{}
	for _, p := range pods.Items {
		switch {
		case p.DeletionTimestamp != nil:
			count["Terminating"]++
			continue
		case p.Status.Phase == corev1.PodRunning:
			count["Running"]++
		}
		count[p.Spec.NodeName]++
	}
	return count
}

// TestADeadNodesPodsAreEvictedOnTheClock is NODE-3 from end to end: a node that is cut off is silent, counts as lost 50 seconds after its
// last word, and its pods leave 300 seconds later; others take their place. When it is healed it ends what was to be deleted.
func TestADeadNodesPodsAreEvictedOnTheClock(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{Nodes: 2})
	r.clock(`{"do":"pause"}`)
	r.deployed("web", 6)
	before := r.where("web")
	if before["node-1"] == 0 || before["node-2"] == 0 {
		t.Fatalf("the pods are at %v", before)
	}
	lost := before["node-2"]
	r.clock(`{"do":"advance","duration":"1s"}`) // all have been heard of this very moment
	if got := r.steer("node-2", "cut", ""); !got.Cut || got.Ready != "True" {
		t.Errorf("just cut off it is %+v", got)
	}
	r.clock(`{"do":"advance","duration":"40s"}`)
	if got := r.nodeOf("node-2"); got.Ready != "True" {
		t.Errorf("after 40 s of silence it is %+v", got)
	}
	r.clock(`{"do":"advance","duration":"20s"}`)
	if got := r.nodeOf("node-2"); got.Ready != "Unknown" {
		t.Errorf("after 60 s of silence it is %+v", got)
	}
	if got := r.taints("node-2"); !slices.Equal(got, []string{"unreachable:NoSchedule", "unreachable:NoExecute"}) {
		t.Errorf("taints %v", got)
	}
	if got := r.nodeOf("node-1"); got.Ready != "True" {
		t.Errorf("the other one is %+v", got)
	}
	if got := r.where("web"); got["node-2"] != lost {
		t.Errorf("before the toleration is over the pods are at %v", got)
	}
	moved := r.clock(`{"do":"advance","duration":"10m"}`) // straight through
	if stops := fmt.Sprint(moved["stops"]); !strings.Contains(stops, "evicted from node-2") {
		t.Errorf("stops %s", stops)
	}
	got := r.where("web")
	if got["Terminating"] != lost || got["node-1"] != 6 || got["Running"] != 6 {
		t.Errorf("after it the pods are at %v; %d were on the dead node", got, lost)
	}
	if got := r.steer("node-2", "heal", ""); got.Cut {
		t.Errorf("healed it is %+v", got)
	}
	eventually(t, "it is ready", func() bool { return r.nodeOf("node-2").Ready == "True" && len(r.taints("node-2")) == 0 })
	r.clock(`{"do":"advance","duration":"1m"}`)
	eventually(t, "it ends what was to be deleted", func() bool { return r.where("web")["Terminating"] == 0 })
	dirs, err := filepath.Glob(filepath.Join(r.DataDir(), "nodes", "node-2", "pods", "*-*-*-*-*"))
	if err != nil || len(dirs) != 0 {
		t.Errorf("left on its disk: %v (%v)", dirs, err)
	}
}

// TestADeadNodeInOneGo: without a look in between the same happens at the same moments.
func TestADeadNodeInOneGo(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{Nodes: 2})
	r.clock(`{"do":"pause"}`)
	r.deployed("web", 4)
	r.clock(`{"do":"advance","duration":"1s"}`) // both have been heard of this very moment
	r.steer("node-1", "cut", "")
	from := r.Clock().Now()
	moved := r.clock(`{"do":"advance","duration":"7m"}`)
	at := func(what string) time.Duration {
		for _, s := range moved["stops"].([]any) {
			stop := s.(map[string]any)
			if strings.HasSuffix(stop["what"].(string), what) {
				moment, err := time.Parse(time.RFC3339Nano, stop["at"].(string))
				if err != nil {
					t.Fatal(err)
				}
				return moment.Sub(from)
			}
		}
		t.Fatalf("no stop is about %s: %v", what, moved["stops"])
		return 0
	}
	given, evicted := at("node-1 given up"), at("evicted from node-1")
	if given < 50*time.Second || given > 52*time.Second || evicted-given < 299*time.Second || evicted-given > 301*time.Second {
		t.Errorf("given up after %v, evicted after %v", given, evicted)
	}
	if got := r.where("web"); got["Running"] != 4 || got["node-2"] != 4 {
		t.Errorf("the pods are at %v", got)
	}
}

// TestACutLastsOverARestart: a cluster does not wait for a node that is cut off.
func TestACutLastsOverARestart(t *testing.T) {
	t.Parallel()
	cfg := kubemint.Config{DataDir: t.TempDir(), Nodes: 2}
	r := start(t, cfg)
	r.steer("node-2", "cut", "")
	r.stop()
	r = start(t, cfg)
	if got := r.nodeOf("node-2"); !got.Cut || got.LastHeard != nil {
		t.Errorf("after a restart it is %+v", got)
	}
	r.clock(`{"do":"advance","duration":"2m"}`)
	if got := r.nodeOf("node-2"); got.Ready != "Unknown" {
		t.Errorf("two minutes later it is %+v", got)
	}
	r.steer("node-2", "heal", "")
	eventually(t, "it is ready", func() bool { return r.nodeOf("node-2").Ready == "True" })
}
