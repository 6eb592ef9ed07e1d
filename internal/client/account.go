package client

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/utils/clock"
)

// tokenSeconds is the life that a component asks for, and renewShare the part of it that is left when a new one is
// fetched (SA-18).
const (
	tokenSeconds = 3600
	renewShare   = 5 // a fifth
)

// accountWait is how long a token is awaited in a cluster so young that the account's namespace does not exist yet;
// accountPause is the wall time between two looks.
const (
	accountWait  = 5 * time.Second
	accountPause = 5 * time.Millisecond
)

// AccountConfig says whose token an [Account] carries and who asks for it.
type AccountConfig struct {
	// Client may create ServiceAccounts and their tokens: system:kube-controller-manager.
	Client kubernetes.Interface
	// Base carries the requests. It must show no client certificate, for that would win over the token.
	Base http.RoundTripper
	// Clock is the cluster's: a token is renewed by the time it was issued in.
	Clock clock.PassiveClock
	// Namespace and Name of the ServiceAccount. An empty Namespace means kube-system.
	Namespace, Name string
}

// Account is an http.RoundTripper that acts as a ServiceAccount (SA-17, SA-18): it makes the account if there is
// none, fetches a token by TokenRequest with the first request, renews it when a fifth of its life is left, and
// fetches a new one when the server answers 401. It is safe for concurrent use; one fetch serves all who wait.
type Account struct {
	cfg AccountConfig

	mu       sync.Mutex
	held     heldToken
	fetching chan struct{} // closed when the fetch under way has ended; nil when there is none
}

type heldToken struct {
	value   string
	issued  time.Time
	expires time.Time
}

// due says whether a new token is to be fetched at now, and dead whether this one cannot be used any more.
func (t heldToken) due(now time.Time) bool {
	return !now.Before(t.expires.Add(-t.expires.Sub(t.issued) / renewShare))
}
func (t heldToken) dead(now time.Time) bool { return t.value == "" || !now.Before(t.expires) }

// NewAccount returns the transport of one account. It sends nothing by itself.
func NewAccount(cfg AccountConfig) *Account {
	if cfg.Namespace == "" {
		cfg.Namespace = metav1.NamespaceSystem
	}
	return &Account{cfg: cfg}
}

// RoundTrip sends req with the account's token. A 401 is tried once more with a new token, if the body can be sent
// again.
func (a *Account) RoundTrip(req *http.Request) (*http.Response, error) {
	token, err := a.token(req.Context(), "")
	if err != nil {
		closeBody(req)
		return nil, err
	}
	res, err := a.cfg.Base.RoundTrip(withToken(req, token))
	if err != nil || res.StatusCode != http.StatusUnauthorized || (req.Body != nil && req.GetBody == nil) {
		return res, err
	}
	again := req.Clone(req.Context())
	if req.GetBody != nil {
		if again.Body, err = req.GetBody(); err != nil {
			return res, nil
		}
	}
	token, err = a.token(req.Context(), token)
	if err != nil {
		closeBody(again)
		return res, nil // the 401 says more than a failed renewal
	}
	res.Body.Close()
	return a.cfg.Base.RoundTrip(withToken(again, token))
}

func withToken(req *http.Request, token string) *http.Request {
	req = req.Clone(req.Context())
	req.Header.Set("Authorization", "Bearer "+token)
	return req
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		req.Body.Close()
	}
}

// token returns a token that is good now and is not the refused one.
func (a *Account) token(ctx context.Context, refused string) (string, error) {
	for {
		now := a.cfg.Clock.Now()
		a.mu.Lock()
		held, fetching := a.held, a.fetching
		usable := !held.dead(now) && held.value != refused
		if usable && !held.due(now) {
			a.mu.Unlock()
			return held.value, nil
		}
		if fetching == nil {
			fetching = make(chan struct{})
			a.fetching = fetching
			a.mu.Unlock()
			fresh, err := a.fetch(ctx)
			a.mu.Lock()
			if err == nil {
				a.held = fresh
			}
			a.fetching = nil
			a.mu.Unlock()
			close(fetching)
			switch {
			case err == nil:
				return fresh.value, nil
			case usable: // a failed renewal matters once the old token is dead
				return held.value, nil
			}
			return "", err
		}
		a.mu.Unlock()
		select {
		case <-fetching:
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	}
}

// fetch asks for a token, and makes the account first where it is missing.
func (a *Account) fetch(ctx context.Context) (heldToken, error) {
	for began := time.Now(); ; { // wall time: how long a person would wait
		issued := a.cfg.Clock.Now()
		seconds := int64(tokenSeconds)
		res, err := a.cfg.Client.CoreV1().ServiceAccounts(a.cfg.Namespace).CreateToken(ctx, a.cfg.Name,
			&authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &seconds}}, metav1.CreateOptions{})
		if err == nil {
			return heldToken{value: res.Status.Token, issued: issued, expires: res.Status.ExpirationTimestamp.Time}, nil
		}
		if !apierrors.IsNotFound(err) {
			return heldToken{}, fmt.Errorf("fetch token of serviceaccount %s/%s: %w", a.cfg.Namespace, a.cfg.Name, err)
		}
		err = a.create(ctx)
		if err != nil {
			if !apierrors.IsNotFound(err) || time.Since(began) > accountWait {
				return heldToken{}, fmt.Errorf("make serviceaccount %s/%s: %w", a.cfg.Namespace, a.cfg.Name, err)
			}
			select {
			case <-time.After(accountPause):
			case <-ctx.Done():
				return heldToken{}, context.Cause(ctx)
			}
		}
	}
}

func (a *Account) create(ctx context.Context) error {
	_, err := a.cfg.Client.CoreV1().ServiceAccounts(a.cfg.Namespace).Create(ctx,
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: a.cfg.Namespace, Name: a.cfg.Name}}, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}

// Ensure makes the account if it does not exist, without fetching a token.
func (a *Account) Ensure(ctx context.Context) error {
	_, err := a.cfg.Client.CoreV1().ServiceAccounts(a.cfg.Namespace).Get(ctx, a.cfg.Name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		err = a.create(ctx)
	}
	if err != nil {
		return fmt.Errorf("make serviceaccount %s/%s: %w", a.cfg.Namespace, a.cfg.Name, err)
	}
	return nil
}
