package admission

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"net/http"
	"testing"

	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/apiserver/request"
)

func TestNamespaceLifecycle(t *testing.T) {
	t.Parallel()
	configMap := func(ns string, op Operation) *Attributes {
		return &Attributes{Operation: op, User: jane, Resource: corev1.SchemeGroupVersion.WithResource("configmaps"),
			Kind: corev1.SchemeGroupVersion.WithKind("ConfigMap"), Namespace: ns,
			Object: &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "c"}}}
	}
	namespace := func(name string) *Attributes {
		return &Attributes{Operation: Delete, User: jane, Resource: corev1.SchemeGroupVersion.WithResource("namespaces"),
			Kind: corev1.SchemeGroupVersion.WithKind("Namespace"), Name: name, Namespace: name}
	}
	token := configMap("going", Create)
	token.Resource.Resource, token.Subresource, token.Name = "serviceaccounts", "token", "bot"
	for _, tc := range []struct {
		name string
		a    *Attributes
		want string
	}{
		{"API-89 missing", configMap("nope", Create), `namespaces "nope" not found`},
		{"API-89 terminating", configMap("going", Create), `configmaps "c" is forbidden: unable to create new content in namespace going because it is being terminated`},
		{"TOK-19 no token in a terminating namespace", token, `serviceaccounts "bot" is forbidden: unable to create new content in namespace going because it is being terminated`},
		{"updates go on in a terminating namespace", configMap("going", Update), ""},
		{"deletes go on anywhere", configMap("nope", Delete), ""},
		{"SA-16 default stays", namespace("default"), `namespaces "default" is forbidden: this namespace may not be deleted`},
		{"SA-16 kube-public stays", namespace("kube-public"), `namespaces "kube-public" is forbidden: this namespace may not be deleted`},
		{"SA-16 kube-node-lease may go", namespace("kube-node-lease"), ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			err := newChain(t, newWorld(), nil).Mutate(t.Context(), tc.a)
			if got := message(err); got != tc.want {
				t.Errorf("got  %q\nwant %q", got, tc.want)
			}
			if tc.name == "API-89 terminating" && !apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
				t.Error("no cause NamespaceTerminating")
			}
		})
	}
}

func TestTolerationsAndPriority(t *testing.T) {
	t.Parallel()
	w := newWorld()
	never := corev1.PreemptNever
	w.priorities = []*schedulingv1.PriorityClass{{ObjectMeta: metav1.ObjectMeta{Name: "high"}, Value: 1000, PreemptionPolicy: &never}}
	chain := newChain(t, w, nil)
	pod := makePod("p", func(p *corev1.Pod) {
		p.Spec.PriorityClassName = "high"
		p.Spec.Tolerations = []corev1.Toleration{{Key: corev1.TaintNodeNotReady, Effect: corev1.TaintEffectNoExecute}}
	})
	if err := chain.Mutate(t.Context(), createPod(pod)); err != nil {
		t.Fatal(err)
	}
	if *pod.Spec.Priority != 1000 || *pod.Spec.PreemptionPolicy != never {
		t.Errorf("priority = %d, policy = %s", *pod.Spec.Priority, *pod.Spec.PreemptionPolicy)
	}
	if n := len(pod.Spec.Tolerations); n != 2 || pod.Spec.Tolerations[1].Key != corev1.TaintNodeUnreachable || *pod.Spec.Tolerations[1].TolerationSeconds != 300 {
		t.Errorf("tolerations = %+v", pod.Spec.Tolerations)
	}
	plain := makePod("p", nil)
	if err := chain.Mutate(t.Context(), createPod(plain)); err != nil {
		t.Fatal(err)
	}
	if *plain.Spec.Priority != 0 || *plain.Spec.PreemptionPolicy != corev1.PreemptLowerPriority || len(plain.Spec.Tolerations) != 2 {
		t.Errorf("a plain pod (API-217): %+v", plain.Spec)
	}
	err := chain.Mutate(t.Context(), createPod(makePod("p", func(p *corev1.Pod) { p.Spec.PriorityClassName = "none" })))
	if got := message(err); got != `pods "p" is forbidden: no PriorityClass with name none was found` {
		t.Errorf("unknown class: %q", got)
	}
	critical := makePod("p", func(p *corev1.Pod) { p.Spec.PriorityClassName = "system-node-critical" })
	if err := chain.Mutate(t.Context(), createPod(critical)); err != nil || *critical.Spec.Priority != 2000001000 {
		t.Errorf("system-node-critical: %v, %v", err, critical.Spec.Priority)
	}
}

func TestLimitRange(t *testing.T) {
	t.Parallel()
	q := resource.MustParse
	w := newWorld()
	w.limits = []*corev1.LimitRange{{ObjectMeta: metav1.ObjectMeta{Name: "lr"}, Spec: corev1.LimitRangeSpec{Limits: []corev1.LimitRangeItem{{
		Type:           corev1.LimitTypeContainer,
		Default:        corev1.ResourceList{"cpu": q("500m")},
		DefaultRequest: corev1.ResourceList{"cpu": q("100m")},
		Max:            corev1.ResourceList{"cpu": q("1")},
	}}}}}
	chain := newChain(t, w, nil)
	pod := makePod("p", nil)
	a := createPod(pod)
	if err := chain.Mutate(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if err := chain.Validate(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	r := pod.Spec.Containers[0].Resources
	if r.Requests.Cpu().String() != "100m" || r.Limits.Cpu().String() != "500m" {
		t.Errorf("resources = %+v", r)
	}
	if got := pod.Annotations["kubernetes.io/limit-ranger"]; got != "LimitRanger plugin set: cpu request for container main; cpu limit for container main" {
		t.Errorf("annotation = %q", got)
	}
	big := createPod(makePod("p", func(p *corev1.Pod) {
		p.Spec.Containers[0].Resources.Limits = corev1.ResourceList{"cpu": q("2")}
	}))
	if err := chain.Mutate(t.Context(), big); err != nil {
		t.Fatal(err)
	}
	if got := message(chain.Validate(t.Context(), big)); got != `pods "p" is forbidden: maximum cpu usage per Container is 1, but limit is 2` {
		t.Errorf("over the maximum: %q", got)
	}
}

func TestDefaultStorageClass(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.storages = []*storagev1.StorageClass{{ObjectMeta: metav1.ObjectMeta{Name: "slow"}},
		{ObjectMeta: metav1.ObjectMeta{Name: "fast", Annotations: map[string]string{"storageclass.kubernetes.io/is-default-class": "true"}}}}
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: "c"}}
	a := &Attributes{Operation: Create, User: jane, Resource: corev1.SchemeGroupVersion.WithResource("persistentvolumeclaims"), Namespace: "default", Object: claim}
	if err := newChain(t, w, nil).Mutate(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if claim.Spec.StorageClassName == nil || *claim.Spec.StorageClassName != "fast" {
		t.Errorf("class = %v", claim.Spec.StorageClassName)
	}
}

func TestRuntimeClass(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		code int32
		want string
	}{
		{"gvisor", http.StatusForbidden, `pods "p" is forbidden: pod rejected: RuntimeClass "gvisor" not found`},
		{"", http.StatusInternalServerError, "resource name may not be empty"},
	} {
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "p"}, Spec: corev1.PodSpec{RuntimeClassName: &tc.name}}
		err := runtimeClass{}.mutate(t.Context(), &Attributes{Operation: Create, Resource: corev1.SchemeGroupVersion.WithResource("pods"), Namespace: "default", Name: "p", Object: pod})
		var status apierrors.APIStatus
		if !errors.As(err, &status) || status.Status().Code != tc.code || err.Error() != tc.want {
			t.Errorf("%q: %v", tc.name, err)
		}
	}
}

// request of a certificate with this subject, as PEM.
func certificateRequestPEM(t *testing.T, subject pkix.Name) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: subject}, key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	const client = certificatesv1.KubeAPIServerClientSignerName
	csr := func(signer string, subject pkix.Name) *certificatesv1.CertificateSigningRequest {
		return &certificatesv1.CertificateSigningRequest{ObjectMeta: metav1.ObjectMeta{Name: "c"},
			Spec: certificatesv1.CertificateSigningRequestSpec{SignerName: signer, Request: certificateRequestPEM(t, subject)}}
	}
	attributes := func(op Operation, sub string, object, old *certificatesv1.CertificateSigningRequest, u *request.User) *Attributes {
		a := &Attributes{Operation: op, Subresource: sub, User: u, Name: "c", Object: object,
			Resource: certificatesv1.SchemeGroupVersion.WithResource("certificatesigningrequests")}
		if old != nil {
			a.Old = old
		}
		return a
	}
	plain := csr(client, pkix.Name{CommonName: "x"})
	issued := plain.DeepCopy()
	issued.Status.Certificate = []byte("pem")
	approver := &request.User{Name: "approver"}
	domain := &request.User{Name: "domain"}
	may := func(_ context.Context, u *request.User, verb, group, res, _, name string) (bool, error) {
		if verb != "approve" || group != "certificates.k8s.io" || res != "signers" {
			return false, nil
		}
		return (u.Name == "approver" && name == client) || (u.Name == "domain" && name == "kubernetes.io/*"), nil
	}
	for _, tc := range []struct {
		name string
		a    *Attributes
		want string
	}{
		{"CSR-3 masters", attributes(Create, "", csr(client, pkix.Name{CommonName: "x", Organization: []string{"system:masters"}}), nil, jane),
			`certificatesigningrequests.certificates.k8s.io "c" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed`},
		{"CSR-3 masters by another signer", attributes(Create, "", csr("example.com/s", pkix.Name{Organization: []string{"system:masters"}}), nil, jane), ""},
		{"CSR-4 not an approver", attributes(Update, "approval", plain, plain, jane),
			`certificatesigningrequests.certificates.k8s.io "c" is forbidden: user not permitted to approve requests with signerName "kubernetes.io/kube-apiserver-client"`},
		{"CSR-4 an approver", attributes(Update, "approval", plain, plain, approver), ""},
		{"SPEC-2 an approver for the domain", attributes(Update, "approval", plain, plain, domain), ""},
		{"SPEC-2 not a signer", attributes(Update, "status", issued, plain, approver),
			`certificatesigningrequests.certificates.k8s.io "c" is forbidden: user not permitted to sign requests with signerName "kubernetes.io/kube-apiserver-client"`},
		{"SPEC-2 nothing signed", attributes(Update, "status", plain.DeepCopy(), plain, jane), ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			err := newChain(t, newWorld(), func(c *Config) { c.Authorize = may }).Validate(t.Context(), tc.a)
			if got := message(err); got != tc.want {
				t.Errorf("got  %q\nwant %q", got, tc.want)
			}
		})
	}
	t.Run("NODE-17 a kubelet's certificate in another name", func(t *testing.T) {
		t.Parallel()
		a := attributes(Create, "", csr(certificatesv1.KubeletServingSignerName, pkix.Name{CommonName: "system:node:other"}), nil, nodeOne)
		want := `certificatesigningrequests.certificates.k8s.io "c" is forbidden: can only create a node CSR with CN=system:node:node-1`
		if got := message(newChain(t, newWorld(), nil).Mutate(t.Context(), a)); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	})
}
