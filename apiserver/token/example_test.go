package token_test

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/apiserver/token"
	"github.com/kubemint/kubemint/internal/clock"
	"github.com/kubemint/kubemint/internal/pki"
)

// accounts is a cluster with one namespace of accounts and nothing else.
type accounts map[string]*corev1.ServiceAccount

func (a accounts) ServiceAccount(_, name string) (*corev1.ServiceAccount, error) {
	if sa, ok := a[name]; ok {
		return sa, nil
	}
	return nil, apierrors.NewNotFound(corev1.Resource("serviceaccounts"), name)
}
func (accounts) Pod(_, name string) (*corev1.Pod, error) {
	return nil, apierrors.NewNotFound(corev1.Resource("pods"), name)
}
func (accounts) Secret(_, name string) (*corev1.Secret, error) {
	return nil, apierrors.NewNotFound(corev1.Resource("secrets"), name)
}
func (accounts) Node(name string) (*corev1.Node, error) {
	return nil, apierrors.NewNotFound(corev1.Resource("nodes"), name)
}

// A token names its account by uid: the account is deleted and made again under the same name, and the token stays dead.
func Example() {
	key, err := pki.NewSigningKey(pki.ES256)
	if err != nil {
		panic(err)
	}
	keys, err := token.NewKeySet(key)
	if err != nil {
		panic(err)
	}
	const issuer = "https://kubernetes.default.svc.cluster.local"
	now := clock.New(clock.Config{Now: time.Date(2026, 11, 23, 8, 31, 0, 0, time.UTC), Paused: true})
	live := accounts{"robot": {ObjectMeta: metav1.ObjectMeta{Namespace: "ci", Name: "robot", UID: "uid-1"}}}

	raw, claims, err := (&token.Issuer{Keys: keys, Name: issuer}).Mint(token.Request{
		Namespace: "ci", Account: token.Ref{Name: "robot", UID: "uid-1"}, Audiences: []string{issuer}, Seconds: 3600,
	}, now.Now())
	if err != nil {
		panic(err)
	}
	fmt.Println(claims.Subject, "until", claims.Expiry.Time().Format("15:04"))

	verifier := token.NewVerifier(token.Config{Keys: keys, Issuers: []string{issuer}, Getter: live, Clock: now})
	result, err := verifier.Verify(context.Background(), raw, nil)
	fmt.Println(result.User.Groups, err)

	live["robot"] = &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "ci", Name: "robot", UID: "uid-2"}}
	result, err = verifier.Verify(context.Background(), raw, nil)
	fmt.Println(err)
	for _, check := range result.Trace() {
		fmt.Print(check.Step, " ", check.Outcome, "; ")
	}
	// Output:
	// system:serviceaccount:ci:robot until 09:31
	// [system:serviceaccounts system:serviceaccounts:ci system:authenticated] <nil>
	// service account UID (uid-2) does not match claim (uid-1)
	// form ok; issuer ok; signature ok; audience ok; time ok; account failed;
}
