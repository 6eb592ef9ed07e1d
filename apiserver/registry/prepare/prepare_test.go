package prepare

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	batchv1 "k8s.io/api/batch/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubemint/kubemint/apiserver/registry/defaults"
	"github.com/kubemint/kubemint/apiserver/request"
)

var now = time.Date(2026, 11, 23, 8, 31, 9, 0, time.UTC)

func TestNewPodIsPending(t *testing.T) { // API-72, API-217
	t.Parallel()
	p := &corev1.Pod{Status: corev1.PodStatus{Phase: corev1.PodRunning, PodIP: "1.2.3.4"}}
	Create(Context{Now: now}, p)
	want := corev1.PodStatus{Phase: corev1.PodPending, QOSClass: corev1.PodQOSBestEffort}
	if d := cmp.Diff(want, p.Status); d != "" || p.Generation != 1 {
		t.Errorf("generation %d, status (-want +got):\n%s", p.Generation, d)
	}
}

func TestQOSClass(t *testing.T) {
	t.Parallel()
	list := func(cpu, memory string) corev1.ResourceList {
		l := corev1.ResourceList{}
		if cpu != "" {
			l["cpu"] = resource.MustParse(cpu)
		}
		if memory != "" {
			l["memory"] = resource.MustParse(memory)
		}
		return l
	}
	for _, tc := range []struct {
		requests, limits corev1.ResourceList
		want             corev1.PodQOSClass
	}{
		{nil, nil, corev1.PodQOSBestEffort},
		{list("0", ""), nil, corev1.PodQOSBestEffort},
		{list("1", "1Gi"), list("1", "1Gi"), corev1.PodQOSGuaranteed},
		{list("1", ""), list("1", ""), corev1.PodQOSBurstable},
		{list("1", "1Gi"), list("2", "1Gi"), corev1.PodQOSBurstable},
		{list("1", "1Gi"), nil, corev1.PodQOSBurstable},
	} {
		p := &corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{{Resources: corev1.ResourceRequirements{Requests: tc.requests, Limits: tc.limits}}}}}
		if got := QOSClass(p); got != tc.want {
			t.Errorf("requests %v, limits %v: %s, want %s", tc.requests, tc.limits, got, tc.want)
		}
	}
}

func TestForeignPartsAreKept(t *testing.T) { // API-81, API-82
	t.Parallel()
	old := &appsv1.Deployment{Spec: appsv1.DeploymentSpec{Paused: false}, Status: appsv1.DeploymentStatus{Replicas: 3}}
	old.Generation, old.Labels = 4, map[string]string{"a": "b"}
	changed := func() *appsv1.Deployment {
		d := old.DeepCopy()
		d.Spec.Paused, d.Status.Replicas, d.Labels = true, 9, nil
		return d
	}
	main, status := changed(), changed()
	Update(Context{}, main, old, "")
	Update(Context{}, status, old, "status")
	if !main.Spec.Paused || main.Status.Replicas != 3 || main.Generation != 5 {
		t.Errorf("main endpoint: %+v", main)
	}
	if status.Spec.Paused || status.Status.Replicas != 9 || status.Generation != 4 || status.Labels["a"] != "b" {
		t.Errorf("status endpoint: %+v", status)
	}
	annotated := old.DeepCopy()
	annotated.Annotations = map[string]string{"x": "y"}
	Update(Context{}, annotated, old, "")
	if annotated.Generation != 5 {
		t.Errorf("an annotation of a deployment leaves its generation at %d", annotated.Generation)
	}
}

func TestPodStatusEndpoint(t *testing.T) { // API-81
	t.Parallel()
	old := &corev1.Pod{Spec: corev1.PodSpec{NodeName: "n"}, Status: corev1.PodStatus{QOSClass: corev1.PodQOSBurstable, ObservedGeneration: 2}}
	old.OwnerReferences = []metav1.OwnerReference{{Name: "o"}}
	p := old.DeepCopy()
	p.Spec.NodeName, p.OwnerReferences, p.DeletionTimestamp = "m", nil, &metav1.Time{Time: now}
	p.Status = corev1.PodStatus{Phase: corev1.PodRunning}
	Update(Context{}, p, old, "status")
	if p.Spec.NodeName != "n" || len(p.OwnerReferences) != 1 || p.DeletionTimestamp != nil || p.Status.Phase != corev1.PodRunning ||
		p.Status.QOSClass != corev1.PodQOSBurstable || p.Status.ObservedGeneration != 2 {
		t.Errorf("pod = %+v", p)
	}
}

func TestEphemeralContainersEndpoint(t *testing.T) {
	t.Parallel()
	old := &corev1.Pod{Spec: corev1.PodSpec{NodeName: "n"}}
	old.Generation = 1
	p := old.DeepCopy()
	p.Spec.NodeName, p.Labels = "m", map[string]string{"a": "b"}
	p.Spec.EphemeralContainers = []corev1.EphemeralContainer{{}}
	Update(Context{}, p, old, "ephemeralcontainers")
	if p.Spec.NodeName != "n" || p.Labels != nil || len(p.Spec.EphemeralContainers) != 1 || p.Generation != 2 {
		t.Errorf("pod = %+v", p)
	}
}

func TestNamespaceFinalizers(t *testing.T) { // API-183, API-189
	t.Parallel()
	n := &corev1.Namespace{Status: corev1.NamespaceStatus{Phase: corev1.NamespaceTerminating}}
	n.Name = "dev"
	Create(Context{}, n)
	if n.Status.Phase != corev1.NamespaceActive || len(n.Spec.Finalizers) != 1 || n.Labels[corev1.LabelMetadataName] != "dev" {
		t.Errorf("created: %+v", n)
	}
	main, finalize := n.DeepCopy(), n.DeepCopy()
	main.Spec.Finalizers, finalize.Spec.Finalizers = nil, nil
	finalize.Status.Phase = corev1.NamespaceTerminating
	Update(Context{}, main, n, "")
	Update(Context{}, finalize, n, "finalize")
	if len(main.Spec.Finalizers) != 1 {
		t.Error("the main endpoint took the finalizer away")
	}
	if len(finalize.Spec.Finalizers) != 0 || finalize.Status.Phase != corev1.NamespaceActive {
		t.Errorf("finalize: %+v", finalize)
	}
}

func TestAccountKeepsNamesOnly(t *testing.T) {
	t.Parallel()
	a := &corev1.ServiceAccount{Secrets: []corev1.ObjectReference{{Name: "s", Namespace: "x", Kind: "Secret", UID: "u"}}}
	Create(Context{}, a)
	if d := cmp.Diff([]corev1.ObjectReference{{Name: "s"}}, a.Secrets); d != "" { // SA-3
		t.Error(d)
	}
}

func TestJobSelectsItsPods(t *testing.T) { // API-220
	t.Parallel()
	j := &batchv1.Job{}
	j.Name, j.UID = "once", "u-1"
	Create(Context{}, j)
	want := map[string]string{"job-name": "once", "batch.kubernetes.io/job-name": "once", "controller-uid": "u-1", "batch.kubernetes.io/controller-uid": "u-1"}
	if d := cmp.Diff(want, j.Spec.Template.Labels); d != "" {
		t.Errorf("labels (-want +got):\n%s", d)
	}
	if d := cmp.Diff(map[string]string{"batch.kubernetes.io/controller-uid": "u-1"}, j.Spec.Selector.MatchLabels); d != "" {
		t.Errorf("selector (-want +got):\n%s", d)
	}
	manual := true
	m := &batchv1.Job{Spec: batchv1.JobSpec{ManualSelector: &manual}}
	Create(Context{}, m)
	if m.Spec.Selector != nil || m.Spec.Template.Labels != nil {
		t.Errorf("a manual selector was touched: %+v", m.Spec)
	}
}

func TestCertificateRequestNamesItsSender(t *testing.T) { // CSR-1
	t.Parallel()
	c := Context{Now: now, User: &request.User{Name: "jane", Groups: []string{"devs"}, Extra: map[string][]string{"k": {"v"}}}}
	r := &certificatesv1.CertificateSigningRequest{
		Spec:   certificatesv1.CertificateSigningRequestSpec{Username: "root", Groups: []string{"system:masters"}, SignerName: "a/b"},
		Status: certificatesv1.CertificateSigningRequestStatus{Conditions: []certificatesv1.CertificateSigningRequestCondition{{Type: certificatesv1.CertificateApproved}}},
	}
	Create(c, r)
	if r.Spec.Username != "jane" || len(r.Spec.Groups) != 1 || r.Spec.Groups[0] != "devs" || r.Spec.Extra["k"][0] != "v" || len(r.Status.Conditions) != 0 {
		t.Errorf("created: %+v", r)
	}
	approval := r.DeepCopy()
	approval.Spec.SignerName, approval.Status.Certificate = "x/y", []byte("pem")
	approval.Status.Conditions = []certificatesv1.CertificateSigningRequestCondition{{Type: certificatesv1.CertificateApproved, Status: corev1.ConditionTrue}}
	Update(c, approval, r, "approval")
	if approval.Spec.SignerName != "a/b" || approval.Status.Certificate != nil || !approval.Status.Conditions[0].LastUpdateTime.Time.Equal(now) {
		t.Errorf("approved: %+v", approval)
	}
	main := approval.DeepCopy()
	main.Spec.SignerName, main.Status.Conditions = "x/y", nil
	Update(c, main, approval, "")
	if main.Spec.SignerName != "a/b" || len(main.Status.Conditions) != 1 {
		t.Errorf("main endpoint: %+v", main)
	}
}

func TestBind(t *testing.T) { // API-219
	t.Parallel()
	p := &corev1.Pod{}
	p.Name, p.Generation = "x", 1
	b := &corev1.Binding{Target: corev1.ObjectReference{Kind: "Node", Name: "n"}}
	if err := Bind(Context{Now: now}, p, b); err != nil {
		t.Fatal(err)
	}
	if p.Spec.NodeName != "n" || len(p.Status.Conditions) != 1 || p.Status.Conditions[0].Type != corev1.PodScheduled || p.Generation != 1 {
		t.Errorf("pod = %+v", p)
	}
	if err := Bind(Context{Now: now}, p, b); err == nil || err.Error() != `pod x is already assigned to node "n"` {
		t.Errorf("a second time: %v", err)
	}
}

func TestServiceKeepsWhatItWasGiven(t *testing.T) {
	t.Parallel()
	old := &corev1.Service{Spec: corev1.ServiceSpec{Type: corev1.ServiceTypeNodePort, ClusterIP: "10.96.0.9", ClusterIPs: []string{"10.96.0.9"},
		Ports: []corev1.ServicePort{{Name: "http", Port: 80, NodePort: 30080}}, ExternalTrafficPolicy: corev1.ServiceExternalTrafficPolicyCluster}}
	s := &corev1.Service{Spec: corev1.ServiceSpec{Type: corev1.ServiceTypeNodePort, Ports: []corev1.ServicePort{{Name: "http", Port: 81}}}}
	Update(Context{}, s, old, "")
	if s.Spec.ClusterIP != "10.96.0.9" || s.Spec.Ports[0].NodePort != 30080 {
		t.Errorf("a bare update: %+v", s.Spec)
	}
	inner := old.DeepCopy()
	inner.Spec.Type = corev1.ServiceTypeClusterIP
	Update(Context{}, inner, old, "")
	if inner.Spec.Ports[0].NodePort != 0 || inner.Spec.ExternalTrafficPolicy != "" || inner.Spec.ClusterIP == "" {
		t.Errorf("to ClusterIP: %+v", inner.Spec)
	}
}

func TestScale(t *testing.T) {
	t.Parallel()
	two := int32(2)
	d := &appsv1.Deployment{Spec: appsv1.DeploymentSpec{Replicas: &two, Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"a": "b"}}}}
	s, err := ScaleOf(d)
	if err != nil || s.Spec.Replicas != 2 || s.Status.Selector != "a=b" {
		t.Fatalf("scale = %+v, %v", s, err)
	}
	if err := SetScale(d, &autoscalingv1.Scale{Spec: autoscalingv1.ScaleSpec{Replicas: 5}}); err != nil || *d.Spec.Replicas != 5 {
		t.Errorf("replicas = %d, %v", *d.Spec.Replicas, err)
	}
	if _, err := ScaleOf(&corev1.Pod{}); err == nil {
		t.Error("a pod scales")
	}
}

func TestDaemonSetCountsTemplates(t *testing.T) {
	t.Parallel()
	d := &appsv1.DaemonSet{}
	Create(Context{}, d)
	n := d.DeepCopy()
	n.Annotations = nil
	n.Spec.Template.Labels = map[string]string{"a": "b"}
	Update(Context{}, n, d, "")
	if d.Annotations["deprecated.daemonset.template.generation"] != "1" || n.Annotations["deprecated.daemonset.template.generation"] != "2" || n.Generation != 2 {
		t.Errorf("before %v, after %v", d.ObjectMeta, n.ObjectMeta)
	}
}

func TestLabelKeysAreMergedIntoSelectors(t *testing.T) {
	t.Parallel()
	selector := func() *metav1.LabelSelector { return &metav1.LabelSelector{MatchLabels: map[string]string{"a": "b"}} }
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"hash": "1", "team": "x"}}, Spec: corev1.PodSpec{
		Affinity: &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{
			{LabelSelector: selector(), MatchLabelKeys: []string{"hash", "absent"}, MismatchLabelKeys: []string{"team"}},
			{MatchLabelKeys: []string{"hash"}},
		}}},
		TopologySpreadConstraints: []corev1.TopologySpreadConstraint{{LabelSelector: selector(), MatchLabelKeys: []string{"hash"}}},
	}}
	Create(Context{Now: now}, p)
	terms := p.Spec.Affinity.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution
	want := []metav1.LabelSelectorRequirement{
		{Key: "hash", Operator: metav1.LabelSelectorOpIn, Values: []string{"1"}},
		{Key: "team", Operator: metav1.LabelSelectorOpNotIn, Values: []string{"x"}},
	}
	if d := cmp.Diff(want, terms[0].LabelSelector.MatchExpressions); d != "" {
		t.Errorf("affinity (-want +got):\n%s", d)
	}
	if terms[1].LabelSelector != nil {
		t.Error("a selector of nothing became one of something")
	}
	if d := cmp.Diff(want[:1], p.Spec.TopologySpreadConstraints[0].LabelSelector.MatchExpressions); d != "" {
		t.Errorf("spread (-want +got):\n%s", d)
	}
}

func TestJobSharesTheLabelsOfItsPods(t *testing.T) { // API-220
	t.Parallel()
	generated := map[string]string{"job-name": "j", batchv1.JobNameLabel: "j", "controller-uid": "u", batchv1.ControllerUidLabel: "u"}
	for _, tc := range []struct {
		name      string
		job, pods map[string]string
		own       bool
	}{
		{"none", nil, nil, false},
		{"by default", nil, map[string]string{"a": "b"}, false},
		{"its own", map[string]string{"x": "y"}, map[string]string{"a": "b"}, true},
		{"its own, equal to its pods'", map[string]string{"x": "y"}, map[string]string{"x": "y"}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			j := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: "j", UID: "u", Labels: tc.job}}
			j.Spec.Template.Labels = tc.pods
			defaults.Apply(j)
			Create(Context{Now: now}, j)
			want := map[string]string{"x": "y"}
			if !tc.own {
				want = j.Spec.Template.Labels
			}
			if d := cmp.Diff(want, j.Labels); d != "" {
				t.Errorf("labels of the job (-want +got):\n%s", d)
			}
			for k, v := range generated {
				if j.Spec.Template.Labels[k] != v {
					t.Errorf("label %s of the pods is %q, want %q", k, j.Spec.Template.Labels[k], v)
				}
			}
			if d := cmp.Diff(map[string]string{batchv1.ControllerUidLabel: "u"}, j.Spec.Selector.MatchLabels); d != "" {
				t.Errorf("selector (-want +got):\n%s", d)
			}
		})
	}
}

func TestDataSources(t *testing.T) {
	t.Parallel()
	group := "snapshot.storage.k8s.io"
	for _, tc := range []struct {
		name       string
		source     *corev1.TypedLocalObjectReference
		ref        *corev1.TypedObjectReference
		wantSource bool
		wantRef    bool
	}{
		{"a claim", &corev1.TypedLocalObjectReference{Kind: "PersistentVolumeClaim", Name: "c"}, nil, true, true},
		{"a snapshot", &corev1.TypedLocalObjectReference{APIGroup: &group, Kind: "VolumeSnapshot", Name: "c"}, nil, true, true},
		{"anything else is dropped", &corev1.TypedLocalObjectReference{Kind: "ConfigMap", Name: "c"}, nil, false, false},
		{"the newer field takes anything", nil, &corev1.TypedObjectReference{Kind: "ConfigMap", Name: "c"}, true, true},
		{"another namespace is dropped", nil, &corev1.TypedObjectReference{Kind: "PersistentVolumeClaim", Name: "c", Namespace: &group}, false, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := &corev1.PersistentVolumeClaim{Spec: corev1.PersistentVolumeClaimSpec{DataSource: tc.source, DataSourceRef: tc.ref}}
			Create(Context{Now: now}, c)
			if (c.Spec.DataSource != nil) != tc.wantSource || (c.Spec.DataSourceRef != nil) != tc.wantRef {
				t.Errorf("dataSource %v, dataSourceRef %v", c.Spec.DataSource, c.Spec.DataSourceRef)
			}
		})
	}
}

func TestStatefulSetGate(t *testing.T) {
	t.Parallel()
	one := intstr.FromInt32(1)
	set := func() *appsv1.StatefulSet {
		return &appsv1.StatefulSet{Spec: appsv1.StatefulSetSpec{UpdateStrategy: appsv1.StatefulSetUpdateStrategy{
			RollingUpdate: &appsv1.RollingUpdateStatefulSetStrategy{MaxUnavailable: &one}}}}
	}
	made := set()
	Create(Context{Now: now}, made)
	if made.Spec.UpdateStrategy.RollingUpdate.MaxUnavailable != nil {
		t.Error("maxUnavailable was kept in a new object")
	}
	kept := set()
	Update(Context{Now: now}, kept, set(), "")
	if kept.Spec.UpdateStrategy.RollingUpdate.MaxUnavailable == nil {
		t.Error("maxUnavailable was taken from an object that had it")
	}
}
