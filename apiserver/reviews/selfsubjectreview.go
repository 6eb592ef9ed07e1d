package reviews

import (
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/apiserver/request"
)

// SelfSubjectReview tells a caller who they are, after impersonation (AUTH-33). Of the metadata only the moment is set.
func SelfSubjectReview(u *request.User, now time.Time) *authenticationv1.SelfSubjectReview {
	return &authenticationv1.SelfSubjectReview{
		ObjectMeta: metav1.ObjectMeta{CreationTimestamp: metav1.NewTime(now.UTC().Truncate(time.Second))},
		Status:     authenticationv1.SelfSubjectReviewStatus{UserInfo: UserInfo(u)},
	}
}
