package legacy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/rand"

	"github.com/kubemint/kubemint/controller/work"
)

// Length of a generated suffix, and what is left for the base of a name (ERA-20).
const (
	suffixLength = 5
	baseLength   = 63 - suffixLength
)

// accountLoop queues the Secrets of accounts that are gone and, where the era did so, gives each account a Secret of
// its own. Keys are accounts.
func (t *tokens) accountLoop(secrets *work.Loop) *work.Loop {
	l := t.Loop("token accounts")
	l.WatchKeys(t.ServiceAccounts())
	l.Watch(t.informer, func(old, new metav1.Object) {
		if t.Auto && new == nil && accountOf(old) != "" { // a deleted Secret is made again
			l.Queue.Add(old.GetNamespace() + "/" + accountOf(old))
		}
	})
	l.Sync = func(ctx context.Context, key string) error {
		ns, name := work.Split(key)
		account, err := t.accounts.ServiceAccounts(ns).Get(name)
		if err != nil {
			if work.Gone(err) == nil {
				return t.each(ns, name, func(s *corev1.Secret) { secrets.Queue.Add(work.Key(s)) }) // ERA-25
			}
			return err
		}
		if !t.Auto || account.DeletionTimestamp != nil {
			return nil
		}
		return t.give(ctx, l, account)
	}
	return l
}

// each calls f for every token Secret of an account.
func (t *tokens) each(namespace, account string, f func(*corev1.Secret)) error {
	all, err := t.secrets.Secrets(namespace).List(labels.Everything())
	for _, s := range all {
		if accountOf(s) == account {
			f(s)
		}
	}
	return err
}

// give makes the Secret of an account that refers to none (ERA-20).
func (t *tokens) give(ctx context.Context, l *work.Loop, account *corev1.ServiceAccount) error {
	has := false
	err := t.each(account.Namespace, account.Name, func(s *corev1.Secret) {
		has = has || refers(account, s.Name) && s.Annotations[corev1.ServiceAccountUIDKey] == string(account.UID)
	})
	if has || err != nil {
		return err
	}
	live, err := t.Client.CoreV1().ServiceAccounts(account.Namespace).Get(ctx, account.Name, metav1.GetOptions{})
	if err != nil || live.UID != account.UID || live.ResourceVersion != account.ResourceVersion {
		return work.Gone(err) // the informer will tell
	}
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: live.Namespace, Name: secretName(live.Name)},
		Type:       corev1.SecretTypeServiceAccountToken,
	}
	if err := t.complete(secret, live); err != nil {
		return err
	}
	made, err := t.Client.CoreV1().Secrets(secret.Namespace).Create(ctx, secret, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("make secret %s/%s: %w", secret.Namespace, secret.Name, err)
	}
	live.Secrets = append(live.Secrets, corev1.ObjectReference{Name: made.Name})
	updated, err := t.Client.CoreV1().ServiceAccounts(live.Namespace).Update(ctx, live, metav1.UpdateOptions{})
	if err != nil {
		gone := t.Client.CoreV1().Secrets(made.Namespace).Delete(ctx, made.Name, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &made.UID}})
		if work.Gone(gone) != nil {
			return fmt.Errorf("delete unreferenced secret %s/%s: %w", made.Namespace, made.Name, gone)
		}
		return work.Gone(err)
	}
	l.Wrote(work.Key(account), t.informer, made)
	l.Wrote(work.Key(account), t.ServiceAccounts(), updated)
	return nil
}

// secretName is ACCOUNT-token-xxxxx.
func secretName(account string) string {
	base := account + "-token-"
	return base[:min(len(base), baseLength)] + rand.String(suffixLength)
}

func refers(a *corev1.ServiceAccount, secret string) bool {
	return slices.ContainsFunc(a.Secrets, func(r corev1.ObjectReference) bool { return r.Name == secret })
}

func referenceKey(namespace, account, secret string) string {
	return namespace + "/" + account + "/" + secret
}

// referenceLoop takes the names of deleted token Secrets out of their accounts (ERA-26). Keys are
// namespace/account/secret. It asks the server and no informer: an account that an informer has not yet seen change
// would keep the name for good.
func (t *tokens) referenceLoop() *work.Loop {
	l := t.Loop("token references")
	l.Sync = func(ctx context.Context, key string) error {
		parts := strings.SplitN(key, "/", 3)
		ns, name, secret := parts[0], parts[1], parts[2]
		_, err := t.Client.CoreV1().Secrets(ns).Get(ctx, secret, metav1.GetOptions{})
		if err == nil || work.Gone(err) != nil {
			return err
		}
		live, err := t.Client.CoreV1().ServiceAccounts(ns).Get(ctx, name, metav1.GetOptions{})
		if err != nil || !refers(live, secret) {
			return work.Gone(err)
		}
		live.Secrets = slices.DeleteFunc(live.Secrets, func(r corev1.ObjectReference) bool { return r.Name == secret })
		_, err = t.Client.CoreV1().ServiceAccounts(ns).Update(ctx, live, metav1.UpdateOptions{})
		return work.Gone(err)
	}
	return l
}
