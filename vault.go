package kubemint

import (
	"context"
	"errors"
	"fmt"
	"sync"

	authenticationv1 "k8s.io/api/authentication/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/kubemint/kubemint/internal/vault"
)

// vaultUser is who the vault is to the API server, and vaultBinding what lets it review tokens.
const (
	vaultUser    = "vault"
	vaultBinding = "vault-auth-delegator"
)

// openVault opens the vault outside of the cluster. It has nothing of the cluster but a user's certificate and the clock.
func (c *Cluster) openVault() error {
	cfg := vault.Config{Path: c.path("vault.json"), Now: c.clock.Now, Prepare: c.delegateToVault}
	if c.cfg.Ephemeral || c.cfg.temp {
		cfg.Path = ""
	}
	way := sync.OnceValues(func() (kubernetes.Interface, error) {
		own, err := c.component(vaultUser)
		if err != nil {
			return nil, err
		}
		own.UserAgent = "vault"
		return kubernetes.NewForConfig(own)
	})
	cfg.Review = func(ctx context.Context, token string, audiences []string) (vault.Reviewed, error) {
		api, err := way()
		if err != nil {
			return vault.Reviewed{}, err
		}
		review := &authenticationv1.TokenReview{Spec: authenticationv1.TokenReviewSpec{Token: token, Audiences: audiences}}
		if review, err = api.AuthenticationV1().TokenReviews().Create(ctx, review, metav1.CreateOptions{}); err != nil {
			return vault.Reviewed{}, err
		}
		s := review.Status
		return vault.Reviewed{Authenticated: s.Authenticated, User: s.User.Username, UID: s.User.UID}, nil
	}
	var err error
	c.vault, err = vault.Open(cfg)
	return err
}

// delegateToVault binds the vault's user to system:auth-delegator, as whoever sets a vault up does: once, when the first role is written.
func (c *Cluster) delegateToVault(ctx context.Context) error {
	select {
	case <-c.ready: // c.itself is there since
	default:
		return errors.New("the cluster is not ready yet")
	}
	_, err := c.itself.RbacV1().ClusterRoleBindings().Create(ctx, &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: vaultBinding},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "system:auth-delegator"},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: vaultUser}},
	}, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("let the vault review tokens: %w", err)
	}
	return nil
}
