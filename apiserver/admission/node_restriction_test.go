package admission

import (
	"context"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubemint/kubemint/apiserver/request"
)

func nodeWorld() *world {
	w := newWorld()
	w.namespaces["kube-node-lease"] = w.namespaces["default"]
	w.pods["default/mine"] = makePod("mine", func(p *corev1.Pod) {
		p.UID, p.Spec.NodeName = "u1", "node-1"
		p.Spec.Volumes = []corev1.Volume{{Name: "t", VolumeSource: corev1.VolumeSource{Projected: TokenVolume()}},
			{Name: "v", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{
				{ServiceAccountToken: &corev1.ServiceAccountTokenProjection{Audience: "vault", Path: "t"}}}}}}}
	})
	w.pods["default/theirs"] = makePod("theirs", func(p *corev1.Pod) { p.UID, p.Spec.NodeName = "u2", "node-2" })
	return w
}

func TestNodeTokenRequests(t *testing.T) { // NODE-9 to NODE-11, NODE-16
	t.Parallel()
	ref := func(name, uid string) *authenticationv1.BoundObjectReference {
		return &authenticationv1.BoundObjectReference{APIVersion: "v1", Kind: "Pod", Name: name, UID: types.UID(uid)}
	}
	const head = `serviceaccounts "bot" is forbidden: `
	for _, tc := range []struct {
		name      string
		ref       *authenticationv1.BoundObjectReference
		audiences []string
		want      string
	}{
		{"unbound", nil, nil, head + `node requested token not bound to a pod`},
		{"bound to its node", &authenticationv1.BoundObjectReference{APIVersion: "v1", Kind: "Node", Name: "node-1", UID: "n1"}, nil, head + `node requested token not bound to a pod`},
		{"no uid", ref("mine", ""), nil, head + `node requested token with a pod binding without a uid`},
		{"wrong uid", ref("mine", "wrong"), nil, head + `the UID in the bound object reference (wrong) does not match the UID in record. The object might have been deleted and then recreated`},
		{"pod of another node", ref("theirs", "u2"), nil, head + `node requested token bound to a pod scheduled on a different node`},
		{"no such pod", ref("gone", "u"), nil, `pods "gone" not found`},
		{"default audience", ref("mine", "u1"), nil, ""},
		{"audience of a volume", ref("mine", "u1"), []string{"vault"}, ""},
		{"two audiences", ref("mine", "u1"), []string{"vault", "x"}, head + `node may only request 0 or 1 audiences`},
		{"foreign audience", ref("mine", "u1"), []string{"x"}, head + `audience "x" not found in pod spec volume, system:node:node-1 is not authorized to request tokens for this audience`},
		{"audience granted by RBAC", ref("mine", "u1"), []string{"granted"}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a := &Attributes{Operation: Create, User: nodeOne, Resource: corev1.SchemeGroupVersion.WithResource("serviceaccounts"),
				Subresource: "token", Namespace: "default", Name: "bot",
				Object: &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{BoundObjectRef: tc.ref, Audiences: tc.audiences}}}
			chain := newChain(t, nodeWorld(), func(c *Config) {
				c.Authorize = func(_ context.Context, u *request.User, verb, group, resource, ns, name string) (bool, error) {
					return verb == "request-serviceaccounts-token-audience" && group == "" && resource == "granted" && ns == "default" && name == "bot", nil
				}
			})
			if got := message(chain.Mutate(t.Context(), a)); got != tc.want {
				t.Errorf("got  %q\nwant %q", got, tc.want)
			}
		})
	}
}

func TestNodeWrites(t *testing.T) { // NODE-12 to NODE-15
	t.Parallel()
	yes := true
	core := func(resource string) schema.GroupVersionResource {
		return corev1.SchemeGroupVersion.WithResource(resource)
	}
	node := func(change func(*corev1.Node)) *corev1.Node {
		n := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "node-1", Labels: map[string]string{"kubernetes.io/hostname": "h"}}}
		if change != nil {
			change(n)
		}
		return n
	}
	label := func(k string) *corev1.Node { return node(func(n *corev1.Node) { n.Labels[k] = "x" }) }
	update := func(n *corev1.Node) *Attributes {
		return &Attributes{Operation: Update, User: nodeOne, Resource: core("nodes"), Name: n.Name, Object: n, Old: node(nil)}
	}
	register := func(n *corev1.Node) *Attributes {
		return &Attributes{Operation: Create, User: nodeOne, Resource: core("nodes"), Object: n}
	}
	mirror := func(change func(*corev1.Pod)) *Attributes {
		p := makePod("static", func(p *corev1.Pod) {
			p.Annotations = map[string]string{corev1.MirrorPodAnnotationKey: "x"}
			p.Spec.NodeName = "node-1"
			p.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: "Node", Name: "node-1", UID: "n1", Controller: &yes}}
			change(p)
		})
		a := createPod(p)
		a.User = nodeOne
		return a
	}
	remove := func(name string) *Attributes {
		return &Attributes{Operation: Delete, User: nodeOne, Resource: core("pods"), Namespace: "default", Name: name}
	}
	status := func(name string, change func(*corev1.Pod)) *Attributes {
		old := nodeWorld().pods["default/"+name]
		p := old.DeepCopy()
		if change != nil {
			change(p)
		}
		return &Attributes{Operation: Update, User: nodeOne, Resource: core("pods"), Subresource: "status", Namespace: "default", Name: name, Object: p, Old: old}
	}
	lease := func(ns, name string) *Attributes {
		return &Attributes{Operation: Create, User: nodeOne, Resource: coordinationv1.SchemeGroupVersion.WithResource("leases"), Namespace: ns,
			Object: &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Name: name}}}
	}
	for _, tc := range []struct {
		name string
		a    *Attributes
		want string
	}{
		{"its own node", register(node(nil)), ""},
		{"another node", register(node(func(n *corev1.Node) { n.Name = "b" })), `nodes "b" is forbidden: node "node-1" is not allowed to modify node "b"`},
		{"taints", update(node(func(n *corev1.Node) { n.Spec.Taints = []corev1.Taint{{Key: "k"}} })), `nodes "node-1" is forbidden: node "node-1" is not allowed to modify taints`},
		{"owners", update(node(func(n *corev1.Node) { n.OwnerReferences = []metav1.OwnerReference{{Name: "x"}} })), `nodes "node-1" is forbidden: node "node-1" is not allowed to modify ownerReferences`},
		{"NODE-13 restricted label", update(label("node-restriction.kubernetes.io/x")), `nodes "node-1" is forbidden: is not allowed to modify labels: node-restriction.kubernetes.io/x`},
		{"NODE-13 role label at registration", register(label("node-role.kubernetes.io/master")), `nodes "node-1" is forbidden: node "node-1" is not allowed to set the following labels: node-role.kubernetes.io/master`},
		{"NODE-13 zone", update(label("topology.kubernetes.io/zone")), ""},
		{"NODE-13 under kubelet.kubernetes.io", update(label("a.kubelet.kubernetes.io/x")), ""},
		{"NODE-13 foreign domain", update(label("example.com/x")), ""},
		{"NODE-14 an ordinary pod", func() *Attributes {
			a := createPod(makePod("p", func(p *corev1.Pod) { p.Spec.ServiceAccountName = "default" }))
			a.User = nodeOne
			return a
		}(),
			`pods "p" is forbidden: pod does not have "kubernetes.io/config.mirror" annotation, node "node-1" can only create mirror pods`},
		{"NODE-14 a mirror pod", mirror(func(*corev1.Pod) {}), ""},
		{"NODE-14 for another node", mirror(func(p *corev1.Pod) { p.Spec.NodeName = "b" }), `pods "static" is forbidden: node "node-1" can only create pods with spec.nodeName set to itself`},
		{"NODE-14 no owner", mirror(func(p *corev1.Pod) { p.OwnerReferences = nil }), `pods "static" is forbidden: node "node-1" can only create pods with an owner reference set to itself`},
		{"NODE-14 wrong owner uid", mirror(func(p *corev1.Pod) { p.OwnerReferences[0].UID = "z" }), `pods "static" is forbidden: node node-1 UID mismatch: expected z got n1`},
		{"NODE-14 with a ConfigMap", mirror(func(p *corev1.Pod) {
			p.Spec.Volumes = []corev1.Volume{{Name: "c", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{}}}}
		}), `pods "static" is forbidden: node "node-1" can not create pods that reference configmaps`},
		{"NODE-14 deletes its own", remove("mine"), ""},
		{"NODE-14 deletes another's", remove("theirs"), `pods "theirs" is forbidden: node "node-1" can only delete pods with spec.nodeName set to itself`},
		{"NODE-15 status of its own", status("mine", func(p *corev1.Pod) { p.Status.Phase = corev1.PodRunning }), ""},
		{"NODE-15 status of another's", status("theirs", nil), `pods "theirs" is forbidden: node "node-1" can only update pod status for pods with spec.nodeName set to itself`},
		{"NODE-15 labels", status("mine", func(p *corev1.Pod) { p.Labels = map[string]string{"a": "b"} }), `pods "mine" is forbidden: node "node-1" cannot update labels through pod status`},
		{"NODE-17 its lease", lease("kube-node-lease", "node-1"), ""},
		{"NODE-17 another's lease", lease("kube-node-lease", "b"), `leases.coordination.k8s.io "b" is forbidden: can only access node lease with the same name as the requesting node`},
		{"NODE-17 a lease elsewhere", lease("default", "node-1"), `leases.coordination.k8s.io "node-1" is forbidden: can only access leases in the "kube-node-lease" system namespace`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := message(newChain(t, nodeWorld(), nil).Mutate(t.Context(), tc.a)); got != tc.want {
				t.Errorf("got  %q\nwant %q", got, tc.want)
			}
		})
	}
}

func TestOnlyNodeUsersAreRestricted(t *testing.T) { // NODE-1, NODE-8
	t.Parallel()
	a := &Attributes{Operation: Update, User: jane, Resource: corev1.SchemeGroupVersion.WithResource("nodes"), Name: "b",
		Object: &corev1.Node{Spec: corev1.NodeSpec{Taints: []corev1.Taint{{Key: "k"}}}}, Old: &corev1.Node{}}
	if err := newChain(t, nodeWorld(), nil).Mutate(t.Context(), a); err != nil {
		t.Errorf("an ordinary user: %v", err)
	}
	a.User = &request.User{Name: "system:node:a"} // the name without the group
	if err := newChain(t, nodeWorld(), nil).Mutate(t.Context(), a); err != nil {
		t.Errorf("the name alone: %v", err)
	}
}
