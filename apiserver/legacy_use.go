package apiserver

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubemint/kubemint/apiserver/registry"
	"github.com/kubemint/kubemint/apiserver/request"
)

// lastUsed is the label that says on which day a legacy token was last used (AUTH-29a).
const lastUsed = "kubernetes.io/legacy-token-last-used"

// use is one use of a legacy token.
type use struct {
	secret *corev1.Secret
	day    string
}

// stamp notes the use of a legacy token. It returns at once; a mark that finds the queue full is made at the next use.
func (s *Server) stamp(secret *corev1.Secret, day string) {
	if !s.Era.TracksLegacyUse() {
		return
	}
	select {
	case s.uses <- use{secret, day}:
	default:
	}
}

// mark writes the labels until the context ends.
func (s *Server) mark(ctx context.Context) {
	ctx = request.WithUser(ctx, itself)
	for {
		select {
		case <-ctx.Done():
			return
		case u := <-s.uses:
			s.markOne(ctx, u)
		}
	}
}

func (s *Server) markOne(ctx context.Context, u use) {
	_, _, err := s.registry.Core("secrets").Update(ctx, u.secret.Namespace, u.secret.Name, registry.UpdateOptions{
		Transform: func(_ context.Context, present runtime.Object) (runtime.Object, error) {
			now := present.(*corev1.Secret)
			if now.UID == u.secret.UID {
				if now.Labels == nil {
					now.Labels = map[string]string{}
				}
				now.Labels[lastUsed] = u.day
			}
			now.ResourceVersion = ""
			return now, nil
		},
	})
	if err != nil {
		s.log.Debug("the use of a legacy token was not noted", "secret", u.secret.Namespace+"/"+u.secret.Name, "err", err)
	}
}
