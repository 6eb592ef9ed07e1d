package admission

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

func TestTokenIsMounted(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	for _, tc := range []struct {
		name, account string
		pod           *bool
		mounts        int
		note          string
	}{
		{"ADM-6 nothing said", "", nil, 1, NoteTokenMounted},
		{"ADM-6 account says yes", "on", nil, 1, NoteTokenMounted},
		{"ADM-6 account says no", "off", nil, 0, NoteTokenRefusedByAccount},
		{"ADM-6 pod says no over account's yes", "on", &no, 0, NoteTokenRefusedByPod},
		{"ADM-6 pod says yes over account's no", "off", &yes, 1, NoteTokenMounted},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			pod := makePod("p", func(p *corev1.Pod) {
				p.Spec.ServiceAccountName = tc.account
				p.Spec.AutomountServiceAccountToken = tc.pod
			})
			a := createPod(pod)
			if err := newChain(t, newWorld(), nil).Mutate(t.Context(), a); err != nil {
				t.Fatal(err)
			}
			if got := len(pod.Spec.Containers[0].VolumeMounts); got != tc.mounts {
				t.Errorf("mounts = %d, want %d", got, tc.mounts)
			}
			if got := len(pod.Spec.Volumes); got != tc.mounts {
				t.Errorf("volumes = %d, want %d", got, tc.mounts)
			}
			if !has(a, tc.note) {
				t.Errorf("notes %v lack %s", codes(a), tc.note)
			}
			want := tc.account
			if want == "" {
				want = "default" // ADM-2
			}
			if pod.Spec.ServiceAccountName != want || pod.Spec.DeprecatedServiceAccount != want { // ADM-3
				t.Errorf("account = %q, alias = %q, want %q", pod.Spec.ServiceAccountName, pod.Spec.DeprecatedServiceAccount, want)
			}
		})
	}
}

func TestInjectedVolumeIsExact(t *testing.T) { // ADM-8, ADM-9
	t.Parallel()
	pod := makePod("p", func(p *corev1.Pod) {
		p.Spec.InitContainers = []corev1.Container{{Name: "first", VolumeMounts: []corev1.VolumeMount{{Name: "x", MountPath: "/x"}}}}
		p.Spec.EphemeralContainers = []corev1.EphemeralContainer{{}}
	})
	if err := newChain(t, newWorld(), nil).Mutate(t.Context(), createPod(pod)); err != nil {
		t.Fatal(err)
	}
	var want, got any
	if err := yaml.Unmarshal([]byte(`
- name: kube-api-access-abcde
  projected:
    defaultMode: 420
    sources:
    - serviceAccountToken: {expirationSeconds: 3607, path: token}
    - configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: ca.crt}]}
    - downwardAPI: {items: [{path: namespace, fieldRef: {apiVersion: v1, fieldPath: metadata.namespace}}]}
`), &want); err != nil {
		t.Fatal(err)
	}
	b, err := yaml.Marshal(pod.Spec.Volumes)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("volume (-want +got):\n%s", d)
	}
	mount := corev1.VolumeMount{Name: "kube-api-access-abcde", ReadOnly: true, MountPath: TokenMountPath}
	if d := cmp.Diff([]corev1.VolumeMount{{Name: "x", MountPath: "/x"}, mount}, pod.Spec.InitContainers[0].VolumeMounts); d != "" {
		t.Errorf("the init container's mounts, ours last (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]corev1.VolumeMount{mount}, pod.Spec.Containers[0].VolumeMounts); d != "" {
		t.Errorf("the container's mounts (-want +got):\n%s", d)
	}
	if len(pod.Spec.EphemeralContainers[0].VolumeMounts) != 0 { // ADM-10
		t.Error("an ephemeral container got the mount")
	}
}

func TestMountPathTaken(t *testing.T) {
	t.Parallel()
	own := func(path string) func(*corev1.Pod) {
		return func(p *corev1.Pod) {
			p.Spec.Volumes = []corev1.Volume{{Name: "mine"}}
			p.Spec.Containers[0].VolumeMounts = []corev1.VolumeMount{{Name: "mine", MountPath: path}}
		}
	}
	for _, tc := range []struct {
		name            string
		change          func(*corev1.Pod)
		mounts, volumes int
	}{
		{"ADM-11 ADM-12 taken by every container", own(TokenMountPath), 1, 1},
		{"ADM-11 a trailing slash is another path", own(TokenMountPath + "/"), 2, 2},
		{"ADM-13 the pod's own kube-api-access volume is used", func(p *corev1.Pod) {
			p.Spec.Volumes = []corev1.Volume{{Name: "kube-api-access-mine"}}
		}, 1, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			pod := makePod("p", tc.change)
			if err := newChain(t, newWorld(), nil).Mutate(t.Context(), createPod(pod)); err != nil {
				t.Fatal(err)
			}
			if got := len(pod.Spec.Containers[0].VolumeMounts); got != tc.mounts {
				t.Errorf("mounts = %d, want %d", got, tc.mounts)
			}
			if got := len(pod.Spec.Volumes); got != tc.volumes {
				t.Errorf("volumes = %d, want %d", got, tc.volumes)
			}
		})
	}
}

func TestPullSecretsAreCopiedOrLeft(t *testing.T) { // ADM-14
	t.Parallel()
	pod := makePod("p", func(p *corev1.Pod) { p.Spec.ServiceAccountName = "puller" })
	own := makePod("q", func(p *corev1.Pod) {
		p.Spec.ServiceAccountName = "puller"
		p.Spec.ImagePullSecrets = []corev1.LocalObjectReference{{Name: "own"}}
	})
	chain := newChain(t, newWorld(), nil)
	for _, p := range []*corev1.Pod{pod, own} {
		if err := chain.Mutate(t.Context(), createPod(p)); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff([]corev1.LocalObjectReference{{Name: "r1"}, {Name: "r2"}}, pod.Spec.ImagePullSecrets); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]corev1.LocalObjectReference{{Name: "own"}}, own.Spec.ImagePullSecrets); d != "" {
		t.Error(d)
	}
}

func TestPodsThatAreRefused(t *testing.T) {
	t.Parallel()
	secretEnv := []corev1.EnvVar{{Name: "E", ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{
		LocalObjectReference: corev1.LocalObjectReference{Name: "s"}, Key: "k"}}}}
	secretFrom := []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "s"}}}}
	strict := func(change func(*corev1.Pod)) func(*corev1.Pod) {
		return func(p *corev1.Pod) { p.Spec.ServiceAccountName = "strict"; change(p) }
	}
	mirror := func(change func(*corev1.Pod)) func(*corev1.Pod) {
		return func(p *corev1.Pod) {
			p.Annotations = map[string]string{corev1.MirrorPodAnnotationKey: "x"}
			change(p)
		}
	}
	for _, tc := range []struct {
		name   string
		change func(*corev1.Pod)
		want   string
	}{
		{"ADM-4 unknown account", func(p *corev1.Pod) { p.Spec.ServiceAccountName = "ghost" },
			`pods "p" is forbidden: error looking up service account default/ghost: serviceaccount "ghost" not found`},
		{"ADM-15 mirror pod with an account", mirror(func(p *corev1.Pod) { p.Spec.ServiceAccountName = "default" }),
			`pods "p" is forbidden: a mirror pod may not reference service accounts`},
		{"ADM-15 mirror pod with a secret", mirror(func(p *corev1.Pod) { p.Spec.Containers[0].Env = secretEnv }),
			`pods "p" is forbidden: a mirror pod may not reference secrets`},
		{"ADM-15 mirror pod with a token", mirror(func(p *corev1.Pod) {
			p.Spec.Volumes = []corev1.Volume{{Name: "t", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{
				Sources: []corev1.VolumeProjection{{ServiceAccountToken: &corev1.ServiceAccountTokenProjection{Path: "t"}}}}}}}
		}), `pods "p" is forbidden: a mirror pod may not use ServiceAccountToken volume projections`},
		{"ADM-17 volume", strict(func(p *corev1.Pod) {
			p.Spec.Volumes = []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "s"}}}}
		}), `pods "p" is forbidden: volume with secret.secretName="s" is not allowed because service account strict does not reference that secret`},
		{"ADM-17 env", strict(func(p *corev1.Pod) { p.Spec.Containers[0].Env = secretEnv }),
			`pods "p" is forbidden: container main with envVar E referencing secret.secretName="s" is not allowed because service account strict does not reference that secret`},
		{"ADM-17 envFrom of an init container", strict(func(p *corev1.Pod) {
			p.Spec.InitContainers = []corev1.Container{{Name: "i", EnvFrom: secretFrom}}
		}), `pods "p" is forbidden: init container i with envFrom referencing secret.secretName="s" is not allowed because service account strict does not reference that secret`},
		{"ADM-17 pull secret", strict(func(p *corev1.Pod) { p.Spec.ImagePullSecrets = []corev1.LocalObjectReference{{Name: "s"}} }),
			`pods "p" is forbidden: imagePullSecrets[0].name="s" is not allowed because service account strict does not reference that imagePullSecret`},
		{"ADM-17 a listed secret is fine", strict(func(p *corev1.Pod) {
			p.Spec.Volumes = []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "listed"}}}}
		}), ""},
		{"ADM-18 a projected secret is not looked at", strict(func(p *corev1.Pod) {
			p.Spec.Volumes = []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{
				Sources: []corev1.VolumeProjection{{Secret: &corev1.SecretProjection{LocalObjectReference: corev1.LocalObjectReference{Name: "s"}}}}}}}}
		}), ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			err := newChain(t, newWorld(), nil).Mutate(t.Context(), createPod(makePod("p", tc.change)))
			if got := message(err); got != tc.want {
				t.Errorf("got  %q\nwant %q", got, tc.want)
			}
			if err != nil && !apierrors.IsForbidden(err) {
				t.Errorf("not a 403: %v", err)
			}
		})
	}
}

func TestMirrorPodIsNotChanged(t *testing.T) { // ADM-15
	t.Parallel()
	pod := makePod("p", func(p *corev1.Pod) { p.Annotations = map[string]string{corev1.MirrorPodAnnotationKey: "x"} })
	if err := newChain(t, newWorld(), nil).Mutate(t.Context(), createPod(pod)); err != nil {
		t.Fatal(err)
	}
	if pod.Spec.ServiceAccountName != "" || len(pod.Spec.Volumes) != 0 {
		t.Errorf("a mirror pod got account %q and %d volumes", pod.Spec.ServiceAccountName, len(pod.Spec.Volumes))
	}
}

func TestDefaultAccountIsWaitedFor(t *testing.T) { // ADM-5
	t.Parallel()
	w := newWorld()
	w.accounts = nil
	w.appears = 7
	if err := newChain(t, w, nil).Mutate(t.Context(), createPod(makePod("p", nil))); err != nil {
		t.Fatal(err)
	}
	w = newWorld()
	w.accounts = nil
	err := newChain(t, w, nil).Mutate(t.Context(), createPod(makePod("p", nil)))
	if !apierrors.IsForbidden(err) || w.lookups != 10 {
		t.Errorf("err = %v after %d look-ups, want a 403 after 10", err, w.lookups)
	}
	w = newWorld()
	err = newChain(t, w, nil).Mutate(t.Context(), createPod(makePod("p", func(p *corev1.Pod) { p.Spec.ServiceAccountName = "ghost" })))
	if !apierrors.IsForbidden(err) || w.lookups != 1 {
		t.Errorf("err = %v after %d look-ups, want a 403 after 1", err, w.lookups)
	}
}

func TestOldEraMountsTheSecret(t *testing.T) { // ERA-27
	t.Parallel()
	old := func(c *Config) { c.SecretMounts = true }
	w := newWorld()
	err := newChain(t, w, old).Mutate(t.Context(), createPod(makePod("p", nil)))
	if !apierrors.IsServerTimeout(err) || message(err) != `No API token found for service account "default", retry after the token is automatically created and added to the service account` {
		t.Errorf("without a Secret: %v", err)
	}
	w.accounts["default/default"].Secrets = []corev1.ObjectReference{{Name: "other"}, {Name: "default.token-x"}}
	w.secrets = map[string]*corev1.Secret{"default/default.token-x": {
		ObjectMeta: metav1.ObjectMeta{Name: "default.token-x", Annotations: map[string]string{
			corev1.ServiceAccountNameKey: "default", corev1.ServiceAccountUIDKey: "uid-1"}},
		Type: corev1.SecretTypeServiceAccountToken}}
	pod := makePod("p", nil)
	if err := newChain(t, w, old).Mutate(t.Context(), createPod(pod)); err != nil {
		t.Fatal(err)
	}
	if v := pod.Spec.Volumes; len(v) != 1 || v[0].Name != "default-token-x" || v[0].Secret == nil || v[0].Secret.SecretName != "default.token-x" {
		t.Errorf("volumes = %+v", v)
	}
	if m := pod.Spec.Containers[0].VolumeMounts; len(m) != 1 || m[0].MountPath != TokenMountPath || !m[0].ReadOnly {
		t.Errorf("mounts = %+v", m)
	}
}
