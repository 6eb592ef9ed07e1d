package controller_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubemint/kubemint"
)

// API-180
func TestPropagationOnAWholeCluster(t *testing.T) {
	t.Parallel()
	c := start(t, 0)
	ctx := t.Context()
	for _, tc := range []struct {
		policy metav1.DeletionPropagation
		left   bool
	}{{metav1.DeletePropagationForeground, false}, {metav1.DeletePropagationBackground, false}, {metav1.DeletePropagationOrphan, true}} {
		name := strings.ToLower(string(tc.policy))
		if _, err := c.AppsV1().Deployments("default").Create(ctx, newDeployment(name, 1), metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		sets := func() int {
			l, err := c.AppsV1().ReplicaSets("default").List(ctx, metav1.ListOptions{LabelSelector: "app=" + name})
			if err != nil {
				t.Fatal(err)
			}
			return len(l.Items)
		}
		pods := func() int {
			l, err := c.CoreV1().Pods("default").List(ctx, metav1.ListOptions{LabelSelector: "app=" + name})
			if err != nil {
				t.Fatal(err)
			}
			return len(l.Items)
		}
		eventually(t, name+": a pod", func() bool { return sets() == 1 && pods() == 1 })
		if err := c.AppsV1().Deployments("default").Delete(ctx, name, metav1.DeleteOptions{PropagationPolicy: &tc.policy}); err != nil {
			t.Fatal(err)
		}
		eventually(t, name+": the deployment gone", func() bool {
			_, err := c.AppsV1().Deployments("default").Get(ctx, name, metav1.GetOptions{})
			return apierrors.IsNotFound(err)
		})
		if !tc.left {
			eventually(t, name+": all gone", func() bool { return sets() == 0 && pods() == 0 })
			continue
		}
		l, err := c.AppsV1().ReplicaSets("default").List(ctx, metav1.ListOptions{LabelSelector: "app=" + name})
		if err != nil || len(l.Items) != 1 || len(l.Items[0].OwnerReferences) != 0 {
			t.Errorf("%s: %v, %v; want one ReplicaSet without an owner", name, l.Items, err)
		}
	}
}

// CSR-4 to CSR-7
func TestAnApprovedRequestIsSigned(t *testing.T) {
	t.Parallel()
	c := start(t, 0)
	ctx := t.Context()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "alice", Organization: []string{"dev"}}}, key)
	if err != nil {
		t.Fatal(err)
	}
	hour := int32(3600)
	csr := &certificatesv1.CertificateSigningRequest{ObjectMeta: metav1.ObjectMeta{Name: "alice"}, Spec: certificatesv1.CertificateSigningRequestSpec{
		SignerName: certificatesv1.KubeAPIServerClientSignerName, Usages: []certificatesv1.KeyUsage{certificatesv1.UsageClientAuth}, ExpirationSeconds: &hour,
		Request: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})}}
	if csr, err = c.CertificatesV1().CertificateSigningRequests().Create(ctx, csr, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	csr.Status.Conditions = append(csr.Status.Conditions, certificatesv1.CertificateSigningRequestCondition{
		Type: certificatesv1.CertificateApproved, Status: corev1.ConditionTrue, Reason: "KubectlApprove", Message: "This CSR was approved by kubectl certificate approve."})
	if _, err := c.CertificatesV1().CertificateSigningRequests().UpdateApproval(ctx, "alice", csr, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a certificate", func() bool {
		csr, err = c.CertificatesV1().CertificateSigningRequests().Get(ctx, "alice", metav1.GetOptions{})
		return err == nil && len(csr.Status.Certificate) > 0
	})
	block, _ := pem.Decode(csr.Status.Certificate)
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil || cert.Subject.CommonName != "alice" || cert.IsCA || cert.NotAfter.Sub(cert.NotBefore) != time.Hour+5*time.Minute {
		t.Errorf("%v, %v: from %v to %v", cert.Subject, err, cert.NotBefore, cert.NotAfter)
	}
	c.advance(t, time.Hour+time.Minute)
	eventually(t, "the old request cleaned away", func() bool {
		_, err := c.CertificatesV1().CertificateSigningRequests().Get(ctx, "alice", metav1.GetOptions{})
		return apierrors.IsNotFound(err)
	})
}

// ERA-21, ERA-25
func TestATokenSecretWorksAndGoesWithItsAccount(t *testing.T) {
	t.Parallel()
	c := start(t, 0)
	ctx := t.Context()
	if _, err := c.CoreV1().ServiceAccounts("default").Create(ctx, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "bot"}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	s := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "bot-token", Annotations: map[string]string{corev1.ServiceAccountNameKey: "bot"}}, Type: corev1.SecretTypeServiceAccountToken}
	if _, err := c.CoreV1().Secrets("default").Create(ctx, s, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the Secret filled", func() bool {
		got, err := c.CoreV1().Secrets("default").Get(ctx, "bot-token", metav1.GetOptions{})
		s = got
		return err == nil && len(got.Data) == 3
	})
	review, err := c.AuthenticationV1().TokenReviews().Create(ctx, &authenticationv1.TokenReview{Spec: authenticationv1.TokenReviewSpec{Token: string(s.Data["token"])}}, metav1.CreateOptions{})
	if err != nil || review.Status.User.Username != "system:serviceaccount:default:bot" {
		t.Errorf("review: %+v, %v", review.Status, err)
	}
	if err := c.CoreV1().ServiceAccounts("default").Delete(ctx, "bot", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the Secret gone", func() bool {
		_, err := c.CoreV1().Secrets("default").Get(ctx, "bot-token", metav1.GetOptions{})
		return apierrors.IsNotFound(err)
	})
}

// AGG-4, AGG-6, SA-17
func TestSystemRolesAreFilledAndLoopsHaveAccounts(t *testing.T) {
	t.Parallel()
	c := start(t, 0)
	ctx := t.Context()
	has := func(role, resource string) func() bool {
		return func() bool {
			r, err := c.RbacV1().ClusterRoles().Get(ctx, role, metav1.GetOptions{})
			if err != nil {
				t.Fatal(err)
			}
			for _, rule := range r.Rules {
				for _, res := range rule.Resources {
					if res == resource {
						return true
					}
				}
			}
			return false
		}
	}
	for _, role := range []string{"view", "edit", "admin"} {
		eventually(t, role, has(role, "pods"))
	}
	helper := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "widgets", Labels: map[string]string{"rbac.authorization.k8s.io/aggregate-to-view": "true"}},
		Rules: []rbacv1.PolicyRule{{Verbs: []string{"get"}, APIGroups: []string{"example.com"}, Resources: []string{"widgets"}}}}
	if _, err := c.RbacV1().ClusterRoles().Create(ctx, helper, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "admin by way of edit by way of view", has("admin", "widgets"))
	eventually(t, "an account for each loop", func() bool {
		l, err := c.CoreV1().ServiceAccounts("kube-system").List(ctx, metav1.ListOptions{})
		return err == nil && len(l.Items) >= 18
	})
}

func TestAServiceListsItsPods(t *testing.T) {
	t.Parallel()
	c := start(t, 1)
	ctx := t.Context()
	if _, err := c.AppsV1().Deployments("default").Create(ctx, newDeployment("web", 2), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	s := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "web"}, Spec: corev1.ServiceSpec{Selector: map[string]string{"app": "web"}, Ports: []corev1.ServicePort{{Port: 80, TargetPort: intstr.FromInt32(8080)}}}}
	if _, err := c.CoreV1().Services("default").Create(ctx, s, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "endpoints", func() bool {
		e, err := c.CoreV1().Endpoints("default").Get(ctx, "web", metav1.GetOptions{})
		return err == nil && len(e.Subsets) == 1 && len(e.Subsets[0].Addresses) == 2 && e.Subsets[0].Ports[0].Port == 8080
	})
	eventually(t, "a slice", func() bool {
		l, err := c.DiscoveryV1().EndpointSlices("default").List(ctx, metav1.ListOptions{LabelSelector: "kubernetes.io/service-name=web"})
		return err == nil && len(l.Items) == 1 && len(l.Items[0].Endpoints) == 2 && *l.Items[0].Endpoints[0].Conditions.Ready
	})
	if err := c.CoreV1().Services("default").Delete(ctx, "web", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "both gone", func() bool {
		_, err := c.CoreV1().Endpoints("default").Get(ctx, "web", metav1.GetOptions{})
		l, listErr := c.DiscoveryV1().EndpointSlices("default").List(ctx, metav1.ListOptions{LabelSelector: "kubernetes.io/service-name=web"})
		return apierrors.IsNotFound(err) && listErr == nil && len(l.Items) == 0
	})
}

// ERA-20, ERA-26
func TestInOldErasEachAccountHasASecret(t *testing.T) {
	t.Parallel()
	c := startAs(t, kubemint.Config{EmulatedVersion: "1.20"})
	ctx := t.Context()
	if _, err := c.CoreV1().ServiceAccounts("default").Create(ctx, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "bot"}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	name := func() string {
		a, err := c.CoreV1().ServiceAccounts("default").Get(ctx, "bot", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if len(a.Secrets) != 1 {
			return ""
		}
		return a.Secrets[0].Name
	}
	eventually(t, "a reference", func() bool { return strings.HasPrefix(name(), "bot-token-") })
	first := name()
	if err := c.CoreV1().Secrets("default").Delete(ctx, first, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "another Secret", func() bool { n := name(); return n != "" && n != first })
}
