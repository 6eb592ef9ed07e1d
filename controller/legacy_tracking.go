package controller

import (
	"context"
	"log/slog"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	utilclock "k8s.io/utils/clock"

	"github.com/kubemint/kubemint/controller/legacy"
)

// legacyTrackingPeriod is how often the ConfigMap is looked at (SA-20).
const legacyTrackingPeriod = 30 * time.Minute

// LegacyTracking keeps the ConfigMap that says since when the use of legacy tokens has been tracked (SA-20). Like
// SystemNamespaces it is part of the API server and runs under its identity. Eras that do not track have none.
type LegacyTracking struct {
	client kubernetes.Interface
	clock  utilclock.WithTicker
}

// NewLegacyTracking returns the loop; c may get, create and update ConfigMaps in kube-system.
func NewLegacyTracking(c kubernetes.Interface, clock utilclock.WithTicker) *LegacyTracking {
	return &LegacyTracking{client: c, clock: clock}
}

// Ensure makes the ConfigMap with today's date (UTC), or puts today in place of a date that is none.
func (t *LegacyTracking) Ensure(ctx context.Context) error {
	maps := t.client.CoreV1().ConfigMaps(metav1.NamespaceSystem)
	today := t.clock.Now().UTC().Format(time.DateOnly)
	cm, err := maps.Get(ctx, legacy.TrackingConfigMap, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		_, err = maps.Create(ctx, &corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceSystem, Name: legacy.TrackingConfigMap},
			Data:       map[string]string{legacy.TrackingSince: today},
		}, metav1.CreateOptions{})
		return unlessMoot(err)
	}
	if err != nil {
		return err
	}
	if _, err := time.Parse(time.DateOnly, cm.Data[legacy.TrackingSince]); err == nil {
		return nil
	}
	cm.Data = map[string]string{legacy.TrackingSince: today}
	_, err = maps.Update(ctx, cm, metav1.UpdateOptions{})
	return err
}

// Run calls Ensure at once and then every half hour of cluster time until ctx ends.
func (t *LegacyTracking) Run(ctx context.Context) error {
	tick := t.clock.NewTicker(legacyTrackingPeriod)
	defer tick.Stop()
	for {
		if err := t.Ensure(ctx); err != nil && ctx.Err() == nil {
			slog.Warn("tracking of legacy tokens has no start", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C():
		}
	}
}

// Pending is always empty.
func (t *LegacyTracking) Pending() []string { return nil }
