package controller_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubemint/kubemint"
)

func storageOf(size string) corev1.ResourceList {
	return corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(size)}
}

func onDisk(name, path, class string, change func(*corev1.PersistentVolume)) *corev1.PersistentVolume {
	v := &corev1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.PersistentVolumeSpec{
		StorageClassName: class, Capacity: storageOf("10Gi"), AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
		PersistentVolumeSource: corev1.PersistentVolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: path}}}}
	if change != nil {
		change(v)
	}
	return v
}

func wanting(name string, class *string, change func(*corev1.PersistentVolumeClaim)) *corev1.PersistentVolumeClaim {
	c := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.PersistentVolumeClaimSpec{StorageClassName: class,
		AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce}, Resources: corev1.VolumeResourceRequirements{Requests: storageOf("3Gi")}}}
	if change != nil {
		change(c)
	}
	return c
}

func (c cluster) makeVolume(t *testing.T, v *corev1.PersistentVolume) {
	t.Helper()
	if _, err := c.CoreV1().PersistentVolumes().Create(t.Context(), v, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

func (c cluster) makeClaim(t *testing.T, claim *corev1.PersistentVolumeClaim) {
	t.Helper()
	if _, err := c.CoreV1().PersistentVolumeClaims("default").Create(t.Context(), claim, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// claim waits until a claim is in a phase and returns it.
func (c cluster) claim(t *testing.T, name string, phase corev1.PersistentVolumeClaimPhase) *corev1.PersistentVolumeClaim {
	t.Helper()
	var got *corev1.PersistentVolumeClaim
	eventually(t, "claim "+name+" "+string(phase), func() bool {
		var err error
		got, err = c.CoreV1().PersistentVolumeClaims("default").Get(t.Context(), name, metav1.GetOptions{})
		return err == nil && got.Status.Phase == phase
	})
	return got
}

func (c cluster) volumeIs(t *testing.T, name string, phase corev1.PersistentVolumePhase) *corev1.PersistentVolume {
	t.Helper()
	var got *corev1.PersistentVolume
	eventually(t, "volume "+name+" "+string(phase), func() bool {
		var err error
		got, err = c.CoreV1().PersistentVolumes().Get(t.Context(), name, metav1.GetOptions{})
		return err == nil && got.Status.Phase == phase
	})
	return got
}

// told waits for an event about an object.
func (c cluster) told(t *testing.T, object, reason, message string) {
	t.Helper()
	var seen []string
	defer func() {
		if t.Failed() {
			t.Logf("events: %s", strings.Join(seen, "\n"))
		}
	}()
	eventually(t, reason+" about "+object, func() bool {
		l, err := c.CoreV1().Events(metav1.NamespaceAll).List(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		seen = nil
		for _, e := range l.Items {
			if e.InvolvedObject.Name == object {
				seen = append(seen, e.Reason+": "+e.Message)
			}
		}
		return slices.Contains(seen, reason+": "+message)
	})
}

func mounting(name, claim string, change func(*corev1.Pod)) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.PodSpec{
		Containers: []corev1.Container{{Name: "c", Image: "busybox", Command: []string{"sh", "-c", "date >> /data/log; sleep 1000000"},
			VolumeMounts: []corev1.VolumeMount{{Name: "v", MountPath: "/data"}}}},
		Volumes: []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: claim}}}}}}
	if change != nil {
		change(p)
	}
	return p
}

func (c cluster) makePod(t *testing.T, p *corev1.Pod) {
	t.Helper()
	eventually(t, "the pod made", func() bool {
		_, err := c.CoreV1().Pods("default").Create(t.Context(), p, metav1.CreateOptions{})
		return err == nil
	})
}

func (c cluster) runs(t *testing.T, name string) {
	t.Helper()
	eventually(t, "pod "+name+" running", func() bool {
		p, err := c.CoreV1().Pods("default").Get(t.Context(), name, metav1.GetOptions{})
		return err == nil && p.Status.Phase == corev1.PodRunning
	})
}

func (c cluster) endPod(t *testing.T, name string) {
	t.Helper()
	now := int64(0)
	if err := c.CoreV1().Pods("default").Delete(t.Context(), name, metav1.DeleteOptions{GracePeriodSeconds: &now}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "pod gone", func() bool {
		_, err := c.CoreV1().Pods("default").Get(t.Context(), name, metav1.GetOptions{})
		return apierrors.IsNotFound(err)
	})
}

// The task "Configure a Pod to Use a PersistentVolume for Storage" of the documentation, in an order that shows each wait.
func TestAPodUsesAVolumeThatSomebodyMade(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := startIn(t, dir, 1)
	ctx := t.Context()
	manual := "manual"
	c.makePod(t, mounting("p", "claim", nil))
	c.told(t, "p", "FailedScheduling", `0/1 nodes are available: persistentvolumeclaim "claim" not found. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.`)
	c.makeClaim(t, wanting("claim", &manual, nil))
	c.told(t, "claim", "ProvisioningFailed", `storageclass.storage.k8s.io "manual" not found`)
	c.told(t, "p", "FailedScheduling", "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.")
	c.makeVolume(t, onDisk("small", "/mnt/small", manual, func(v *corev1.PersistentVolume) { v.Spec.Capacity = storageOf("1Gi") }))
	c.volumeIs(t, "small", corev1.VolumeAvailable)
	c.makeVolume(t, onDisk("right", "/mnt/data", manual, nil))
	bound := c.claim(t, "claim", corev1.ClaimBound)
	if q := bound.Status.Capacity[corev1.ResourceStorage]; bound.Spec.VolumeName != "right" || q.String() != "10Gi" || bound.Annotations["pv.kubernetes.io/bind-completed"] != "yes" {
		t.Errorf("bound to %s, %s", bound.Spec.VolumeName, q.String())
	}
	c.runs(t, "p")
	log := filepath.Join(dir, "nodes", "node-1", "disk", "mnt", "data", "log")
	lines := func() int {
		b, _ := os.ReadFile(log)
		return strings.Count(string(b), "\n")
	}
	eventually(t, "the first line", func() bool { return lines() == 1 })
	if err := c.CoreV1().PersistentVolumeClaims("default").Delete(ctx, "claim", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := c.claim(t, "claim", corev1.ClaimBound); got.DeletionTimestamp == nil {
		t.Error("a claim in use is gone, or is not going")
	}
	c.endPod(t, "p")
	v := c.volumeIs(t, "right", corev1.VolumeReleased)
	if lines() != 1 {
		t.Error("what was written is gone with the pod")
	}
	// Retained: another claim gets it once somebody has taken the old one off.
	c.makeClaim(t, wanting("again", &manual, nil))
	c.claim(t, "again", corev1.ClaimPending)
	v.Spec.ClaimRef = nil
	if _, err := c.CoreV1().PersistentVolumes().Update(ctx, v, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	c.claim(t, "again", corev1.ClaimBound)
	c.makePod(t, mounting("q", "again", nil))
	eventually(t, "the second line", func() bool { return lines() == 2 })
}

// startIn is start with files in a directory of the test's.
func startIn(t *testing.T, dir string, nodes int) cluster {
	t.Helper()
	return startAs(t, kubemint.Config{Nodes: nodes, DataDir: dir})
}

func class(name, provisioner string, mode storagev1.VolumeBindingMode, isDefault bool) *storagev1.StorageClass {
	s := &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: name}, Provisioner: provisioner, VolumeBindingMode: &mode}
	if isDefault {
		s.Annotations = map[string]string{"storageclass.kubernetes.io/is-default-class": "true"}
	}
	return s
}

func (c cluster) makeClass(t *testing.T, s *storagev1.StorageClass) {
	t.Helper()
	if _, err := c.StorageV1().StorageClasses().Create(t.Context(), s, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// A StatefulSet with claim templates: each pod has a volume of its own that it finds again.
func TestAStatefulSetFindsItsVolumesAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := startIn(t, dir, 2)
	ctx := t.Context()
	two := int32(2)
	l := map[string]string{"app": "db"}
	template := corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: l}, Spec: mounting("", "", nil).Spec}
	template.Spec.Volumes = nil
	set := &appsv1.StatefulSet{ObjectMeta: metav1.ObjectMeta{Name: "db"}, Spec: appsv1.StatefulSetSpec{Replicas: &two, ServiceName: "db",
		Selector: &metav1.LabelSelector{MatchLabels: l}, Template: template,
		VolumeClaimTemplates: []corev1.PersistentVolumeClaim{*wanting("v", nil, nil)}}}
	if _, err := c.AppsV1().StatefulSets("default").Create(ctx, set, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	c.told(t, "v-db-0", "FailedBinding", "no persistent volumes available for this claim and no storage class is set")
	// A default class that comes later is given to claims that name none.
	c.makeClass(t, class("standard", "rancher.io/local-path", storagev1.VolumeBindingWaitForFirstConsumer, true))
	c.runs(t, "db-1")
	claim := c.claim(t, "v-db-0", corev1.ClaimBound)
	if *claim.Spec.StorageClassName != "standard" {
		t.Errorf("class %s", *claim.Spec.StorageClassName)
	}
	c.told(t, "v-db-0", "ProvisioningSucceeded", "Successfully provisioned volume "+claim.Spec.VolumeName)
	c.told(t, "v-db-0", "ExternalProvisioning", "Waiting for a volume to be created either by the external provisioner 'rancher.io/local-path' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.")
	first, err := c.CoreV1().Pods("default").Get(ctx, "db-0", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	v := c.volumeIs(t, claim.Spec.VolumeName, corev1.VolumeBound)
	log := filepath.Join(dir, "nodes", first.Spec.NodeName, "disk", v.Spec.HostPath.Path, "log")
	eventually(t, "a line", func() bool {
		b, _ := os.ReadFile(log)
		return strings.Count(string(b), "\n") == 1
	})
	now := int64(0)
	if err := c.CoreV1().Pods("default").Delete(ctx, "db-0", metav1.DeleteOptions{GracePeriodSeconds: &now}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the next pod on the same node, with the same files", func() bool {
		p, err := c.CoreV1().Pods("default").Get(ctx, "db-0", metav1.GetOptions{})
		b, _ := os.ReadFile(log)
		return err == nil && p.UID != first.UID && p.Spec.NodeName == first.Spec.NodeName && strings.Count(string(b), "\n") == 2
	})
	// The claim goes, and with it what was made for it.
	if err := c.AppsV1().StatefulSets("default").Delete(ctx, "db", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := c.CoreV1().PersistentVolumeClaims("default").Delete(ctx, "v-db-0", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "pods gone", func() bool {
		l, err := c.CoreV1().Pods("default").List(ctx, metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range l.Items {
			_ = c.CoreV1().Pods("default").Delete(ctx, p.Name, metav1.DeleteOptions{GracePeriodSeconds: &now})
		}
		return len(l.Items) == 0
	})
	eventually(t, "volume and files gone", func() bool {
		_, err := c.CoreV1().PersistentVolumes().Get(ctx, v.Name, metav1.GetOptions{})
		_, gone := os.Stat(filepath.Dir(log))
		return apierrors.IsNotFound(err) && os.IsNotExist(gone)
	})
}

func TestProvisioners(t *testing.T) {
	t.Parallel()
	c := start(t, 1)
	for _, s := range []*storagev1.StorageClass{
		class("own", "kubemint.dev/directory", storagev1.VolumeBindingImmediate, false),
		class("minikube", "k8s.io/minikube-hostpath", storagev1.VolumeBindingImmediate, false),
		class("local", "rancher.io/local-path", storagev1.VolumeBindingImmediate, false),
		class("none", "kubernetes.io/no-provisioner", storagev1.VolumeBindingImmediate, false),
		class("lazy", "rancher.io/local-path", storagev1.VolumeBindingWaitForFirstConsumer, false),
		class("elsewhere", "ebs.csi.aws.com", storagev1.VolumeBindingImmediate, false),
	} {
		c.makeClass(t, s)
		c.makeClaim(t, wanting(s.Name, &s.Name, nil))
	}
	made := func(claim string) *corev1.PersistentVolume {
		return c.volumeIs(t, c.claim(t, claim, corev1.ClaimBound).Spec.VolumeName, corev1.VolumeBound)
	}
	if v := made("own"); v.Spec.Local == nil || v.Spec.NodeAffinity == nil || v.Annotations["pv.kubernetes.io/provisioned-by"] != "kubemint.dev/directory" {
		t.Errorf("own: %+v", v.Spec)
	}
	if v := made("minikube"); v.Spec.HostPath == nil || v.Spec.HostPath.Path != "/tmp/hostpath-provisioner/default/minikube" || v.Spec.NodeAffinity != nil {
		t.Errorf("minikube: %+v", v.Spec)
	}
	c.told(t, "local", "ProvisioningFailed", `failed to provision volume with StorageClass "local": configuration error, no node was specified`)
	c.told(t, "none", "ProvisioningFailed", "no volume plugin matched name: kubernetes.io/no-provisioner")
	c.told(t, "lazy", "WaitForFirstConsumer", "waiting for first consumer to be created before binding")
	c.told(t, "elsewhere", "ExternalProvisioning", "Waiting for a volume to be created either by the external provisioner 'ebs.csi.aws.com' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.")
	// An ephemeral volume is a claim that goes with its pod.
	lazy := "lazy"
	c.makePod(t, mounting("p", "", func(p *corev1.Pod) {
		p.Spec.Volumes[0].VolumeSource = corev1.VolumeSource{Ephemeral: &corev1.EphemeralVolumeSource{VolumeClaimTemplate: &corev1.PersistentVolumeClaimTemplate{
			ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"of": "p"}}, Spec: wanting("", &lazy, nil).Spec}}}
	}))
	c.runs(t, "p")
	if claim := c.claim(t, "p-v", corev1.ClaimBound); claim.Labels["of"] != "p" || metav1.GetControllerOf(claim) == nil {
		t.Errorf("claim %+v", claim.ObjectMeta)
	}
	c.endPod(t, "p")
	eventually(t, "its claim gone", func() bool {
		_, err := c.CoreV1().PersistentVolumeClaims("default").Get(t.Context(), "p-v", metav1.GetOptions{})
		return apierrors.IsNotFound(err)
	})
}

func TestWhatIsBoundToWhat(t *testing.T) {
	t.Parallel()
	c := start(t, 0)
	slow := "slow"
	c.makeVolume(t, onDisk("kept", "/mnt/kept", slow, func(v *corev1.PersistentVolume) {
		v.Spec.ClaimRef = &corev1.ObjectReference{Namespace: "default", Name: "later"}
	}))
	c.makeVolume(t, onDisk("labelled", "/mnt/labelled", slow, func(v *corev1.PersistentVolume) { v.Labels = map[string]string{"disk": "ssd"} }))
	c.makeVolume(t, onDisk("plain", "/mnt/plain", slow, func(v *corev1.PersistentVolume) { v.Spec.Capacity = storageOf("5Gi") }))
	c.makeVolume(t, onDisk("mine", "/mnt/mine", "", func(v *corev1.PersistentVolume) {
		v.Spec.PersistentVolumeReclaimPolicy = corev1.PersistentVolumeReclaimDelete
	}))
	for _, v := range []string{"kept", "labelled", "plain", "mine"} {
		c.volumeIs(t, v, corev1.VolumeAvailable)
	}
	none := ""
	for _, tc := range []struct{ claim, class, volume string }{{"smallest", slow, "plain"}, {"later", slow, "kept"}, {"by-name", none, "mine"}} {
		c.makeClaim(t, wanting(tc.claim, &tc.class, func(w *corev1.PersistentVolumeClaim) {
			if tc.claim == "by-name" {
				w.Spec.VolumeName = "mine"
			}
		}))
		if got := c.claim(t, tc.claim, corev1.ClaimBound).Spec.VolumeName; got != tc.volume {
			t.Errorf("%s is bound to %s, want %s", tc.claim, got, tc.volume)
		}
	}
	for name, tc := range map[string]struct {
		change          func(*corev1.PersistentVolumeClaim)
		reason, message string
	}{
		"large": {func(w *corev1.PersistentVolumeClaim) {
			w.Spec.VolumeName, w.Spec.Resources.Requests = "labelled", storageOf("1Ti")
		}, "VolumeMismatch", `Cannot bind to requested volume "labelled": requested PV is too small`},
		"shared": {func(w *corev1.PersistentVolumeClaim) {
			w.Spec.VolumeName, w.Spec.AccessModes = "labelled", []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany}
		}, "VolumeMismatch", `Cannot bind to requested volume "labelled": incompatible accessMode`},
		"taken": {func(w *corev1.PersistentVolumeClaim) { w.Spec.VolumeName = "plain" }, "FailedBinding", `volume "plain" already bound to a different claim.`},
	} {
		c.makeClaim(t, wanting(name, &slow, tc.change))
		c.told(t, name, tc.reason, tc.message)
	}
	c.makeClaim(t, wanting("ssd", &slow, func(w *corev1.PersistentVolumeClaim) {
		w.Spec.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{"disk": "ssd"}}
	}))
	if got := c.claim(t, "ssd", corev1.ClaimBound).Spec.VolumeName; got != "labelled" {
		t.Errorf("bound to %s", got)
	}
	// A path of the node's that nobody may delete: as a real controller, this one does not.
	if err := c.CoreV1().PersistentVolumeClaims("default").Delete(t.Context(), "by-name", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if v := c.volumeIs(t, "mine", corev1.VolumeFailed); v.Status.Message != "host_path deleter only supports /tmp/.+ but received provided /mnt/mine" {
		t.Errorf("message %q", v.Status.Message)
	}
	// A volume that is taken from under its claim leaves the claim lost.
	if err := c.CoreV1().PersistentVolumes().Delete(t.Context(), "plain", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.CoreV1().PersistentVolumes().Patch(t.Context(), "plain", types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	c.claim(t, "smallest", corev1.ClaimLost)
	c.told(t, "smallest", "ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!")
}

// However many claims come at once: none shares a volume with another.
func TestClaimsAtOnceGetAVolumeEach(t *testing.T) {
	t.Parallel()
	c := start(t, 0)
	slow := "slow"
	names := strings.Fields("a b c d e f g h i j")
	errs := make(chan error, 2*len(names))
	for _, n := range names {
		go func() {
			_, err := c.CoreV1().PersistentVolumes().Create(context.WithoutCancel(t.Context()), onDisk(n, "/mnt/"+n, slow, nil), metav1.CreateOptions{})
			errs <- err
		}()
		go func() {
			_, err := c.CoreV1().PersistentVolumeClaims("default").Create(context.WithoutCancel(t.Context()), wanting(n, &slow, nil), metav1.CreateOptions{})
			errs <- err
		}()
	}
	for range 2 * len(names) {
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
	}
	owner := map[string]string{}
	for _, n := range names {
		v := c.claim(t, n, corev1.ClaimBound).Spec.VolumeName
		if owner[v] != "" {
			t.Errorf("%s and %s share %s", n, owner[v], v)
		}
		owner[v] = n
		if ref := c.volumeIs(t, v, corev1.VolumeBound).Spec.ClaimRef; ref.Name != n {
			t.Errorf("%s refers to %s, want %s", v, ref.Name, n)
		}
	}
}

// A claim that names no volume is bound to none that allows less than it asks for, and to one that allows more only if it has to be.
func TestAClaimWaitsForTheAccessItAsksFor(t *testing.T) {
	t.Parallel()
	c := start(t, 0)
	none, both := "", func(v *corev1.PersistentVolume) {
		v.Spec.Capacity = storageOf("4Gi")
		v.Spec.AccessModes = []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce, corev1.ReadWriteMany}
	}
	c.makeVolume(t, onDisk("one", "/mnt/one", "", nil))
	c.volumeIs(t, "one", corev1.VolumeAvailable)
	c.makeClaim(t, wanting("many", &none, func(w *corev1.PersistentVolumeClaim) {
		w.Spec.AccessModes = []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany}
	}))
	c.told(t, "many", "FailedBinding", "no persistent volumes available for this claim and no storage class is set")
	c.claim(t, "many", corev1.ClaimPending)
	c.makeVolume(t, onDisk("wide", "/mnt/wide", "", both))
	if got := c.claim(t, "many", corev1.ClaimBound).Spec.VolumeName; got != "wide" {
		t.Errorf("many is bound to %s", got)
	}
	c.makeVolume(t, onDisk("spare", "/mnt/spare", "", both))
	c.volumeIs(t, "spare", corev1.VolumeAvailable)
	c.makeClaim(t, wanting("single", &none, nil))
	if got := c.claim(t, "single", corev1.ClaimBound).Spec.VolumeName; got != "one" {
		t.Errorf("single is bound to %s, though one that is for one node alone was there", got)
	}
}

// A claim that says it is bound to a volume that is kept for another one is lost.
func TestAClaimThatIsBoundIncorrectlyIsLost(t *testing.T) {
	t.Parallel()
	c := start(t, 0)
	none := ""
	c.makeVolume(t, onDisk("kept", "/mnt/kept", "", func(v *corev1.PersistentVolume) {
		v.Spec.ClaimRef = &corev1.ObjectReference{Namespace: "default", Name: "other"}
	}))
	c.makeClaim(t, wanting("intruder", &none, func(w *corev1.PersistentVolumeClaim) {
		w.Spec.VolumeName = "kept"
		w.Annotations = map[string]string{"pv.kubernetes.io/bind-completed": "yes"}
	}))
	c.told(t, "intruder", "ClaimMisbound", "Two claims are bound to the same volume, this one is bound incorrectly")
	c.claim(t, "intruder", corev1.ClaimLost)
	c.makeClaim(t, wanting("other", &none, nil))
	if got := c.claim(t, "other", corev1.ClaimBound).Spec.VolumeName; got != "kept" {
		t.Errorf("other is bound to %s", got)
	}
}
