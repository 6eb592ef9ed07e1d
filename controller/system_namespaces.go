package controller

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	utilclock "k8s.io/utils/clock"
)

// systemNamespaces are the ones that the API server itself keeps in existence (SA-15).
var systemNamespaces = [...]string{metav1.NamespaceSystem, metav1.NamespaceDefault, metav1.NamespacePublic, corev1.NamespaceNodeLease}

// How often the system namespaces are looked at: by the cluster's clock, but in wall time no more often than the pause.
const (
	systemNamespacesPeriod = time.Minute
	systemNamespacesPause  = 250 * time.Millisecond
)

// SystemNamespaces keeps default, kube-system, kube-public and kube-node-lease in existence. It is part of the API
// server and runs under its identity, not under the controller manager's.
type SystemNamespaces struct {
	client kubernetes.Interface
	clock  utilclock.WithTicker
}

// NewSystemNamespaces returns the loop; c must be allowed to get and create namespaces.
func NewSystemNamespaces(c kubernetes.Interface, clock utilclock.WithTicker) *SystemNamespaces {
	return &SystemNamespaces{client: c, clock: clock}
}

// Ensure makes the namespaces that are missing, all at a time. A cluster that starts calls it before anything else
// that needs a namespace.
func (s *SystemNamespaces) Ensure(ctx context.Context) error {
	errs := make(chan error, len(systemNamespaces))
	for _, name := range systemNamespaces {
		go func() { errs <- s.ensure(ctx, name) }()
	}
	var all error
	for range systemNamespaces {
		all = errors.Join(all, <-errs)
	}
	return all
}

func (s *SystemNamespaces) ensure(ctx context.Context, name string) error {
	_, err := s.client.CoreV1().Namespaces().Get(ctx, name, metav1.GetOptions{})
	if !apierrors.IsNotFound(err) {
		return err
	}
	_, err = s.client.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("make namespace %s: %w", name, err)
	}
	return nil
}

// Run calls Ensure at once and then every minute until ctx ends.
func (s *SystemNamespaces) Run(ctx context.Context) error {
	tick := s.clock.NewTicker(systemNamespacesPeriod)
	defer tick.Stop()
	for {
		if err := s.Ensure(ctx); err != nil && ctx.Err() == nil {
			slog.Warn("system namespaces not all there", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(systemNamespacesPause):
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C():
		}
	}
}

// Pending is always empty: the loop answers to nothing but the time.
func (s *SystemNamespaces) Pending() []string { return nil }
