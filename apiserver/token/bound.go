package token

import (
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// bound takes a bound token through time, account and bound object (AUTH-13 to AUTH-19). The subject plays no part (AUTH-18).
func (v *Verifier) bound(r *Result, now time.Time) *Refusal {
	if f := v.time(r.Claims, now); f != nil {
		return f
	}
	p := r.Claims.private()
	if f := v.account(p, now); f != nil {
		return f
	}
	if p.Secret != nil {
		if f := v.boundTo(StepSecret, p.Namespace, p.Secret, now); f != nil {
			return f
		}
	}
	if p.Pod != nil {
		if f := v.boundTo(StepPod, p.Namespace, p.Pod, now); f != nil {
			return f
		}
	} else if p.Node != nil && v.Era.ChecksNodeBinding() {
		if f := v.boundTo(StepNode, "", p.Node, now); f != nil {
			return f
		}
	}
	r.Use = UseValid
	if p.WarnAfter != nil {
		if late := now.Unix() - int64(*p.WarnAfter); late > 0 {
			r.Use = UseStale
			r.annotate("authentication.k8s.io/stale-token",
				fmt.Sprintf("subject: %s, seconds after warning threshold: %d", r.Claims.Subject, late))
		}
	}
	return nil
}

// time is AUTH-13: a minute of leeway on each side; no end means no end.
func (v *Verifier) time(c *Claims, now time.Time) *Refusal {
	const slack = "60s"
	switch {
	case c.Expiry != nil && now.Add(-leeway).After(c.Expiry.Time()):
		return refuse(StepTime, CodeExpired, v.words("service account token has expired", "Token has expired."),
			"ended", stamp(c.Expiry.Time()), "now", stamp(now), "leeway", slack)
	case c.NotBefore != nil && now.Add(leeway).Before(c.NotBefore.Time()):
		return refuse(StepTime, CodeNotYet, "service account token is not valid yet",
			"begins", stamp(c.NotBefore.Time()), "now", stamp(now), "leeway", slack)
	case c.IssuedAt != nil && now.Add(leeway).Before(c.IssuedAt.Time()):
		return refuse(StepTime, CodeFuture, "service account token is issued in the future",
			"issued", stamp(c.IssuedAt.Time()), "now", stamp(now), "leeway", slack)
	}
	return nil
}

// account is AUTH-14 and AUTH-19.
func (v *Verifier) account(p *Private, now time.Time) *Refusal {
	name := p.ServiceAccount.Name
	sa, err := v.Getter.ServiceAccount(p.Namespace, name)
	switch {
	case apierrors.IsNotFound(err):
		return refuse(StepAccount, CodeAccountMissing, fmt.Sprintf("serviceaccounts %q not found", name), "namespace", p.Namespace, "name", name)
	case err != nil:
		return refuse(StepAccount, CodeLookup, err.Error(), "error", err.Error())
	case gone(sa.DeletionTimestamp, now):
		return refuse(StepAccount, CodeAccountDeleted, fmt.Sprintf("service account %s/%s has been deleted", p.Namespace, name),
			"namespace", p.Namespace, "name", name, "deleted", stamp(sa.DeletionTimestamp.Time))
	case string(sa.UID) != p.ServiceAccount.UID:
		format := v.words("service account UID (%s) does not match claim (%s)", "ServiceAccount UID (%s) does not match claim (%s)")
		return refuse(StepAccount, CodeAccountUID, fmt.Sprintf(format, sa.UID, p.ServiceAccount.UID),
			"namespace", p.Namespace, "name", name, "uid", string(sa.UID), "claim", p.ServiceAccount.UID,
			"created", stamp(sa.CreationTimestamp.Time))
	}
	return nil
}

// boundTo checks the secret, pod or node a token is bound to (AUTH-15 to AUTH-17, AUTH-19).
func (v *Verifier) boundTo(step Step, namespace string, ref *Ref, now time.Time) *Refusal {
	kind := string(step)
	invalidated := v.words("service account token has been invalidated", "Token has been invalidated")
	m, err := v.meta(step, namespace, ref.Name)
	switch {
	case apierrors.IsNotFound(err):
		return refuse(step, CodeBoundMissing, invalidated, "kind", kind, "namespace", namespace, "name", ref.Name)
	case err != nil:
		return refuse(step, CodeLookup, invalidated, "error", err.Error())
	case gone(m.DeletionTimestamp, now):
		return refuse(step, CodeBoundDeleted, invalidated,
			"kind", kind, "namespace", namespace, "name", ref.Name, "deleted", stamp(m.DeletionTimestamp.Time))
	case string(m.UID) != ref.UID:
		return refuse(step, CodeBoundUID, fmt.Sprintf("%s UID (%s) does not match service account %s ref claim (%s)", kind, m.UID, kind, ref.UID),
			"kind", kind, "namespace", namespace, "name", ref.Name, "uid", string(m.UID), "claim", ref.UID,
			"created", stamp(m.CreationTimestamp.Time))
	}
	return nil
}

func (v *Verifier) meta(step Step, namespace, name string) (*metav1.ObjectMeta, error) {
	switch step {
	case StepSecret:
		o, err := v.Getter.Secret(namespace, name)
		if err != nil {
			return nil, err
		}
		return &o.ObjectMeta, nil
	case StepPod:
		o, err := v.Getter.Pod(namespace, name)
		if err != nil {
			return nil, err
		}
		return &o.ObjectMeta, nil
	}
	o, err := v.Getter.Node(name)
	if err != nil {
		return nil, err
	}
	return &o.ObjectMeta, nil
}

// gone: an object counts as alive for a minute past its deletionTimestamp (AUTH-19).
func gone(deletion *metav1.Time, now time.Time) bool {
	return deletion != nil && deletion.Time.Before(now.Add(-leeway))
}

// words picks a text by era (ERA-8).
func (v *Verifier) words(now, old string) string {
	if v.Era.OldTokenTexts() {
		return old
	}
	return now
}
