package authz

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"

	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/rbac"
)

var nodeOne = &request.User{Name: "system:node:n1", Groups: []string{request.Nodes, request.Authenticated}}

func TestTheChain(t *testing.T) {
	t.Parallel()
	index := rbac.NewIndex()
	if err := index.Set(
		&rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "nodes"}, Rules: []rbacv1.PolicyRule{{Verbs: []string{"list"}, APIGroups: []string{""}, Resources: []string{"nodes"}}}},
		&rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "nodes"}, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "nodes"},
			Subjects: []rbacv1.Subject{{Kind: "Group", Name: "system:nodes"}, {Kind: "User", Name: "jane"}}},
		&rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "gone"}, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "gone"},
			Subjects: []rbacv1.Subject{{Kind: "Group", Name: "system:nodes"}}},
	); err != nil {
		t.Fatal(err)
	}
	z := New(Config{Policy: index})
	list := func(u *request.User, resource string) Attributes {
		return Attributes{User: u, IsResource: true, Verb: "list", Resource: resource, Namespace: ""}
	}
	const byRBAC = `RBAC: allowed by ClusterRoleBinding "nodes" of ClusterRole "nodes" to Group "system:nodes"`
	const gone = `RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found`
	for _, tt := range []struct {
		name   string
		a      Attributes
		by     string
		reason string
		trace  []Answer
	}{
		{"masters may all", list(&request.User{Name: "x", Groups: []string{request.Masters}}, "secrets"), ByMasters, "", []Answer{{ByMasters, true, ""}}},
		{"a node by RBAC", list(nodeOne, "nodes"), ByRBAC, byRBAC,
			[]Answer{{ByMasters, false, ""}, {ByNode, false, "node 'n1' cannot read all nodes, only its own Node object"}, {ByRBAC, true, byRBAC}}},
		{"a node refused by both", list(nodeOne, "secrets"), "", "can only read namespaced object of this type\n" + gone,
			[]Answer{{ByMasters, false, ""}, {ByNode, false, "can only read namespaced object of this type"}, {ByRBAC, false, gone}}},
		{"a node by its own rules", list(nodeOne, "services"), ByNode, "", []Answer{{ByMasters, false, ""}, {ByNode, true, ""}}},
		{"an ordinary user", list(&request.User{Name: "joe"}, "nodes"), "", "", []Answer{{ByMasters, false, ""}, {ByNode, false, ""}, {ByRBAC, false, ""}}},
		{"nobody", list(nil, "nodes"), "", "", []Answer{{ByMasters, false, ""}, {ByNode, false, ""}, {ByRBAC, false, ""}}},
		{"a node without a name", list(&request.User{Name: "system:node:", Groups: []string{request.Nodes}}, "pods"), "",
			"unknown node for user \"system:node:\"\n" + gone,
			[]Answer{{ByMasters, false, ""}, {ByNode, false, `unknown node for user "system:node:"`}, {ByRBAC, false, gone}}},
		{"the name of a node without its group", list(&request.User{Name: "system:node:n1"}, "services"), "", "",
			[]Answer{{ByMasters, false, ""}, {ByNode, false, ""}, {ByRBAC, false, ""}}},
	} {
		d := z.Authorize(tt.a)
		if d.By != tt.by || d.Allowed != (tt.by != "") || d.Reason != tt.reason {
			t.Errorf("%s: by %q, %q", tt.name, d.By, d.Reason)
		}
		if diff := cmp.Diff(tt.trace, d.Trace()); diff != "" {
			t.Errorf("%s: trace: %s", tt.name, diff)
		}
		if d.Policy == nil {
			t.Errorf("%s: no snapshot", tt.name)
		}
	}
}

func testPod(name, node string) *corev1.Pod {
	claim := "gpu"
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name},
		Spec: corev1.PodSpec{
			NodeName: node, ServiceAccountName: "bot", ImagePullSecrets: []corev1.LocalObjectReference{{Name: "pull"}},
			ResourceClaims: []corev1.PodResourceClaim{{Name: "g", ResourceClaimName: &claim}},
			Containers: []corev1.Container{{Name: "a",
				Env: []corev1.EnvVar{{Name: "A", ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: "env"}}}},
					{Name: "B", Value: "x"}},
				EnvFrom: []corev1.EnvFromSource{{ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "envs"}}}}}},
			Volumes: []corev1.Volume{
				{Name: "p", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{
					{ConfigMap: &corev1.ConfigMapProjection{LocalObjectReference: corev1.LocalObjectReference{Name: "kube-root-ca.crt"}}},
					{Secret: &corev1.SecretProjection{LocalObjectReference: corev1.LocalObjectReference{Name: "projected"}}}}}}},
				{Name: "c", VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "data"}}},
				{Name: "e", VolumeSource: corev1.VolumeSource{Ephemeral: &corev1.EphemeralVolumeSource{}}},
			},
		},
	}
}

func TestNodeAuthorizer(t *testing.T) {
	t.Parallel()
	g := NewGraph()
	g.SetPod(testPod("web", "n1"))
	mirror := testPod("mirror", "n1")
	mirror.Annotations = map[string]string{corev1.MirrorPodAnnotationKey: "x"}
	mirror.Spec.ServiceAccountName = "other"
	g.SetPod(mirror)
	g.SetVolume(&corev1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: "pv"}, Spec: corev1.PersistentVolumeSpec{
		ClaimRef: &corev1.ObjectReference{Namespace: "default", Name: "data"},
		PersistentVolumeSource: corev1.PersistentVolumeSource{CSI: &corev1.CSIPersistentVolumeSource{
			NodePublishSecretRef: &corev1.SecretReference{Namespace: "storage", Name: "mount"}}}}})
	g.SetAttachment("va", "n1")
	z := New(Config{Graph: g})
	const unrelated = "no relationship found between node 'n1' and this object"
	const ok = "ok"
	for _, tt := range []struct{ verb, what, namespace, name, want string }{
		{"get", "secrets", "default", "env", ok},
		{"watch", "secrets", "default", "projected", ok},
		{"list", "secrets", "default", "pull", ok},
		{"get", "secrets", "storage", "mount", ok},
		{"get", "secrets", "default", "else", unrelated},
		{"get", "secrets", "other", "env", unrelated},
		{"list", "secrets", "default", "", "No Object name found"},
		{"list", "secrets", "", "env", "can only read namespaced object of this type"},
		{"update", "secrets", "default", "env", "can only read resources of this type"},
		{"get", "secrets/x", "default", "env", "cannot read subresource"},
		{"get", "configmaps", "default", "kube-root-ca.crt", ok},
		{"get", "configmaps", "default", "envs", ok},
		{"get", "persistentvolumeclaims", "default", "data", ok},
		{"get", "persistentvolumeclaims", "default", "web-e", ok},
		{"list", "persistentvolumeclaims", "default", "data", "can only get individual resources of this type"},
		{"get", "persistentvolumeclaims/x", "default", "data", "cannot get subresource"},
		{"patch", "persistentvolumeclaims/status", "default", "data", ok},
		{"delete", "persistentvolumeclaims/status", "default", "data", "can only get/update/patch this type"},
		{"get", "persistentvolumes", "", "pv", ok},
		{"get", "persistentvolumes", "", "pv2", unrelated},
		{"get", "resource.k8s.io resourceclaims", "default", "gpu", ok},
		{"get", "storage.k8s.io volumeattachments", "", "va", ok},
		{"get", "storage.k8s.io volumeattachments", "", "vb", unrelated},
		{"get", "serviceaccounts", "default", "bot", ok},
		{"get", "serviceaccounts", "default", "other", unrelated},
		{"create", "serviceaccounts/token", "default", "bot", ok},
		{"create", "serviceaccounts/token", "default", "other", unrelated},
		{"create", "serviceaccounts", "default", "bot", "can only create token subresource of serviceaccount"},
		{"create", "serviceaccounts", "default", "", "can only create tokens for individual service accounts"},
		{"list", "serviceaccounts", "default", "", "can only create tokens for individual service accounts"},
		{"get", "coordination.k8s.io leases", "kube-node-lease", "n1", ok},
		{"create", "coordination.k8s.io leases", "kube-node-lease", "", ok},
		{"get", "coordination.k8s.io leases", "kube-node-lease", "n2", "can only access node lease with the same name as the requesting node"},
		{"get", "coordination.k8s.io leases", "default", "n1", `can only access leases in the "kube-node-lease" system namespace`},
		{"list", "coordination.k8s.io leases", "kube-node-lease", "", "can only get, create, update, patch, or delete a node lease"},
		{"patch", "storage.k8s.io csinodes", "", "n1", ok},
		{"patch", "storage.k8s.io csinodes", "", "n2", "can only access CSINode with the same name as the requesting node"},
		{"list", "storage.k8s.io csinodes", "", "", "can only get, create, update, patch, or delete a CSINode"},
		{"list", "resource.k8s.io resourceslices", "", "", "can only list/watch/deletecollection resourceslices with nodeName field selector"},
		{"get", "nodes", "", "n1", ok},
		{"update", "nodes", "", "n2", ok}, // NodeRestriction's to refuse
		{"get", "nodes", "", "n2", "node 'n1' cannot read 'n2', only its own Node object"},
		{"list", "nodes", "", "", "node 'n1' cannot read all nodes, only its own Node object"},
		{"delete", "nodes", "", "n1", ""},
		{"patch", "nodes/status", "", "n1", ok},
		{"get", "pods", "default", "web", ok},
		{"get", "pods", "default", "mirror", ok},
		{"get", "pods", "default", "db", unrelated},
		{"watch", "pods", "default", "web", ok},
		{"list", "pods", "", "", "can only list/watch pods with spec.nodeName field selector"},
		{"create", "pods", "default", "", ok},
		{"patch", "pods/status", "default", "web", ok},
		{"create", "pods/eviction", "default", "web", ok},
		{"get", "pods/log", "default", "web", ""},
		{"list", "services", "", "", ok},
		{"create", "services", "default", "", ""},
		{"create", "events", "default", "", ok},
		{"create", "authorization.k8s.io subjectaccessreviews", "", "", ok},
	} {
		a := Attributes{User: nodeOne, IsResource: true, Verb: tt.verb, Namespace: tt.namespace, Name: tt.name}
		a.Group, a.Resource, a.Subresource = splitResource(tt.what)
		d := z.Authorize(a)
		if want := tt.want == ok; d.Allowed != want || !want && d.Reason != tt.want {
			t.Errorf("%s %s %q in %q: %v %q, want %q", tt.verb, tt.what, tt.name, tt.namespace, d.Allowed, d.Reason, tt.want)
		}
	}
	own := Attributes{User: nodeOne, IsResource: true, Verb: "watch", Resource: "pods", Fields: fields.OneTermEqualSelector("spec.nodeName", "n1").Requirements()}
	if !z.Authorize(own).Allowed {
		t.Error("a node may not watch its own pods")
	}
	own.Fields = fields.OneTermNotEqualSelector("spec.nodeName", "n1").Requirements()
	if z.Authorize(own).Allowed {
		t.Error("a node may watch all pods but its own")
	}
	if !New(Config{NodesReadAll: true}).Authorize(Attributes{User: nodeOne, IsResource: true, Verb: "list", Resource: "nodes"}).Allowed {
		t.Error("before 1.32 a node may list nodes")
	}
	if r := z.RulesFor(nodeOne, "default"); !r.Incomplete || r.Errors[0].Error() != "node authorizer does not support user rule resolution" {
		t.Errorf("rules of a node: %+v", r)
	}
}

// splitResource reads "GROUP RESOURCE/SUBRESOURCE".
func splitResource(what string) (group, resource, subresource string) {
	for i := range what {
		if what[i] == ' ' {
			group, what = what[:i], what[i+1:]
			break
		}
	}
	for i := range what {
		if what[i] == '/' {
			return group, what[:i], what[i+1:]
		}
	}
	return group, what, ""
}

func TestTheGraphForgets(t *testing.T) {
	t.Parallel()
	g := NewGraph()
	bot := vertex{vertexAccount, "default", "bot"}
	g.SetPod(testPod("a", "n1"))
	g.SetPod(testPod("b", "n1"))
	g.SetPod(testPod("a", "n1"))
	g.DeletePod("default", "a")
	if !g.reaches(bot, "n1") {
		t.Error("pod b still needs the account")
	}
	g.SetPod(testPod("b", "n2"))
	if g.reaches(bot, "n1") || !g.reaches(bot, "n2") {
		t.Error("the pod has moved")
	}
	g.SetPod(testPod("b", ""))
	g.DeletePod("default", "never")
	g.SetVolume(&corev1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: "pv"}, Spec: corev1.PersistentVolumeSpec{ClaimRef: &corev1.ObjectReference{Name: "x"},
		PersistentVolumeSource: corev1.PersistentVolumeSource{CSI: &corev1.CSIPersistentVolumeSource{NodeStageSecretRef: &corev1.SecretReference{Name: "s"}}}}})
	g.DeleteVolume("pv")
	g.SetAttachment("va", "n1")
	g.SetAttachment("va", "")
	if len(g.nodes)+len(g.pods)+len(g.volumes)+len(g.secretVolumes)+len(g.attachments) != 0 {
		t.Errorf("left over: %v %v %v", g.pods, g.nodes, g.volumes)
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	g := NewGraph()
	g.SetPod(testPod("web", "n1"))
	z := New(Config{Graph: g})
	secret := func(u *request.User, name string) Attributes {
		return Attributes{User: u, IsResource: true, Verb: "get", Resource: "secrets", Namespace: "default", Name: name}
	}
	if e := z.Explain(secret(&request.User{Name: "x", Groups: []string{request.Masters}}, "env"), nil); e.By != ByMasters || !e.Decision.Allowed {
		t.Errorf("masters: %+v", e)
	}
	if e := z.Explain(secret(nodeOne, "env"), nil); e.By != ByNode || !e.Decision.Allowed {
		t.Errorf("a node: %+v", e)
	}
	e := z.Explain(secret(nodeOne, "else"), nil)
	if e.Decision.Allowed || e.NodeReason == "" || e.Fix == nil {
		t.Errorf("a node refused: %+v", e)
	}
	after, err := z.Snapshot().With(e.Fix.Objects...)
	if err != nil {
		t.Fatal(err)
	}
	if e := z.Explain(secret(nodeOne, "else"), after); e.By != ByRBAC {
		t.Errorf("a node by the fix: %+v", e)
	}
}
