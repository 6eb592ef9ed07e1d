package token

import (
	"fmt"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Key tells one cached token from another (KUB-1). Two volumes of one pod that ask for the same
// audience and life share a token; two pods never do, since the pod's uid is part of it.
// It holds nothing secret and may be logged.
type Key struct {
	Namespace, Account string
	Audiences          string // joined by a byte no audience holds
	Seconds            int64
	BoundKind          string // apiVersion and kind
	BoundName          string
	BoundUID           types.UID
	AccountUID         types.UID // the uid precondition of the request, if any
}

// KeyOf is the key under which the answer to tr is kept.
func KeyOf(namespace, account string, tr *authenticationv1.TokenRequest) Key {
	k := Key{
		Namespace:  namespace,
		Account:    account,
		Audiences:  strings.Join(tr.Spec.Audiences, "\x00"),
		AccountUID: tr.UID,
	}
	if tr.Spec.ExpirationSeconds != nil {
		k.Seconds = *tr.Spec.ExpirationSeconds
	}
	if ref := tr.Spec.BoundObjectRef; ref != nil {
		k.BoundKind = ref.APIVersion + "/" + ref.Kind
		k.BoundName, k.BoundUID = ref.Name, ref.UID
	}
	return k
}

func (k Key) String() string {
	audiences := strings.Split(k.Audiences, "\x00")
	if k.Audiences == "" {
		audiences = nil
	}
	return fmt.Sprintf("%q/%q/%q/%d/%s %q %s", k.Account, k.Namespace, audiences, k.Seconds, k.BoundKind, k.BoundName, k.BoundUID)
}
