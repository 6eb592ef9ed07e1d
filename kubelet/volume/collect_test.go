package volume

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"
)

var app = &corev1.Pod{
	ObjectMeta: metav1.ObjectMeta{
		Name: "app", Namespace: "shop", UID: "u-1",
		Labels: map[string]string{"tier": "web", "app": `say "hi"`}, Annotations: map[string]string{"note": "n"},
	},
	Spec: corev1.PodSpec{ServiceAccountName: "robot", Containers: []corev1.Container{{
		Name: "c",
		Resources: corev1.ResourceRequirements{
			Limits:   corev1.ResourceList{"cpu": resource.MustParse("1500m")},
			Requests: corev1.ResourceList{"memory": resource.MustParse("100Mi")},
		},
	}}},
}

func sources() Sources {
	return Sources{
		ConfigMap: func(name string) (*corev1.ConfigMap, error) {
			switch name {
			case "kube-root-ca.crt":
				return &corev1.ConfigMap{Data: map[string]string{"ca.crt": "pem"}}, nil
			case "conf":
				return &corev1.ConfigMap{Data: map[string]string{"a": "1", "b": "2"}, BinaryData: map[string][]byte{"bin": {0, 1}}}, nil
			}
			return nil, apierrors.NewNotFound(schema.GroupResource{Resource: "configmap"}, name)
		},
		Secret: func(name string) (*corev1.Secret, error) {
			if name == "pass" {
				return &corev1.Secret{Data: map[string][]byte{"user": []byte("u"), "word": []byte("w")}}, nil
			}
			return nil, apierrors.NewNotFound(schema.GroupResource{Resource: "secret"}, name)
		},
		Token: func(p *corev1.ServiceAccountTokenProjection) (string, error) {
			if p.Audience == "refused" {
				return "", errors.New(`failed to fetch token: serviceaccounts "robot" not found`)
			}
			return "jwt for " + p.Audience, nil
		},
		Facts: Facts{NodeName: "node-1", HostIP: "10.0.0.1", PodIP: "10.244.0.5", Allocatable: corev1.ResourceList{"memory": resource.MustParse("2Gi")}},
	}
}

func TestCollect(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, volume string
		want         map[string]string // path: mode content
		err          string
	}{
		{
			name: "the standard mount",
			volume: `projected: {defaultMode: 420, sources: [
				{serviceAccountToken: {expirationSeconds: 3607, path: token}},
				{configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: ca.crt}]}},
				{downwardAPI: {items: [{path: namespace, fieldRef: {fieldPath: metadata.namespace}}]}}]}`,
			want: map[string]string{"token": "-rw-r--r-- jwt for ", "ca.crt": "-rw-r--r-- pem", "namespace": "-rw-r--r-- shop"},
		},
		{
			name:   "a later source wins a path",
			volume: `projected: {sources: [{configMap: {name: conf, items: [{key: a, path: x}]}}, {secret: {name: pass, items: [{key: user, path: ./x}]}}]}`,
			want:   map[string]string{"x": "-rw-r--r-- u"},
		},
		{
			name:   "every key without items, binary data too",
			volume: `configMap: {name: conf, defaultMode: 256}`,
			want:   map[string]string{"a": "-r-------- 1", "b": "-r-------- 2", "bin": "-r-------- \x00\x01"},
		},
		{
			name:   "items with a mode of their own",
			volume: `secret: {secretName: pass, items: [{key: word, path: p/w, mode: 384}]}`,
			want:   map[string]string{"p/w": "-rw------- w"},
		},
		{name: "a missing configMap", volume: `configMap: {name: none}`, err: `configmap "none" not found`},
		{name: "a missing secret", volume: `secret: {secretName: none}`, err: `secret "none" not found`},
		{name: "a missing optional secret", volume: `secret: {secretName: none, optional: true}`, want: map[string]string{}},
		{name: "a missing key", volume: `secret: {secretName: pass, items: [{key: z, path: z}]}`, err: `references non-existent secret key: z`},
		{name: "a missing key of a configMap", volume: `configMap: {name: conf, items: [{key: z, path: z}]}`, err: `configmap references non-existent config key: z`},
		{name: "a missing optional key", volume: `configMap: {name: conf, optional: true, items: [{key: z, path: z}, {key: a, path: a}]}`, want: map[string]string{"a": "-rw-r--r-- 1"}},
		{
			name:   "several failures are named together",
			volume: `projected: {sources: [{serviceAccountToken: {path: t, audience: refused}}, {configMap: {name: none}}, {secret: {name: pass}}]}`,
			err:    `[failed to fetch token: serviceaccounts "robot" not found, configmap "none" not found]`,
		},
		{
			name: "downward fields",
			volume: `downwardAPI: {items: [
				{path: labels, fieldRef: {fieldPath: metadata.labels}}, {path: one, fieldRef: {fieldPath: "metadata.labels['tier']"}},
				{path: uid, fieldRef: {fieldPath: metadata.uid}}, {path: note, fieldRef: {fieldPath: "metadata.annotations['note']"}},
				{path: cpu, resourceFieldRef: {containerName: c, resource: limits.cpu}},
				{path: cpum, resourceFieldRef: {containerName: c, resource: limits.cpu, divisor: 1m}},
				{path: mem, resourceFieldRef: {containerName: c, resource: limits.memory, divisor: 1Mi}},
				{path: req, resourceFieldRef: {containerName: c, resource: requests.memory}}]}`,
			want: map[string]string{
				"labels": "-rw-r--r-- app=\"say \\\"hi\\\"\"\ntier=\"web\"", "one": "-rw-r--r-- web", "uid": "-rw-r--r-- u-1", "note": "-rw-r--r-- n",
				"cpu": "-rw-r--r-- 2", "cpum": "-rw-r--r-- 1500", "mem": "-rw-r--r-- 2048", "req": "-rw-r--r-- 104857600",
			},
		},
		{name: "a field that does not exist", volume: `downwardAPI: {items: [{path: x, fieldRef: {fieldPath: spec.zebra}}]}`, err: "unsupported fieldPath: spec.zebra"},
		{name: "trust bundles are refused", volume: `projected: {sources: [{clusterTrustBundle: {path: b}}]}`, err: `clusterTrustBundle projections are not simulated: path "b" is not written`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var v corev1.Volume
			if err := yaml.UnmarshalStrict([]byte(untab(tc.volume)), &v); err != nil {
				t.Fatal(err)
			}
			p, err := Collect(app, &v, sources())
			if tc.err != "" {
				if err == nil || err.Error() != tc.err {
					t.Fatalf("error %v, want %s", err, tc.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for path, f := range p {
				got[path] = f.Mode.String() + " " + string(f.Data)
			}
			if diff := cmp.Diff(got, tc.want); diff != "" {
				t.Errorf("payload (-got +want):\n%s", diff)
			}
		})
	}
}

// untab lets a flow mapping be indented by tabs, as gofmt wants the source to be.
func untab(s string) string {
	out := []byte(s)
	for i, c := range out {
		if c == '\t' {
			out[i] = ' '
		}
	}
	return string(out)
}

func TestTokenModeAndOwnerKUB25(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, spec string
		mode       string
		user       int64 // 0: nobody
	}{
		{"nothing said", `containers: [{name: a}]`, "-rw-r--r--", 0},
		{"fsGroup", "{securityContext: {fsGroup: 2000}, containers: [{name: a}]}", "-rw-------", 0},
		{"the pod's user", "{securityContext: {runAsUser: 1000}, containers: [{name: a}, {name: b}]}", "-rw-------", 1000},
		{"the containers' user", "containers: [{name: a, securityContext: {runAsUser: 7}}, {name: b, securityContext: {runAsUser: 7}}]", "-rw-------", 7},
		{"one container says none", "containers: [{name: a, securityContext: {runAsUser: 7}}, {name: b}]", "-rw-r--r--", 0},
		{"two differ", "containers: [{name: a, securityContext: {runAsUser: 7}}, {name: b, securityContext: {runAsUser: 8}}]", "-rw-r--r--", 0},
		{"an init container differs", "{securityContext: {runAsUser: 1}, initContainers: [{name: i, securityContext: {runAsUser: 2}}], containers: [{name: a}]}", "-rw-r--r--", 0},
		{"the container's word wins over the pod's", "{securityContext: {runAsUser: 1}, containers: [{name: a, securityContext: {runAsUser: 2}}]}", "-rw-------", 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			pod := &corev1.Pod{}
			if err := yaml.Unmarshal([]byte(tc.spec), &pod.Spec); err != nil {
				t.Fatal(err)
			}
			if got := TokenMode(pod, 0o644).String(); got != tc.mode {
				t.Errorf("mode %s, want %s", got, tc.mode)
			}
			user := int64(0)
			if u := CommonUser(pod); u != nil {
				user = *u
			}
			if user != tc.user {
				t.Errorf("user %d, want %d", user, tc.user)
			}
		})
	}
}

func TestPlugin(t *testing.T) {
	t.Parallel()
	for volume, want := range map[string]string{
		"projected: {}": "kubernetes.io~projected", "configMap: {}": "kubernetes.io~configmap", "secret: {}": "kubernetes.io~secret",
		"downwardAPI: {}": "kubernetes.io~downward-api", "emptyDir: {}": "kubernetes.io~empty-dir",
		"hostPath: {path: /etc}": "", "persistentVolumeClaim: {claimName: c}": "kubernetes.io~local-volume", "nfs: {server: s, path: p}": "",
	} {
		var v corev1.Volume
		if err := yaml.Unmarshal([]byte(volume), &v); err != nil {
			t.Fatal(err)
		}
		got, err := Plugin(&v)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("Plugin(%s) = %q, %v", volume, got, err)
		}
	}
}
