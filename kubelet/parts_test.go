package kubelet

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/kubelet/container"
)

func TestPartsOfVolumesByTheEnvironment(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.create(&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "conf"}, Data: map[string]string{"one": "1", "two": "2"}})
	b.run()
	b.pod("app", `{containers: [{name: c, image: nginx, env: [{name: PART, value: two}, {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}],
		volumeMounts: [{name: v, mountPath: /conf, subPathExpr: $(PART)}, {name: w, mountPath: /work, subPathExpr: "of/$(POD)"}, {name: w, mountPath: /all}]}],
		volumes: [{name: v, configMap: {name: conf}}, {name: w, emptyDir: {}}]}`)
	b.running("app")
	const rootfs = "pods/uid-app/containers/c/rootfs"
	if got := b.read(rootfs, "conf"); got != "2" {
		t.Errorf("the part of the ConfigMap holds %q", got)
	}
	if err := os.WriteFile(b.path(rootfs, "work", "file"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := b.read(rootfs, "all", "of", "app", "file"); got != "x" {
		t.Errorf("the volume holds %q", got)
	}
}

func TestPartsThatCannotBe(t *testing.T) {
	t.Parallel()
	env := []container.Variable{{Name: "UP", Value: "a/../../b"}, {Name: "ROOT", Value: "/etc"}, {Name: "EMPTY"}, {Name: "OK", Value: "x"}}
	for _, tc := range []struct{ expr, part, err string }{
		{"$(OK)/$(OK)", "x/x", ""},
		{"$$(OK)", "$(OK)", ""},
		{".", "", ""},
		{"$(NONE)/$(EMPTY)/$(NONE)", "", "missing value for EMPTY, NONE"},
		{"$(ROOT)", "", "error SubPath `/etc` must not be an absolute path"},
		{"$(UP)", "", "unable to provision SubPath `a/../../b`: must not contain '..'"},
	} {
		subs, err := partsOf(&corev1.Container{VolumeMounts: []corev1.VolumeMount{{Name: "v", SubPathExpr: tc.expr}}}, env)
		switch {
		case err != nil && err.Error() != tc.err, err == nil && tc.err != "":
			t.Errorf("%s: error %v, want %q", tc.expr, err, tc.err)
		case err == nil && subs[0] != tc.part:
			t.Errorf("%s: part %q, want %q", tc.expr, subs[0], tc.part)
		}
	}

	b := newBench(t)
	b.run()
	b.pod("app", `{containers: [{name: c, image: nginx, volumeMounts: [{name: w, mountPath: /w, subPathExpr: $(NONE)}]}], volumes: [{name: w, emptyDir: {}}]}`)
	b.eventually("the container waits", func() bool {
		s := b.get("app").Status.ContainerStatuses
		return len(s) == 1 && s[0].State.Waiting != nil && s[0].State.Waiting.Reason == "CreateContainerConfigError" && s[0].State.Waiting.Message == "missing value for NONE"
	})
}

func TestVariablesOfAService(t *testing.T) {
	t.Parallel()
	s := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "my-db"}, Spec: corev1.ServiceSpec{ClusterIP: "10.96.7.8", Ports: []corev1.ServicePort{
		{Name: "sql", Port: 5432}, {Name: "metrics-out", Port: 9000, Protocol: corev1.ProtocolUDP},
	}}}
	var got []string
	for _, v := range variablesOf(s) {
		got = append(got, v.Name+"="+v.Value)
	}
	want := []string{
		"MY_DB_SERVICE_HOST=10.96.7.8", "MY_DB_SERVICE_PORT=5432", "MY_DB_SERVICE_PORT_SQL=5432", "MY_DB_SERVICE_PORT_METRICS_OUT=9000",
		"MY_DB_PORT=tcp://10.96.7.8:5432",
		"MY_DB_PORT_5432_TCP=tcp://10.96.7.8:5432", "MY_DB_PORT_5432_TCP_PROTO=tcp", "MY_DB_PORT_5432_TCP_PORT=5432", "MY_DB_PORT_5432_TCP_ADDR=10.96.7.8",
		"MY_DB_PORT_9000_UDP=udp://10.96.7.8:9000", "MY_DB_PORT_9000_UDP_PROTO=udp", "MY_DB_PORT_9000_UDP_PORT=9000", "MY_DB_PORT_9000_UDP_ADDR=10.96.7.8",
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("variables (-got +want):\n%s", diff)
	}
}
