package admission

import (
	"context"
	"math/rand/v2"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

const (
	accountPlugin  = "ServiceAccount"
	defaultAccount = "default"
	// EnforceMountableSecrets on an account holds its pods to the Secrets it lists (ADM-17; deprecated since 1.32).
	EnforceMountableSecrets = "kubernetes.io/enforce-mountable-secrets"
	// lookups is how often the account "default" is looked for, since a controller is about to make it (ADM-5).
	lookups = 10
)

// serviceAccount gives every pod an account, its token and its pull secrets (ADM-1 to ADM-19). It changes pods on create only.
type serviceAccount struct{ Config }

func (p *serviceAccount) mutate(ctx context.Context, a *Attributes) error {
	pod, ok := podOf(a)
	if !ok || a.Operation != Create || a.Subresource != "" {
		return nil
	}
	if isMirror(pod) {
		return p.validate(ctx, a) // a kubelet deletes a mirror pod that differs from its file: nothing may be added
	}
	if pod.Spec.ServiceAccountName == "" {
		pod.Spec.ServiceAccountName = defaultAccount
		a.note(accountPlugin, NoteDefaultAccount, "account", defaultAccount)
	}
	pod.Spec.DeprecatedServiceAccount = pod.Spec.ServiceAccountName // both are always shown, equal (ADM-3)
	account, err := p.account(ctx, a.Namespace, pod.Spec.ServiceAccountName)
	if err != nil {
		return forbiddenf(a, "error looking up service account %s/%s: %w", a.Namespace, pod.Spec.ServiceAccountName, err)
	}
	if err := p.token(a, account, pod); err != nil {
		return err
	}
	if len(pod.Spec.ImagePullSecrets) == 0 && len(account.ImagePullSecrets) > 0 {
		pod.Spec.ImagePullSecrets = append([]corev1.LocalObjectReference(nil), account.ImagePullSecrets...)
		a.note(accountPlugin, NotePullSecrets, "account", account.Name, "count", strconv.Itoa(len(account.ImagePullSecrets)))
	}
	return p.check(a, account, pod)
}

// token mounts the account's token, unless the pod or, if the pod says nothing, the account says no (ADM-6).
func (p *serviceAccount) token(a *Attributes, account *corev1.ServiceAccount, pod *corev1.Pod) error {
	if m := pod.Spec.AutomountServiceAccountToken; m != nil {
		if !*m {
			a.note(accountPlugin, NoteTokenRefusedByPod, "account", account.Name)
			return nil
		}
	} else if m := account.AutomountServiceAccountToken; m != nil && !*m {
		a.note(accountPlugin, NoteTokenRefusedByAccount, "account", account.Name)
		return nil
	}
	if p.SecretMounts {
		return p.mountSecret(a, account, pod)
	}
	p.mountProjected(a, account, pod)
	return nil
}

func (p *serviceAccount) validate(ctx context.Context, a *Attributes) error {
	pod, ok := podOf(a)
	if !ok {
		return nil
	}
	switch {
	case a.Operation == Create && a.Subresource == "":
		if isMirror(pod) {
			return checkMirror(a, pod)
		}
	case a.Operation == Update && a.Subresource == "ephemeralcontainers":
	default:
		return nil
	}
	if pod.Spec.ServiceAccountName == "" {
		return forbiddenf(a, "no service account specified for pod %s/%s", a.Namespace, pod.Name)
	}
	account, err := p.account(ctx, a.Namespace, pod.Spec.ServiceAccountName)
	if err != nil {
		return forbiddenf(a, "error looking up service account %s/%s: %w", a.Namespace, pod.Spec.ServiceAccountName, err)
	}
	return p.check(a, account, pod)
}

// check holds a pod to the Secrets that its account lists, if the account says so (ADM-17).
func (p *serviceAccount) check(a *Attributes, account *corev1.ServiceAccount, pod *corev1.Pod) error {
	if enforce, _ := strconv.ParseBool(account.Annotations[EnforceMountableSecrets]); !enforce {
		return nil
	}
	var err error
	if a.Subresource == "ephemeralcontainers" {
		err = checkEphemeralSecrets(account, pod)
	} else {
		err = checkSecrets(account, pod)
	}
	if err != nil {
		return forbidden(a, err)
	}
	return nil
}

// account looks an account up: once, or, for "default", as long as its controller may reasonably take in a new namespace (ADM-5).
func (p *serviceAccount) account(ctx context.Context, namespace, name string) (*corev1.ServiceAccount, error) {
	tries := 1
	if name == defaultAccount {
		tries = lookups
	}
	if err := unreadable(name); err != nil {
		return nil, err
	}
	between := time.Duration(100+rand.IntN(100)) * time.Millisecond
	for i := range tries {
		if i > 0 {
			if err := p.Pause(ctx, between); err != nil {
				return nil, err
			}
		}
		account, err := p.Getter.ServiceAccount(namespace, name)
		if err == nil {
			return account, nil
		}
		if !apierrors.IsNotFound(err) {
			return nil, err
		}
	}
	return nil, apierrors.NewNotFound(schema.GroupResource{Resource: "serviceaccount"}, name)
}

// podOf is the pod of a request on pods or pods/ephemeralcontainers.
func podOf(a *Attributes) (*corev1.Pod, bool) {
	if a.Resource.Group != "" || a.Resource.Resource != "pods" || (a.Subresource != "" && a.Subresource != "ephemeralcontainers") {
		return nil, false
	}
	pod, ok := a.Object.(*corev1.Pod)
	return pod, ok && pod != nil
}
