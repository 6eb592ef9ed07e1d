package controller

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/controller/work"
)

// newDefaultAccounts keeps a ServiceAccount "default" in every active namespace (SA-10, SA-11). Keys are namespaces.
func newDefaultAccounts(e work.Env) *work.Loop {
	l := e.Loop("default accounts")
	namespaces := e.Factory.Core().V1().Namespaces().Lister()
	accounts := e.Factory.Core().V1().ServiceAccounts().Lister()
	l.WatchKeys(e.Namespaces())
	l.Watch(e.ServiceAccounts(), func(old, new metav1.Object) {
		if new == nil && old.GetName() == "default" {
			l.Queue.Add(old.GetNamespace())
		}
	})
	l.Sync = func(ctx context.Context, key string) error {
		ns, err := namespaces.Get(key)
		if err != nil || !active(ns) {
			return work.Gone(err)
		}
		if _, err := accounts.ServiceAccounts(key).Get("default"); !apierrors.IsNotFound(err) {
			return err
		}
		_, err = e.Client.CoreV1().ServiceAccounts(key).Create(ctx,
			&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: key, Name: "default"}}, metav1.CreateOptions{})
		return unlessMoot(err)
	}
	return l
}

// active says whether a namespace takes new content.
func active(ns *corev1.Namespace) bool {
	return ns.DeletionTimestamp == nil && ns.Status.Phase != corev1.NamespaceTerminating
}

// unlessMoot drops the errors of a create whose wish has come true, or whose namespace is going or gone.
func unlessMoot(err error) error {
	if apierrors.IsAlreadyExists(err) || apierrors.IsNotFound(err) || apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
		return nil
	}
	return err
}
