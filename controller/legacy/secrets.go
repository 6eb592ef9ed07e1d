package legacy

import (
	"bytes"
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	listers "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"

	"github.com/kubemint/kubemint/controller/work"
)

// Config says what a token Secret is filled with.
type Config struct {
	// Mint signs the token of a Secret for an account.
	Mint func(account *corev1.ServiceAccount, secret string) (string, error)
	// RootCA is the content of ca.crt.
	RootCA []byte
	// Auto makes a Secret for every account (eras up to 1.23).
	Auto bool
	// Reader lists and watches Secrets.
	Reader kubernetes.Interface
}

// tokens is what the loops of this package share.
type tokens struct {
	work.Env
	Config
	accounts listers.ServiceAccountLister
	secrets  listers.SecretLister
	informer *work.Informer // of token Secrets alone
}

// New returns the loops that keep token Secrets: one for Secrets, one for accounts, one for the references of accounts.
// e acts as system:kube-controller-manager: the loop that makes tokens for accounts has none of its own.
func New(e work.Env, cfg Config) []*work.Loop {
	t := newTokens(e, cfg)
	references := t.referenceLoop()
	secrets := t.secretLoop(references)
	return []*work.Loop{secrets, t.accountLoop(secrets), references}
}

func newTokens(e work.Env, cfg Config) *tokens {
	t := &tokens{Env: e, Config: cfg, accounts: e.Factory.Core().V1().ServiceAccounts().Lister()}
	t.informer = e.Informers.Get("secrets of type "+string(corev1.SecretTypeServiceAccountToken), func() cache.SharedIndexInformer {
		return informers.NewSharedInformerFactoryWithOptions(cfg.Reader, 0, informers.WithTweakListOptions(func(o *metav1.ListOptions) {
			o.FieldSelector = fields.OneTermEqualSelector("type", string(corev1.SecretTypeServiceAccountToken)).String()
		})).Core().V1().Secrets().Informer()
	})
	t.secrets = listers.NewSecretLister(t.informer.GetIndexer())
	return t
}

// accountOf names the account of a token Secret, or is empty for any other Secret.
func accountOf(o metav1.Object) string {
	if s, ok := o.(*corev1.Secret); ok && s.Type == corev1.SecretTypeServiceAccountToken {
		return s.Annotations[corev1.ServiceAccountNameKey]
	}
	return ""
}

// secretLoop fills token Secrets and deletes those whose account does not exist. Keys are Secrets.
func (t *tokens) secretLoop(references *work.Loop) *work.Loop {
	l := t.Loop("token secrets")
	l.Need(t.ServiceAccounts())
	l.Watch(t.informer, func(old, new metav1.Object) {
		if new != nil && accountOf(new) != "" {
			l.Queue.Add(work.Key(new))
		}
		if old != nil && new == nil && accountOf(old) != "" {
			references.Queue.Add(referenceKey(old.GetNamespace(), accountOf(old), old.GetName()))
		}
	})
	l.Sync = func(ctx context.Context, key string) error {
		ns, name := work.Split(key)
		secret, err := t.secrets.Secrets(ns).Get(name)
		if err != nil {
			return work.Gone(err)
		}
		account, err := t.account(ctx, secret)
		if err != nil {
			return err
		}
		if account == nil {
			err := t.Client.CoreV1().Secrets(ns).Delete(ctx, name, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &secret.UID}})
			if apierrors.IsConflict(err) {
				return nil
			}
			return work.Gone(err)
		}
		if !t.lacking(secret) {
			return nil
		}
		return t.fill(ctx, secret, account)
	}
	return l
}

// account returns the account of a token Secret, or nil if it does not exist or is another one by UID (ERA-23).
func (t *tokens) account(ctx context.Context, secret *corev1.Secret) (*corev1.ServiceAccount, error) {
	name, uid := secret.Annotations[corev1.ServiceAccountNameKey], secret.Annotations[corev1.ServiceAccountUIDKey]
	is := func(a *corev1.ServiceAccount) bool { return uid == "" || string(a.UID) == uid }
	if a, err := t.accounts.ServiceAccounts(secret.Namespace).Get(name); err == nil && is(a) {
		return a, nil
	}
	a, err := t.Client.CoreV1().ServiceAccounts(secret.Namespace).Get(ctx, name, metav1.GetOptions{}) // the informer may be late
	switch {
	case apierrors.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("account of secret %s/%s: %w", secret.Namespace, secret.Name, err)
	case !is(a):
		return nil, nil
	}
	return a, nil
}

// lacking says whether there is something to fill in (ERA-24).
func (t *tokens) lacking(s *corev1.Secret) bool {
	return len(s.Data[corev1.ServiceAccountTokenKey]) == 0 || len(s.Data[corev1.ServiceAccountNamespaceKey]) == 0 ||
		!bytes.Equal(s.Data[corev1.ServiceAccountRootCAKey], t.RootCA) || s.Annotations[corev1.ServiceAccountUIDKey] == ""
}

// fill writes what a token Secret lacks. A token that somebody else put there is left alone.
func (t *tokens) fill(ctx context.Context, secret *corev1.Secret, account *corev1.ServiceAccount) error {
	secret = secret.DeepCopy()
	if err := t.complete(secret, account); err != nil {
		return err
	}
	_, err := t.Client.CoreV1().Secrets(secret.Namespace).Update(ctx, secret, metav1.UpdateOptions{})
	return work.Gone(err)
}

func (t *tokens) complete(secret *corev1.Secret, account *corev1.ServiceAccount) error {
	metav1.SetMetaDataAnnotation(&secret.ObjectMeta, corev1.ServiceAccountNameKey, account.Name)
	metav1.SetMetaDataAnnotation(&secret.ObjectMeta, corev1.ServiceAccountUIDKey, string(account.UID))
	if secret.Data == nil {
		secret.Data = map[string][]byte{}
	}
	secret.Data[corev1.ServiceAccountRootCAKey] = t.RootCA
	if len(secret.Data[corev1.ServiceAccountNamespaceKey]) == 0 {
		secret.Data[corev1.ServiceAccountNamespaceKey] = []byte(secret.Namespace)
	}
	if len(secret.Data[corev1.ServiceAccountTokenKey]) == 0 {
		token, err := t.Mint(account, secret.Name)
		if err != nil {
			return fmt.Errorf("token of secret %s/%s: %w", secret.Namespace, secret.Name, err)
		}
		secret.Data[corev1.ServiceAccountTokenKey] = []byte(token)
	}
	return nil
}
