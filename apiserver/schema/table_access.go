package schema

import (
	"strings"
	"time"

	certificatesv1 "k8s.io/api/certificates/v1"
	certificatesv1beta1 "k8s.io/api/certificates/v1beta1"
	rbacv1 "k8s.io/api/rbac/v1"
	rbacv1beta1 "k8s.io/api/rbac/v1beta1"
	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/duration"
)

// accessTables shows bindings and certificate requests. Roles have no columns of their own (API-197).
func accessTables() map[runtimeschema.GroupVersionKind]*tableKind {
	rbac := rbacv1.SchemeGroupVersion
	return map[runtimeschema.GroupVersionKind]*tableKind{
		rbac.WithKind("RoleBinding"): shown(columns(
			nameColumn(), column("Role", doc(rbacv1beta1.RoleBinding{}, "roleRef")), ageColumn(),
			wide(column("Users", "Users in the roleBinding")),
			wide(column("Groups", "Groups in the roleBinding")),
			wide(column("ServiceAccounts", "ServiceAccounts in the roleBinding")),
		), func(b *rbacv1.RoleBinding, o *TableOptions) []any {
			users, groups, accounts := subjectCells(b.Subjects)
			return []any{b.Name, b.RoleRef.Kind + "/" + b.RoleRef.Name, o.age(b.CreationTimestamp), users, groups, accounts}
		}),
		rbac.WithKind("ClusterRoleBinding"): shown(columns(
			nameColumn(), column("Role", doc(rbacv1beta1.ClusterRoleBinding{}, "roleRef")), ageColumn(),
			wide(column("Users", "Users in the clusterRoleBinding")),
			wide(column("Groups", "Groups in the clusterRoleBinding")),
			wide(column("ServiceAccounts", "ServiceAccounts in the clusterRoleBinding")),
		), func(b *rbacv1.ClusterRoleBinding, o *TableOptions) []any {
			users, groups, accounts := subjectCells(b.Subjects)
			return []any{b.Name, b.RoleRef.Kind + "/" + b.RoleRef.Name, o.age(b.CreationTimestamp), users, groups, accounts}
		}),
		certificatesv1.SchemeGroupVersion.WithKind("CertificateSigningRequest"): shown(columns(
			nameColumn(), ageColumn(),
			column("SignerName", doc(certificatesv1beta1.CertificateSigningRequestSpec{}, "signerName")),
			column("Requestor", doc(certificatesv1beta1.CertificateSigningRequestSpec{}, "request")),
			column("RequestedDuration", doc(certificatesv1beta1.CertificateSigningRequestSpec{}, "expirationSeconds")),
			column("Condition", doc(certificatesv1beta1.CertificateSigningRequestStatus{}, "conditions")),
		), func(c *certificatesv1.CertificateSigningRequest, o *TableOptions) []any {
			asked := "<none>"
			if s := c.Spec.ExpirationSeconds; s != nil {
				asked = duration.HumanDuration(time.Duration(*s) * time.Second)
			}
			return []any{c.Name, o.age(c.CreationTimestamp), orElse(c.Spec.SignerName, "<none>"), c.Spec.Username, asked, requestCondition(c)}
		}),
	}
}

// subjectCells lists subjects by kind. The namespace of an account is shown as stored, which may be
// not at all.
func subjectCells(subjects []rbacv1.Subject) (users, groups, accounts string) {
	var u, g, a []string
	for _, s := range subjects {
		switch s.Kind {
		case rbacv1.UserKind:
			u = append(u, s.Name)
		case rbacv1.GroupKind:
			g = append(g, s.Name)
		case rbacv1.ServiceAccountKind:
			a = append(a, s.Namespace+"/"+s.Name)
		}
	}
	return strings.Join(u, ", "), strings.Join(g, ", "), strings.Join(a, ", ")
}

func requestCondition(c *certificatesv1.CertificateSigningRequest) string {
	has := map[certificatesv1.RequestConditionType]bool{}
	for _, condition := range c.Status.Conditions {
		has[condition.Type] = true
	}
	condition := "Pending"
	switch {
	case has[certificatesv1.CertificateDenied]:
		condition = "Denied"
	case has[certificatesv1.CertificateApproved]:
		condition = "Approved"
	}
	if has[certificatesv1.CertificateFailed] {
		condition += ",Failed"
	}
	if len(c.Status.Certificate) > 0 {
		condition += ",Issued"
	}
	return condition
}
