package certificates

import (
	"context"
	"fmt"

	authorizationv1 "k8s.io/api/authorization/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/controller/work"
)

// NewApproval returns the loop that approves client certificates of kubelets whose requesters may have them: for
// themselves (selfnodeclient) or for any node (nodeclient). Keys are the requests' names.
func NewApproval(e work.Env) *work.Loop {
	l := e.Loop("certificate approval")
	requests := e.Factory.Certificates().V1().CertificateSigningRequests().Lister()
	l.WatchKeys(e.CertificateSigningRequests())
	l.Sync = func(ctx context.Context, key string) error {
		req, err := requests.Get(key)
		if err != nil {
			return work.Gone(err)
		}
		if req.Spec.SignerName != certificatesv1.KubeAPIServerClientKubeletSignerName || len(req.Status.Certificate) > 0 ||
			is(req, certificatesv1.CertificateApproved) || is(req, certificatesv1.CertificateDenied) {
			return nil
		}
		csr, err := parse(req.Spec.Request)
		if err != nil || refusals[req.Spec.SignerName](req.Spec, csr) != nil {
			return nil // a person may still approve it, and the signer then says what is wrong
		}
		kinds := []struct{ subresource, message string }{
			{"nodeclient", "Auto approving kubelet client certificate after SubjectAccessReview."},
		}
		if csr.Subject.CommonName == req.Spec.Username {
			kinds = append(kinds[:0:0], struct{ subresource, message string }{"selfnodeclient", "Auto approving self kubelet client certificate after SubjectAccessReview."}, kinds[0])
		}
		for _, k := range kinds {
			allowed, err := may(ctx, e, req, k.subresource)
			if err != nil {
				return err
			}
			if allowed {
				req = req.DeepCopy()
				add(req, certificatesv1.CertificateApproved, "AutoApproved", k.message, e.Clock.Now())
				_, err = e.Client.CertificatesV1().CertificateSigningRequests().UpdateApproval(ctx, key, req, metav1.UpdateOptions{})
				return work.Gone(err)
			}
		}
		return nil
	}
	return l
}

// may asks whether the requester may create certificatesigningrequests/SUBRESOURCE.
func may(ctx context.Context, e work.Env, req *certificatesv1.CertificateSigningRequest, subresource string) (bool, error) {
	extra := map[string]authorizationv1.ExtraValue{}
	for k, v := range req.Spec.Extra {
		extra[k] = authorizationv1.ExtraValue(v)
	}
	res, err := e.Client.AuthorizationV1().SubjectAccessReviews().Create(ctx, &authorizationv1.SubjectAccessReview{
		Spec: authorizationv1.SubjectAccessReviewSpec{
			User: req.Spec.Username, UID: req.Spec.UID, Groups: req.Spec.Groups, Extra: extra,
			ResourceAttributes: &authorizationv1.ResourceAttributes{
				Group: certificatesv1.GroupName, Resource: "certificatesigningrequests", Verb: "create", Subresource: subresource, Version: "*",
			},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		return false, fmt.Errorf("may %s create certificatesigningrequests/%s: %w", req.Spec.Username, subresource, err)
	}
	return res.Status.Allowed, nil
}
