package registry

import (
	"context"

	"github.com/kubemint/kubemint/apiserver/request"
)

// settled waits until all that decides by what is stored has seen a write (design decision D4).
func (s *Store) settled(ctx context.Context, revision int64) error {
	err := s.cache.Wait(ctx, revision)
	request.Done(ctx, request.StepStore)
	return err
}
