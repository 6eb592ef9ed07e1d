package kubemint_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint"
	"github.com/kubemint/kubemint/internal/kubectl"
)

// The test binary is kubectl as well.
func TestMain(m *testing.M) {
	kubectl.Intercept()
	os.Exit(m.Run())
}

// pod creates a pod of one container named as itself and waits until it is in the phase.
func (r *running) pod(name string, phase corev1.PodPhase, image string, command ...string) *corev1.Pod {
	r.t.Helper()
	pod, err := r.Admin.CoreV1().Pods("default").Create(r.t.Context(), &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       corev1.PodSpec{RestartPolicy: corev1.RestartPolicyNever, Containers: []corev1.Container{{Name: name, Image: image, Command: command}}},
	}, metav1.CreateOptions{})
	if err != nil {
		r.t.Fatal(err)
	}
	eventually(r.t, "pod "+name+" is "+string(phase), func() bool {
		pod, err = r.Admin.CoreV1().Pods("default").Get(r.t.Context(), name, metav1.GetOptions{})
		return err == nil && pod.Status.Phase == phase
	})
	return pod
}

func TestScriptOfAContainerUsesItsToken(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{Nodes: 1})
	const call = `d=/var/run/secrets/kubernetes.io/serviceaccount
code=$(curl -s -o /tmp/answer -w '%{http_code}' --cacert $d/ca.crt -H "Authorization: Bearer $(cat $d/token)" https://kubernetes.default.svc/api/v1/namespaces/default/pods)
[ "$code" = 403 ] && grep -q '"reason": *"Forbidden"' /tmp/answer && exit 43
cat /tmp/answer; exit 1`
	pod := r.pod("asks", corev1.PodFailed, "curlimages/curl", "sh", "-c", call)
	if s := pod.Status.ContainerStatuses[0].State.Terminated; s == nil || s.ExitCode != 43 {
		t.Errorf("ended with %+v, want exit code 43 after a refusal as JSON", s)
	}
}

// kubectl runs the embedded client as the administrator.
func (r *running) kubectl(args ...string) (out string, code int) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), patience)
	defer cancel()
	c := kubectl.Command(ctx, r.KubeconfigPath(), args...)
	var both bytes.Buffer
	c.Stdout, c.Stderr = &both, &both
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		r.t.Fatalf("kubectl %q: %v", args, err)
	}
	return both.String(), c.ProcessState.ExitCode()
}

func TestLogs(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{Nodes: 1})
	r.pod("talks", corev1.PodRunning, "busybox", "sh", "-c", "for i in 1 2 3; do echo line $i; done; echo oops >&2; printf tail; while true; do sleep 100; done")
	r.pod("ends", corev1.PodSucceeded, "busybox", "sh", "-c", "for i in 1 2 3; do echo line $i; done; printf end")
	eventually(t, "all lines are there", func() bool { out, _ := r.kubectl("logs", "talks"); return strings.Contains(out, "oops") })
	for _, tc := range []struct {
		args []string
		want string
		code int
	}{
		{[]string{"logs", "talks"}, "line 1\nline 2\nline 3\noops\n", 0},
		{[]string{"logs", "talks", "--tail=2"}, "line 3\noops\n", 0},
		{[]string{"logs", "talks", "--limit-bytes=6"}, "line 1", 0},
		{[]string{"logs", "talks", "--since=1h", "-c", "talks"}, "line 1\nline 2\nline 3\noops\n", 0},
		{[]string{"logs", "ends"}, "line 1\nline 2\nline 3\nend", 0},
		{[]string{"logs", "-f", "ends"}, "line 1\nline 2\nline 3\nend", 0},
		{[]string{"logs", "ends", "-p"}, "Error from server (BadRequest): previous terminated container \"ends\" in pod \"ends\" not found\n", 1},
		{[]string{"logs", "ends", "-c", "x"}, "error: container x is not valid for pod ends out of: ends\n", 1},
		{[]string{"logs", "nobody"}, "error: error from server (NotFound): pods \"nobody\" not found in namespace \"default\"\n", 1},
	} {
		if out, code := r.kubectl(tc.args...); out != tc.want || code != tc.code {
			t.Errorf("kubectl %q printed %q, code %d; want %q, code %d", tc.args, out, code, tc.want, tc.code)
		}
	}
	if out, _ := r.kubectl("logs", "ends", "--timestamps", "--tail=1"); !strings.HasSuffix(out, "Z end") {
		t.Errorf("with timestamps: %q", out)
	}
	if code, body := r.call("", "GET", "/api/v1/namespaces/default/pods/ends/log?container=y", ""); code != 400 || !strings.Contains(body, "container y is not valid for pod ends") {
		t.Errorf("%d %s", code, body)
	}
}

func TestExec(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{Nodes: 1})
	r.pod("app", corev1.PodRunning, "nginx")
	const dir = "/var/run/secrets/kubernetes.io/serviceaccount"
	if out, code := r.kubectl("exec", "app", "--", "ls", "-la", dir); code != 0 || !strings.Contains(out, "token -> ..data/token") {
		t.Errorf("code %d\n%s", code, out)
	}
	if out, code := r.kubectl("exec", "app", "--", "sh", "-c", "cut -d. -f2 "+dir+"/token | base64 -d 2>/dev/null"); !strings.Contains(out, `"kubernetes.io"`) {
		t.Errorf("code %d\n%s", code, out)
	}
	if out, code := r.kubectl("exec", "app", "--", "sh", "-c", "echo out; echo err >&2; exit 3"); code != 3 || !strings.HasSuffix(out, "command terminated with exit code 3\n") {
		t.Errorf("code %d\n%s", code, out)
	}
	if out, code := r.kubectl("exec", "app", "--", "nosuch"); code == 0 {
		t.Errorf("code %d\n%s", code, out)
	}
	call := `curl -s --cacert ` + dir + `/ca.crt -H "Authorization: Bearer $(cat ` + dir + `/token)" https://kubernetes.default.svc/api/v1/namespaces/default/pods`
	if out, code := r.kubectl("exec", "app", "--", "sh", "-c", call); code != 0 || !strings.Contains(out, `"code": 403`) {
		t.Errorf("code %d\n%s", code, out)
	}
	if out, code := r.kubectl("create", "rolebinding", "look", "--clusterrole=view", "--serviceaccount=default:default"); code != 0 {
		t.Fatal(out)
	}
	if out, code := r.kubectl("exec", "app", "--", "sh", "-c", call+" | jq -r '.items[].metadata.name'"); code != 0 || out != "app\n" {
		t.Errorf("code %d\n%s", code, out)
	}
}

func TestExecReadsItsInput(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{Nodes: 1})
	r.pod("app", corev1.PodRunning, "nginx")
	for _, sockets := range []string{"true", "false"} {
		c := kubectl.Command(t.Context(), r.KubeconfigPath(), "exec", "-i", "app", "--", "sh")
		c.Env = append(c.Env, "KUBECTL_REMOTE_COMMAND_WEBSOCKETS="+sockets)
		c.Stdin = strings.NewReader("read x\nhello\necho got $x\nwc -c\nabc")
		out, err := c.CombinedOutput()
		if err != nil || string(out) != "got hello\n3\n" {
			t.Errorf("websockets %s: %v, printed %q", sockets, err, out)
		}
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "f"), bytes.Repeat([]byte("0123456789\n"), 10_000), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, code := r.kubectl("cp", filepath.Join(dir, "f"), "app:/tmp/f"); code != 0 {
		t.Fatal(out)
	}
	if out, code := r.kubectl("cp", "app:/tmp/f", filepath.Join(dir, "g")); code != 0 {
		t.Fatal(out)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "g")); err != nil || len(b) != 110_000 {
		t.Errorf("%d bytes came back, %v", len(b), err)
	}
}

// SPEC-3: who may only get pods/exec does not open a shell by a WebSocket.
func TestExecNeedsCreate(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{Nodes: 1})
	r.pod("app", corev1.PodRunning, "nginx")
	for _, args := range [][]string{
		{"create", "role", "only-get", "--verb=get", "--resource=pods,pods/exec,pods/log"},
		{"create", "rolebinding", "only-get", "--role=only-get", "--serviceaccount=default:default"},
	} {
		if out, code := r.kubectl(args...); code != 0 {
			t.Fatal(out)
		}
	}
	token, code := r.kubectl("create", "token", "default")
	if code != 0 {
		t.Fatal(token)
	}
	status, body := r.call(strings.TrimSpace(token), "GET", "/api/v1/namespaces/default/pods/app/exec?command=id&stdout=true", "", "Connection", "Upgrade", "Upgrade", "websocket")
	if status != 403 || !strings.Contains(body, `cannot create resource \"pods/exec\"`) {
		t.Errorf("%d %s", status, body)
	}
	if status, body := r.call(strings.TrimSpace(token), "GET", "/api/v1/namespaces/default/pods/app/log", ""); status != 200 {
		t.Errorf("log: %d %s", status, body)
	}
}

// A script that starts at a stop of the clock does its work at that moment: the clock waits for it, and for its process before.
func TestTheClockWaitsForAScriptThatStarts(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{Nodes: 1, Start: time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC)})
	r.clock(`{"do":"pause"}`)
	if out, code := r.kubectl("create", "cronjob", "tick", "--image=busybox", "--schedule=0 * * * *", "--", "date"); code != 0 {
		t.Fatal(out)
	}
	r.clock(`{"do":"advance","duration":"40m"}`)
	const ends = "jsonpath={.items[*].status.containerStatuses[*].state.terminated.finishedAt}"
	var out string
	eventually(t, "the script's end", func() bool {
		out, _ = r.kubectl("get", "pods", "-o", ends)
		return out != ""
	})
	if want := "2026-11-23T09:00:00Z"; out != want {
		t.Errorf("the script ended at %q, want %s", out, want)
	}
	if out, _ := r.kubectl("logs", "-l", "batch.kubernetes.io/job-name"); !strings.Contains(out, " 09:00:0") {
		t.Errorf("the script saw %q", out)
	}
}
