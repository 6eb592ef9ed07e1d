package kubemint_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/resource"
	"k8s.io/utils/ptr"

	"github.com/kubemint/kubemint"
)

// release is what helm keeps of one, as JSON, compressed, and in base64 beside that of the Secret (API-270).
type release struct {
	Name      string         `json:"name"`
	Version   int            `json:"version"`
	Namespace string         `json:"namespace"`
	Manifest  string         `json:"manifest"`
	Info      map[string]any `json:"info"`
}

func (rel release) secret(t *testing.T, status string) *corev1.Secret {
	t.Helper()
	plain, err := json.Marshal(rel)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Name:   fmt.Sprintf("sh.helm.release.v1.%s.v%d", rel.Name, rel.Version),
			Labels: map[string]string{"name": rel.Name, "owner": "helm", "status": status, "version": fmt.Sprint(rel.Version), "createdAt": "1764000000"},
		},
		Type: "helm.sh/release.v1",
		Data: map[string][]byte{"release": []byte(base64.StdEncoding.EncodeToString(packed.Bytes()))},
	}
}

func readRelease(t *testing.T, s *corev1.Secret) (rel release) {
	t.Helper()
	packed, err := base64.StdEncoding.DecodeString(string(s.Data["release"]))
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(plain, &rel); err != nil {
		t.Fatal(err)
	}
	return rel
}

const chart = `apiVersion: v1
kind: ServiceAccount
metadata:
  name: demo-web
  labels: {app.kubernetes.io/instance: demo, app.kubernetes.io/managed-by: Helm}
automountServiceAccountToken: true
---
apiVersion: v1
kind: Service
metadata:
  name: demo-web
  labels: {app.kubernetes.io/instance: demo, app.kubernetes.io/managed-by: Helm}
spec:
  type: ClusterIP
  ports: [{port: 80, targetPort: http, protocol: TCP, name: http}]
  selector: {app.kubernetes.io/instance: demo}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: demo-web
  labels: {app.kubernetes.io/instance: demo, app.kubernetes.io/managed-by: Helm}
spec:
  replicas: 1
  selector: {matchLabels: {app.kubernetes.io/instance: demo}}
  template:
    metadata: {labels: {app.kubernetes.io/instance: demo}}
    spec:
      serviceAccountName: demo-web
      containers:
      - name: web
        image: nginx
        imagePullPolicy: IfNotPresent
        ports: [{name: http, containerPort: 80, protocol: TCP}]
        readinessProbe: {httpGet: {path: /, port: http}}
`

// TestTheCallsOfHelm makes those of install --wait, upgrade, history, rollback and uninstall, by the libraries helm makes them with: the
// builder and helper of cli-runtime for a chart's objects, the typed client for its releases.
func TestTheCallsOfHelm(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{Nodes: 1})
	ctx, secrets := t.Context(), r.Admin.CoreV1().Secrets("default")
	getter := genericclioptions.NewConfigFlags(true)
	getter.KubeConfig, getter.CacheDir = ptr.To(r.KubeconfigPath()), ptr.To(t.TempDir())
	objects := func(manifest string) []*resource.Info {
		t.Helper()
		infos, err := resource.NewBuilder(getter).Unstructured().ContinueOnError().NamespaceParam("default").DefaultNamespace().Flatten().
			Stream(strings.NewReader(manifest), "manifest").Do().Infos()
		if err != nil {
			t.Fatal(err)
		}
		return infos
	}
	helper := func(i *resource.Info) *resource.Helper {
		return resource.NewHelper(i.Client, i.Mapping).WithFieldManager("helm")
	}

	// Is the cluster there, is the release new, may its objects be made?
	if _, err := r.Admin.Discovery().ServerVersion(); err != nil {
		t.Fatal(err)
	}
	of := metav1.ListOptions{LabelSelector: "name=demo,owner=helm"}
	if found, err := secrets.List(ctx, of); err != nil || len(found.Items) != 0 {
		t.Fatalf("releases before the first: %v, %v", found, err)
	}
	infos := objects(chart)
	for _, i := range infos {
		if err := i.Get(); !apierrors.IsNotFound(err) {
			t.Fatalf("%s %s: %v", i.Mapping.Resource.Resource, i.Name, err)
		}
	}
	first := release{Name: "demo", Version: 1, Namespace: "default", Manifest: chart, Info: map[string]any{"status": "pending-install"}}
	if _, err := secrets.Create(ctx, first.secret(t, "pending-install"), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := secrets.Create(ctx, first.secret(t, "pending-install"), metav1.CreateOptions{}); !apierrors.IsAlreadyExists(err) {
		t.Errorf("a second install: %v", err)
	}
	for _, i := range infos {
		made, err := helper(i).Create(i.Namespace, true, i.Object)
		if err != nil {
			t.Fatal(err)
		}
		if err := i.Refresh(made, true); err != nil {
			t.Fatal(err)
		}
	}
	ready := func() bool {
		d, err := r.Admin.AppsV1().Deployments("default").Get(ctx, "demo-web", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		pods, err := r.Admin.CoreV1().Pods("default").List(ctx, metav1.ListOptions{LabelSelector: metav1.FormatLabelSelector(d.Spec.Selector)})
		return err == nil && d.Status.ObservedGeneration >= d.Generation && d.Status.UpdatedReplicas == *d.Spec.Replicas &&
			d.Status.ReadyReplicas == *d.Spec.Replicas && len(pods.Items) == int(*d.Spec.Replicas)
	}
	eventually(t, "what is installed is ready", ready)
	first.Info["status"] = "deployed"
	if _, err := secrets.Update(ctx, first.secret(t, "deployed"), metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}

	// Upgrade and roll back: a patch of each object, and a new release that supersedes the one before.
	deployment := infos[slices.IndexFunc(infos, func(i *resource.Info) bool { return i.Mapping.GroupVersionKind.Kind == "Deployment" })]
	for version, patch := range []string{2: `{"spec":{"replicas":2}}`, 3: `{"spec":{"replicas":1}}`} {
		if patch == "" {
			continue
		}
		after, err := helper(deployment).Patch("default", "demo-web", types.StrategicMergePatchType, []byte(patch), nil)
		if err != nil {
			t.Fatal(err)
		}
		if g, err := meta.Accessor(after); err != nil || g.GetGeneration() != int64(version) {
			t.Errorf("revision %d is generation %d, %v", version, g.GetGeneration(), err)
		}
		eventually(t, fmt.Sprintf("revision %d is ready", version), ready)
		old, err := secrets.Get(ctx, fmt.Sprintf("sh.helm.release.v1.demo.v%d", version-1), metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		superseded := readRelease(t, old)
		superseded.Info["status"] = "superseded"
		if _, err := secrets.Update(ctx, superseded.secret(t, "superseded"), metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
		next := release{Name: "demo", Version: version, Namespace: "default", Manifest: chart, Info: map[string]any{"status": "deployed"}}
		if _, err := secrets.Create(ctx, next.secret(t, "deployed"), metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	history := map[int]string{}
	found, err := secrets.List(ctx, of)
	if err != nil {
		t.Fatal(err)
	}
	for i := range found.Items {
		if s := &found.Items[i]; s.Type != "helm.sh/release.v1" || !strings.HasPrefix(s.Name, "sh.helm.release.v1.demo.v") {
			t.Errorf("release %s is of type %s", s.Name, s.Type)
		}
		rel := readRelease(t, &found.Items[i])
		history[rel.Version] = rel.Info["status"].(string)
	}
	if want := map[int]string{1: "superseded", 2: "superseded", 3: "deployed"}; !maps.Equal(history, want) {
		t.Errorf("the history is %v, want %v", history, want)
	}
	if live, err := secrets.List(ctx, metav1.ListOptions{LabelSelector: "name=demo,owner=helm,status in (deployed)"}); err != nil || len(live.Items) != 1 {
		t.Errorf("what is deployed: %d releases, %v", len(live.Items), err)
	}

	// Uninstall: each object and what belongs to it, then the releases.
	background := metav1.DeletePropagationBackground
	for _, i := range slices.Backward(infos) {
		if _, err := helper(i).DeleteWithOptions(i.Namespace, i.Name, &metav1.DeleteOptions{PropagationPolicy: &background}); err != nil {
			t.Fatal(err)
		}
	}
	for _, i := range infos {
		eventually(t, i.Name+" is gone", func() bool { _, err := helper(i).Get(i.Namespace, i.Name); return apierrors.IsNotFound(err) })
	}
	eventually(t, "its pods are gone", func() bool {
		pods, err := r.Admin.CoreV1().Pods("default").List(ctx, metav1.ListOptions{LabelSelector: "app.kubernetes.io/instance=demo"})
		return err == nil && len(pods.Items) == 0
	})
	for version := range history {
		if err := secrets.Delete(ctx, fmt.Sprintf("sh.helm.release.v1.demo.v%d", version), metav1.DeleteOptions{}); err != nil {
			t.Error(err)
		}
	}

	// A template by server-side apply, twice, and against somebody else's will.
	for range 2 {
		for _, i := range objects(chart) {
			body, err := json.Marshal(i.Object)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := resource.NewHelper(i.Client, i.Mapping).WithFieldManager("helm").WithFieldValidation("Strict").
				Patch(i.Namespace, i.Name, types.ApplyPatchType, body, &metav1.PatchOptions{Force: ptr.To(false)}); err != nil {
				t.Errorf("apply %s: %v", i.Mapping.GroupVersionKind.Kind, err)
			}
		}
	}
	_, err = resource.NewHelper(deployment.Client, deployment.Mapping).WithFieldManager("another").Patch("default", "demo-web", types.ApplyPatchType,
		[]byte(`{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"demo-web"},"spec":{"replicas":7}}`), nil)
	if !apierrors.IsConflict(err) {
		t.Errorf("another's apply: %v", err)
	}
}
