package kubemint_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint"
)

func pod(name, account string) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.PodSpec{
		ServiceAccountName: account, Containers: []corev1.Container{{Name: "main", Image: "nginx"}}}}
}

// runPod makes a pod and waits until it runs.
func (r *running) runPod(p *corev1.Pod) *corev1.Pod {
	r.t.Helper()
	pods := r.Admin.CoreV1().Pods("default")
	if _, err := pods.Create(r.t.Context(), p, metav1.CreateOptions{}); err != nil {
		r.t.Fatal(err)
	}
	var got *corev1.Pod
	eventually(r.t, "pod "+p.Name+" runs", func() bool {
		var err error
		got, err = pods.Get(r.t.Context(), p.Name, metav1.GetOptions{})
		return err == nil && got.Status.Phase == corev1.PodRunning
	})
	return got
}

// mount is where a pod's token lies on disk.
func (r *running) mount(p *corev1.Pod) string {
	r.t.Helper()
	found, err := filepath.Glob(filepath.Join(r.DataDir(), "nodes", p.Spec.NodeName, "pods", string(p.UID), "volumes", "kubernetes.io~projected", "kube-api-access-*"))
	if err != nil || len(found) != 1 {
		r.t.Fatalf("pod %s has volumes %v (%v)", p.Name, found, err)
	}
	return found[0]
}

func (r *running) read(path ...string) string {
	r.t.Helper()
	b, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		r.t.Fatal(err)
	}
	return string(b)
}

// clock moves the cluster's time over its own endpoint.
func (r *running) clock(body string) map[string]any {
	r.t.Helper()
	code, answer := r.call("", "POST", "/kubemint/v1/clock", body)
	if code != 200 {
		r.t.Fatalf("clock %s: %d %s", body, code, answer)
	}
	var out map[string]any
	if err := json.Unmarshal([]byte(answer), &out); err != nil {
		r.t.Fatal(err)
	}
	if p, _ := out["pending"].([]any); len(p) > 0 {
		r.t.Errorf("clock %s left pending: %v", body, p)
	}
	return out
}

// TestAPodsTokenIsRenewedBeforeItExpires is the main job: a pod that names no account gets default's token on disk, may do next to
// nothing with it, may do more once a role is bound, and finds another token in its place before the first one ends.
func TestAPodsTokenIsRenewedBeforeItExpires(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{Nodes: 1})
	p := r.runPod(pod("app", ""))
	if p.Spec.ServiceAccountName != "default" {
		t.Errorf("the pod runs as %q", p.Spec.ServiceAccountName)
	}
	dir := r.mount(p)
	first := r.read(dir, "token")
	if got := r.read(dir, "namespace"); got != "default" {
		t.Errorf("namespace says %q", got)
	}
	if got := r.read(dir, "ca.crt"); !strings.HasPrefix(got, "-----BEGIN CERTIFICATE-----") {
		t.Errorf("ca.crt says %.40q", got)
	}
	target, err := os.Readlink(filepath.Join(dir, "..data"))
	if err != nil {
		t.Fatal(err)
	}

	const list = "/api/v1/namespaces/default/pods"
	if code, body := r.call(first, "GET", list, ""); code != 403 || !strings.Contains(body, `User \"system:serviceaccount:default:default\" cannot list resource \"pods\"`) {
		t.Errorf("before the binding: %d %s", code, body)
	}
	ctx := t.Context()
	rbac := r.Admin.RbacV1()
	if _, err := rbac.Roles("default").Create(ctx, &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Name: "reader"},
		Rules: []rbacv1.PolicyRule{{Verbs: []string{"list"}, APIGroups: []string{""}, Resources: []string{"pods"}}}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := rbac.RoleBindings("default").Create(ctx, &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "reader"},
		RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "reader"},
		Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Name: "default", Namespace: "default"}}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if code, body := r.call(first, "GET", list, ""); code != 200 { // in force for the very next request
		t.Errorf("after the binding: %d %s", code, body)
	}

	r.clock(`{"do":"advance","duration":"50m"}`)
	second := r.read(dir, "token")
	if second == first {
		t.Error("50 minutes later the token is the same")
	}
	if now, _ := os.Readlink(filepath.Join(dir, "..data")); now == target {
		t.Error("..data still points to the old files")
	}
	for name, token := range map[string]string{"old": first, "new": second} {
		if code, body := r.call(token, "GET", list, ""); code != 200 {
			t.Errorf("the %s token after the refresh: %d %s", name, code, body)
		}
	}
	if err := r.Admin.CoreV1().Pods("default").Delete(ctx, "app", metav1.DeleteOptions{GracePeriodSeconds: new(int64)}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the pod's directory is gone", func() bool {
		_, err := os.Stat(filepath.Dir(filepath.Dir(dir)))
		return os.IsNotExist(err)
	})
	if code, _ := r.call(second, "GET", list, ""); code != 401 {
		t.Errorf("the token of a pod that is gone: %d, want 401", code)
	}
}

// TestATokenMadeByHandEnds: what `create token` gives is good until its end and a minute's grace, and no longer.
func TestATokenMadeByHandEnds(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{})
	seconds := int64(600)
	tr, err := r.Admin.CoreV1().ServiceAccounts("default").CreateToken(t.Context(), "default",
		&authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &seconds}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		advance string
		want    int
	}{{"9m", 200}, {"1m30s", 200}, {"1m", 401}} { // AUTH-13: sixty seconds of leeway
		r.clock(`{"do":"advance","duration":"` + step.advance + `"}`)
		if code, body := r.call(tr.Status.Token, "GET", "/api", ""); code != step.want {
			t.Errorf("%s later: %d, want %d (%s)", step.advance, code, step.want, body)
		}
	}
}

// TestWithoutExtensionAMountedTokenEndsAfterItsHour: by default the standard mount's token is signed for a year (TOK-6).
func TestWithoutExtensionAMountedTokenEndsAfterItsHour(t *testing.T) {
	t.Parallel()
	for _, extend := range []bool{true, false} {
		r := start(t, kubemint.Config{Nodes: 1, ServiceAccountExtendTokenExpiration: &extend})
		token := r.read(r.mount(r.runPod(pod("app", ""))), "token")
		r.clock(`{"do":"advance","duration":"2h"}`)
		want := 401
		if extend {
			want = 200
		}
		if code, _ := r.call(token, "GET", "/api", ""); code != want {
			t.Errorf("extended %v: a copy two hours old: %d, want %d", extend, code, want)
		}
	}
}

// TestRestartContinues: the same authority, keys, objects, tokens and clock after a restart on the same directory.
func TestRestartContinues(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := start(t, kubemint.Config{DataDir: dir, Nodes: 1})
	if _, err := r.Admin.CoreV1().ConfigMaps("default").Create(t.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "kept"}, Data: map[string]string{"k": "v"}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	p := r.runPod(pod("app", ""))
	token := r.read(r.mount(p), "token")
	r.clock(`{"do":"advance","duration":"3h"}`)
	before := r.Clock().Now()
	ca := r.read(dir, "pki", "ca.crt")
	r.stop()

	r = start(t, kubemint.Config{DataDir: dir, Nodes: 1})
	if got := r.read(dir, "pki", "ca.crt"); got != ca {
		t.Error("the authority changed")
	}
	if now := r.Clock().Now(); now.Before(before) || now.Sub(before) > 5*time.Minute {
		t.Errorf("the clock went from %v to %v", before, now)
	}
	if cm, err := r.Admin.CoreV1().ConfigMaps("default").Get(t.Context(), "kept", metav1.GetOptions{}); err != nil || cm.Data["k"] != "v" {
		t.Errorf("the object is %v (%v)", cm, err)
	}
	if code, body := r.call(token, "GET", "/api", ""); code != 200 {
		t.Errorf("a token signed before: %d %s", code, body)
	}
	eventually(t, "the pod runs on", func() bool {
		got, err := r.Admin.CoreV1().Pods("default").Get(t.Context(), "app", metav1.GetOptions{})
		return err == nil && got.UID == p.UID && got.Status.Phase == corev1.PodRunning
	})
	if r.read(r.mount(p), "token") == "" {
		t.Error("the token file is empty")
	}
}

// TestASecondStartOnADirectoryInUseIsRefused leaves the first one alone.
func TestASecondStartOnADirectoryInUseIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := start(t, kubemint.Config{DataDir: dir})
	c, err := kubemint.New(kubemint.Config{DataDir: dir, Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("the second start said %v", err)
	}
	if code, _ := r.call("", "GET", "/readyz", ""); code != 200 {
		t.Errorf("the first one is at %d", code)
	}
}

// TestManyClustersInOneProcess share nothing (design decision D7).
func TestManyClustersInOneProcess(t *testing.T) {
	t.Parallel()
	a, b := start(t, kubemint.Config{}), start(t, kubemint.Config{})
	if _, err := a.Admin.CoreV1().ConfigMaps("default").Create(t.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "x"}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Admin.CoreV1().ConfigMaps("default").Get(t.Context(), "x", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the other cluster has it, too: %v", err)
	}
	a.clock(`{"do":"leap","duration":"1h"}`)
	if d := a.Clock().Now().Sub(b.Clock().Now()); d < 50*time.Minute {
		t.Errorf("the clocks differ by %v", d)
	}
}
