package kubemint_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint"
)

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
