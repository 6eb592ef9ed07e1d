package legacy

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	corelisters "k8s.io/client-go/listers/core/v1"

	"github.com/kubemint/kubemint/controller/work"
)

// Names and figures of ERA-40 to ERA-42.
const (
	TrackingConfigMap = "kube-apiserver-legacy-service-account-token-tracking"
	TrackingSince     = "since"

	lastUsedLabel     = "kubernetes.io/legacy-token-last-used"
	invalidSinceLabel = "kubernetes.io/legacy-token-invalid-since"

	DefaultCleanUpPeriod = 8760 * time.Hour
	cleanUpInterval      = 24 * time.Hour
)

// cleaner marks and then deletes auto-generated token Secrets that have long not been used.
type cleaner struct {
	*tokens
	period time.Duration
	pods   corelisters.PodLister
}

// NewCleaner returns the loop that cleans away unused tokens. period is how long a token may lie unused; 0 means
// DefaultCleanUpPeriod. e acts as legacy-service-account-token-cleaner. The loop's one key is empty.
func NewCleaner(e work.Env, cfg Config, period time.Duration) *work.Loop {
	if period == 0 {
		period = DefaultCleanUpPeriod
	}
	c := &cleaner{tokens: newTokens(e, cfg), period: period, pods: e.Factory.Core().V1().Pods().Lister()}
	l := e.Loop("legacy token cleaner")
	l.Workers = 1
	l.Need(c.informer)
	l.Need(e.ServiceAccounts())
	l.Need(e.Pods())
	l.Start = func(ctx context.Context) error {
		l.Queue.Add("")
		return nil
	}
	l.Sync = func(ctx context.Context, _ string) error {
		if err := c.clean(ctx, c.Clock.Now()); err != nil {
			return err
		}
		l.Queue.After("", cleanUpInterval)
		return nil
	}
	return l
}

// clean makes one pass.
func (c *cleaner) clean(ctx context.Context, now time.Time) error {
	since, err := c.since(ctx)
	if err != nil || since.IsZero() || now.Before(since.AddDate(0, 0, 1).Add(c.period)) {
		return err
	}
	all, err := c.secrets.List(labels.Everything())
	if err != nil {
		return err
	}
	for _, s := range all {
		if !c.unused(s, now) {
			continue
		}
		if err := c.retire(ctx, s, now); err != nil {
			return fmt.Errorf("secret %s/%s: %w", s.Namespace, s.Name, err)
		}
	}
	return nil
}

// since is the day from which uses have been tracked; zero if nobody says.
func (c *cleaner) since(ctx context.Context) (time.Time, error) {
	cm, err := c.Client.CoreV1().ConfigMaps(metav1.NamespaceSystem).Get(ctx, TrackingConfigMap, metav1.GetOptions{})
	if err != nil {
		return time.Time{}, work.Gone(err)
	}
	day, err := time.Parse(time.DateOnly, cm.Data[TrackingSince])
	if err != nil {
		return time.Time{}, nil // the API server puts it right
	}
	return day, nil
}

// unused says whether a Secret is to be marked or deleted (ERA-41, ERA-43).
func (c *cleaner) unused(s *corev1.Secret, now time.Time) bool {
	limit := now.Add(-c.period)
	if accountOf(s) == "" || s.DeletionTimestamp != nil || !s.CreationTimestamp.Time.Before(limit) {
		return false
	}
	if used, ok := s.Labels[lastUsedLabel]; ok {
		if day, err := time.Parse(time.DateOnly, used); err != nil || !day.Before(limit) {
			return false
		}
	}
	a, err := c.accounts.ServiceAccounts(s.Namespace).Get(accountOf(s))
	if err != nil || string(a.UID) != s.Annotations[corev1.ServiceAccountUIDKey] || !refers(a, s.Name) {
		return false
	}
	pods, err := c.pods.Pods(s.Namespace).List(labels.Everything())
	if err != nil {
		return false
	}
	for _, p := range pods {
		if names(p, s.Name) {
			return false
		}
	}
	return true
}

// names says whether a pod refers to a Secret anywhere.
func names(p *corev1.Pod, secret string) bool {
	for _, v := range p.Spec.Volumes {
		if v.Secret != nil && v.Secret.SecretName == secret {
			return true
		}
		if v.Projected != nil {
			for _, s := range v.Projected.Sources {
				if s.Secret != nil && s.Secret.Name == secret {
					return true
				}
			}
		}
	}
	for _, r := range p.Spec.ImagePullSecrets {
		if r.Name == secret {
			return true
		}
	}
	for _, c := range containers(p) {
		for _, e := range c.EnvFrom {
			if e.SecretRef != nil && e.SecretRef.Name == secret {
				return true
			}
		}
		for _, e := range c.Env {
			if e.ValueFrom != nil && e.ValueFrom.SecretKeyRef != nil && e.ValueFrom.SecretKeyRef.Name == secret {
				return true
			}
		}
	}
	return false
}

// containers lists the containers of all sorts.
func containers(p *corev1.Pod) []corev1.Container {
	all := slices.Concat(p.Spec.InitContainers, p.Spec.Containers)
	for _, c := range p.Spec.EphemeralContainers {
		all = append(all, corev1.Container(c.EphemeralContainerCommon))
	}
	return all
}

// retire marks a Secret, or deletes it if the mark is old (ERA-42).
func (c *cleaner) retire(ctx context.Context, s *corev1.Secret, now time.Time) error {
	marked, err := time.Parse(time.DateOnly, s.Labels[invalidSinceLabel])
	if err != nil || marked.After(now) {
		data, err := json.Marshal(map[string]any{"metadata": map[string]any{
			"uid": s.UID, "resourceVersion": s.ResourceVersion,
			"labels": map[string]string{invalidSinceLabel: now.UTC().Format(time.DateOnly)},
		}})
		if err != nil {
			return err
		}
		_, err = c.Client.CoreV1().Secrets(s.Namespace).Patch(ctx, s.Name, types.StrategicMergePatchType, data, metav1.PatchOptions{})
		return moot(err)
	}
	if !marked.Before(now.Add(-c.period)) {
		return nil
	}
	return moot(c.Client.CoreV1().Secrets(s.Namespace).Delete(ctx, s.Name,
		metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &s.UID, ResourceVersion: &s.ResourceVersion}}))
}

// moot drops the error of a change to a Secret that has changed meanwhile: it may be in use again.
func moot(err error) error {
	if apierrors.IsConflict(err) {
		return nil
	}
	return work.Gone(err)
}
